/** What happened, for people: events, as the API servers derive them from the changes of the store and keep the newest. */
import Type, { type Static } from 'typebox';
import { oneOf } from './one-of.ts';

/** Every kind of event, with what it tells. */
export const eventKinds = {
  created: 'A user created an object.',
  changed: 'A user changed an object.',
  deleted: 'A user deleted an object.',
  undeleted: 'A user restored a deleted object.',
  nextHopUp: 'The checkers find a next hop up that was not.',
  nextHopDown: 'The checkers find a next hop down that was not.',
  nextHopSuspect: 'A next hop fails only from some points of view.',
  peerUp: 'A BGP session was established.',
  peerDown: 'A BGP session is established no more.',
  condition: 'A speaker reports that something is wrong with it.',
  conditionGone: 'What was wrong with a speaker is so no more.',
  pathAnnounced: 'A speaker announced a path.',
  pathChanged: 'A speaker changed the attributes or the next hop of a path.',
  pathWithdrawn: 'A speaker withdrew a path.',
  checkerJoined: 'A checker has joined.',
  checkerLeft: 'A checker has left, or its lease has run out.',
  leftOut: 'More happened than is kept; count tells how many events were left out, where that is known.',
} as const;
export type EventKind = keyof typeof eventKinds;

const words = [
  'created',
  'changed',
  'deleted',
  'undeleted',
  'nextHopUp',
  'nextHopDown',
  'nextHopSuspect',
  'peerUp',
  'peerDown',
  'condition',
  'conditionGone',
  'pathAnnounced',
  'pathChanged',
  'pathWithdrawn',
  'checkerJoined',
  'checkerLeft',
  'leftOut',
] as const satisfies readonly EventKind[];
export const EventKindWord = oneOf(words, { description: 'What happened.' });

const About = oneOf(['Announcement', 'Drain', 'Peer', 'Project', 'Speaker', 'Checker'], {
  description: 'Kind of the object.',
});

/** At `events/<revision, 16 digits>-<index, 3 digits>`. */
export const EventRecord = Type.Object(
  {
    v: Type.Literal(1, { description: 'Version of the record.' }),
    at: Type.String({ description: 'When it happened, RFC 3339: by the record that tells of it, where it says so.' }),
    kind: EventKindWord,
    about: Type.Optional(About),
    object: Type.Optional(Type.String({ description: 'Name of the object: project/name, or name.' })),
    others: Type.Optional(
      Type.Array(Type.String(), { description: 'Further announcements that it concerns; at most 9 are named.' }),
    ),
    prefix: Type.Optional(Type.String({ description: 'Of the path.' })),
    nextHop: Type.Optional(Type.String({ description: 'Of the path, or what the checkers probed.' })),
    reason: Type.String({ description: 'The reason word.' }),
    message: Type.String({ description: 'The same in a sentence.' }),
    count: Type.Optional(
      Type.Integer({ description: 'leftOut only: how many events were left out; absent when no server knows.' }),
    ),
  },
  { title: 'EventRecord', description: 'Something that happened.' },
);
export type EventRecord = Static<typeof EventRecord>;

/** Events that are kept; the oldest go in the commit that writes new ones. */
export const mostEvents = 5_000;

/** Index of what was left out up to a revision: behind all events of that revision. */
export const leftOutIndex = 999;

/** `0000000000000042-001`: in the order of what happened. */
export function eventId(revision: number, index: number): string {
  return `${String(revision).padStart(16, '0')}-${String(index).padStart(3, '0')}`;
}

export const eventKey = (id: string): string => `events/${id}`;

/** How far events are written: at most one server writes what follows a position. */
export const eventPositionKey = 'event-log/written';
