/** A speaker as its updater reports it. Identity comes from the node's configuration. */
import Type, { type Static } from 'typebox';
import { PeerState } from './peer.ts';
import { Name } from './resource.ts';

/** A path that is not what the announcement wants, and why. */
export const PathException = Type.Object(
  {
    prefix: Type.String({ description: 'Prefix of the path.' }),
    nextHop: Type.String({ description: 'Next hop of the path.' }),
    kind: Type.Union(
      [Type.Literal('held'), Type.Literal('refused'), Type.Literal('failed'), Type.Literal('unexplained')],
      { description: 'Held for want of evidence, refused by the rules, failed in the daemon, or there unexplained.' },
    ),
    reason: Type.String({ description: 'The reason word.' }),
  },
  { title: 'PathException', description: 'A path that is not what the announcement wants, and why.' },
);
export type PathException = Static<typeof PathException>;

/** A path that the updater put into the speaker's RIB, altered there, or took out of it. */
export const PathChange = Type.Object({
  seq: Type.Integer({ minimum: 1, description: 'Counts the path changes since the updater started.' }),
  at: Type.String({ description: 'When the speaker acknowledged it, RFC 3339.' }),
  action: Type.Union([Type.Literal('announce'), Type.Literal('change'), Type.Literal('withdraw')], {
    description: 'What was done.',
  }),
  prefix: Type.String({ description: 'Prefix of the path.' }),
  nextHop: Type.String({ description: 'Its next hop.' }),
  reason: Type.String({ description: 'The reason word of the decision.' }),
});
export type PathChange = Static<typeof PathChange>;

/** Changes named in a report, at most. */
export const mostPathChanges = 50;

/** At `speaker-status/<name>`; written by its updater alone, at most once a second. */
export const SpeakerStatusRecord = Type.Object(
  {
    v: Type.Literal(1, { description: 'Version of the record.' }),
    name: Name,
    node: Type.String({ description: 'Name of the node it runs on.' }),
    zone: Name,
    asn: Type.Integer({ description: 'Its AS number.' }),
    routerId: Type.String({ description: 'Its BGP identifier.' }),
    generation: Type.Optional(Type.String({ description: 'GoBGP API in use: v3 or v4.' })),
    appliedRevision: Type.Integer({
      description: 'The RIB equals what is wanted at this store revision, but for the exceptions.',
    }),
    paths: Type.Integer({ description: 'Own paths in the RIB.' }),
    foreignPaths: Type.Integer({ description: 'Local paths in the RIB that are not ours; never touched.' }),
    peers: Type.Array(
      Type.Intersect([Type.Object({ name: Type.String({ description: 'Name of the peer.' }) }), PeerState]),
      { description: 'Its sessions.' },
    ),
    exceptions: Type.Array(PathException, { description: 'At most 1000; exceptionCount tells all.' }),
    exceptionCount: Type.Integer({ description: 'How many exceptions there are, listed or not.' }),
    conditions: Type.Array(
      Type.Object({
        reason: Type.String({ description: 'The reason word.' }),
        message: Type.String({ description: 'The same in a sentence.' }),
      }),
      {
        description: 'speakerConfigMismatch, speakerShared, speakerUnresponsive, listenRefused, …',
      },
    ),
    changes: Type.Optional(
      Type.Object(
        {
          since: Type.String({ description: 'When the updater started, RFC 3339: then the count began.' }),
          count: Type.Integer({ minimum: 0, description: 'Path changes since then.' }),
          last: Type.Array(PathChange, { description: 'The last of them, at most 50, the oldest first.' }),
        },
        { description: "What the updater did to the speaker's paths." },
      ),
    ),
    reportedAt: Type.String({ description: 'When the updater wrote it, RFC 3339.' }),
  },
  { title: 'SpeakerStatusRecord', description: 'A speaker, as its updater sees it.' },
);
export type SpeakerStatusRecord = Static<typeof SpeakerStatusRecord>;

export const speakerStatusKey = (name: string): string => `speaker-status/${name}`;
