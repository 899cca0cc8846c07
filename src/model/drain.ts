/** A drain: an operator takes something out of service. Its own object, so that the next apply of an announcement can't undo it. */
import Type, { type Static } from 'typebox';
import { Name, type ResourceRecord, resourceInput, resourceOutput } from './resource.ts';

const AnnouncementRef = Type.String({
  pattern: '^[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9]*$',
  description: 'project/name',
});

export const DrainSpec = Type.Object(
  {
    target: Type.Union(
      [
        Type.Object(
          { nextHop: Type.String({ maxLength: 45, description: 'Address, in every announcement.' }) },
          { additionalProperties: false },
        ),
        Type.Object({ announcement: AnnouncementRef }, { additionalProperties: false }),
        Type.Object({ zone: Name }, { additionalProperties: false }),
        Type.Object({ speaker: Name }, { additionalProperties: false }),
      ],
      { description: 'What is taken out of service: a next hop, an announcement, a zone or a speaker.' },
    ),
    until: Type.Optional(
      Type.String({
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
        description: 'RFC 3339; the drain has no effect from then on. Default: until deleted.',
      }),
    ),
    why: Type.Optional(Type.String({ maxLength: 1024, description: 'For the person who finds it.' })),
  },
  {
    title: 'DrainSpec',
    description: 'What is taken out of service, until when, and why.',
    additionalProperties: false,
  },
);
export type DrainSpec = Static<typeof DrainSpec>;
export type DrainRecord = ResourceRecord<DrainSpec>;

export const DrainInput = resourceInput('Drain', DrainSpec);
export const Drain = resourceOutput('Drain', DrainSpec, Type.Object({}, { description: 'Nothing yet.' }));
