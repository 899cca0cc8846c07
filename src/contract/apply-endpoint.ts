/** Apply: several resources in one call, and what a dry run of it tells. */
import Type from 'typebox';
import { FieldChange } from '../model/field-changes.ts';
import { endpoint } from './endpoint.ts';

const PathChange = Type.Object(
  {
    prefix: Type.String({ description: 'Prefix of the path.' }),
    nextHop: Type.String({ description: 'Next hop of the path.' }),
    reason: Type.String({ description: 'The reason word.' }),
  },
  { title: 'PathChange', description: 'One path, and why.' },
);

/** Paths that each list of a diff holds, at one speaker; further ones are counted. */
export const mostPathsListed = 1_000;

const more = (what: string) => Type.Optional(Type.Integer({ description: `Further paths that ${what}.` }));

/** What a write would change, or has been seen to want, at one speaker. */
export const PathDiff = Type.Object(
  {
    speaker: Type.String({ description: 'Name of the speaker.' }),
    announce: Type.Array(PathChange, { description: 'Paths that come.' }),
    withdraw: Type.Array(PathChange, { description: 'Paths that go.' }),
    change: Type.Array(PathChange, { description: 'Paths whose attributes change.' }),
    keep: Type.Optional(
      Type.Array(PathChange, { description: "What is there stays, what isn't stays absent, until more is known." }),
    ),
    more: Type.Optional(
      Type.Object(
        {
          announce: more('come'),
          withdraw: more('go'),
          change: more('get other attributes'),
          keep: more('are kept as they are'),
        },
        { description: 'How many paths are not listed: each list ends at 1,000.' },
      ),
    ),
  },
  { title: 'PathDiff', description: 'What changes at one speaker.' },
);

export const ApplyResult = Type.Object({
  kind: Type.String({ description: 'Kind of the resource.' }),
  name: Type.String({ description: 'project/name, or name.' }),
  result: Type.Union(
    [Type.Literal('created'), Type.Literal('changed'), Type.Literal('unchanged'), Type.Literal('failed')],
    { description: 'What became of it.' },
  ),
  revision: Type.Optional(Type.Integer({ description: 'Its store revision after the write.' })),
  changes: Type.Optional(
    Type.Array(FieldChange, {
      description: 'Dry run only: how the object would differ from what is stored, in metadata and spec.',
    }),
  ),
  error: Type.Optional(
    Type.Object(
      {
        code: Type.String({ description: 'The error code.' }),
        detail: Type.String({ description: 'What is wrong, with which object, and what to do.' }),
        field: Type.Optional(Type.String({ description: 'Path of the offending field.' })),
        reason: Type.Optional(Type.String({ description: 'The reason word, where one applies.' })),
      },
      { description: 'Why it failed.' },
    ),
  ),
});

export const applyEndpoint = endpoint({
  id: 'apply',
  method: 'POST',
  path: '/v1/apply',
  summary:
    'Create or replace several resources, each for itself, in order; dryRun=true writes nothing and answers the changes of each and the path diff. Takes up to 55 s on a slow disk; what was not reached by then is answered as failed, with code timeout.',
  permission: 'edit',
  // 100 writes, as the command line sends at most, at 500 ms each; it waits 60 s.
  answerWithinMs: 55_000,
  query: Type.Object(
    {
      dryRun: Type.Optional(
        Type.Boolean({ description: 'true: write nothing, answer what would happen. Default false.' }),
      ),
    },
    { additionalProperties: false },
  ),
  body: Type.Object(
    {
      resources: Type.Array(Type.Unknown({ description: 'Announcement, Drain, Peer or Project.' }), {
        minItems: 1,
        maxItems: 500,
        description: 'In the order they are written.',
      }),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    dryRun: Type.Boolean({ description: 'Whether nothing was written.' }),
    results: Type.Array(ApplyResult, { description: 'One a resource, in their order.' }),
    paths: Type.Array(PathDiff, { description: 'What it changes at each speaker.' }),
  }),
});
