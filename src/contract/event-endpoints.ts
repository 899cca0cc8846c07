/** The call for what happened. */
import Type, { type Static } from 'typebox';
import { EventKindWord, EventRecord } from '../model/event.ts';
import { endpoint } from './endpoint.ts';

/** Events of one answer, at most and by default. */
export const mostEventsAnswered = 500;

export const Event = Type.Object(
  {
    id: Type.String({ description: 'Store revision in which it happened, and its number there; grows.' }),
    revision: Type.Integer({ description: 'Store revision in which it happened.' }),
    ...EventRecord.properties,
  },
  { title: 'Event', description: 'Something that happened.' },
);
export type Event = Static<typeof Event>;

export const eventsEndpoint = endpoint({
  id: 'events.list',
  method: 'GET',
  path: '/v1/events',
  summary:
    'What happened, the oldest first: the last of the events that match. Earlier ones: ask again with before = earlier of the answer. The newest 5,000 are kept; new ones come over the watch of the collection events.',
  permission: 'read',
  query: Type.Object(
    {
      object: Type.Optional(
        Type.String({ minLength: 1, maxLength: 193, description: 'Only of this object: project/name, or name.' }),
      ),
      prefix: Type.Optional(Type.String({ minLength: 3, maxLength: 43, description: 'Only of paths of this prefix.' })),
      kind: Type.Optional(EventKindWord),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: mostEventsAnswered, description: 'Events of the answer. Default 500.' }),
      ),
      before: Type.Optional(
        Type.String({
          pattern: '^\\d{1,16}(-\\d{3})?$',
          description: 'Only events before this one (an id), or before this store revision.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    revision: Type.Integer({ description: 'Store revision of the answer: a watch that goes on after it misses none.' }),
    events: Type.Array(Event, { description: 'The oldest first.' }),
    earlier: Type.Optional(Type.String({ description: 'There are earlier ones: ask with before = this.' })),
  }),
});
