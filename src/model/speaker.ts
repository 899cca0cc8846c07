/** A speaker as its updater reports it. Identity comes from the node's configuration. */
import Type, { type Static } from 'typebox';
import { PeerState } from './peer.ts';
import { Name } from './resource.ts';

/** A path that is not what the announcement wants, and why. */
export const PathException = Type.Object({
  prefix: Type.String(),
  nextHop: Type.String(),
  kind: Type.Union([
    Type.Literal('held'),
    Type.Literal('refused'),
    Type.Literal('failed'),
    Type.Literal('unexplained'),
  ]),
  reason: Type.String({ description: 'The reason word.' }),
});
export type PathException = Static<typeof PathException>;

/** At `speaker-status/<name>`; written by its updater alone, at most once a second. */
export const SpeakerStatusRecord = Type.Object({
  v: Type.Literal(1),
  name: Name,
  node: Type.String(),
  zone: Name,
  asn: Type.Integer(),
  routerId: Type.String(),
  generation: Type.Optional(Type.String({ description: 'GoBGP API in use: v3 or v4.' })),
  appliedRevision: Type.Integer({
    description: 'The RIB equals what is wanted at this store revision, but for the exceptions.',
  }),
  paths: Type.Integer({ description: 'Own paths in the RIB.' }),
  foreignPaths: Type.Integer({ description: 'Local paths in the RIB that are not ours; never touched.' }),
  peers: Type.Array(Type.Intersect([Type.Object({ name: Type.String() }), PeerState])),
  exceptions: Type.Array(PathException, { description: 'At most 1000; exceptionCount tells all.' }),
  exceptionCount: Type.Integer(),
  conditions: Type.Array(Type.Object({ reason: Type.String(), message: Type.String() }), {
    description: 'speakerConfigMismatch, speakerShared, speakerUnresponsive, listenRefused, …',
  }),
  reportedAt: Type.String({ description: 'RFC 3339.' }),
});
export type SpeakerStatusRecord = Static<typeof SpeakerStatusRecord>;

export const speakerStatusKey = (name: string): string => `speaker-status/${name}`;
