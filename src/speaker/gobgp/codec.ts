/** What the client needs of a GoBGP generation: every procedure it calls, from and to shapes that both generations share. */
import type { PathAttributes } from '../../model/attributes.ts';
import type { SessionState } from '../../model/peer.ts';
import type { Family } from '../../model/prefix.ts';
import type { Method } from '../../runtime/grpc.ts';
import type { PeerConfiguration } from '../mark.ts';
import type { Assignment, DefinedSet, Direction, Policy } from '../policy.ts';
import type { SpeakerGlobal, SpeakerIdentity } from '../speaker.ts';
import type { PathMessage } from './path-messages.ts';

/** A path as the daemon lists or reports it. */
export interface SeenPath {
  readonly prefix: string;
  readonly identifier: number;
  /** Originated by the daemon itself, not learned from a neighbour. */
  readonly local: boolean;
  readonly withdrawn: boolean;
  /** All of them, marks too. */
  readonly largeCommunities: readonly string[];
  /** Read on demand: only paths of ours are ever looked at closely. */
  readonly content: () => PathContent | { readonly problem: string };
}

export interface PathContent {
  readonly nextHop: string;
  /** Marks still among the large communities. */
  readonly attributes: PathAttributes;
}

export type SeenEvent =
  | { readonly type: 'path'; readonly path: SeenPath }
  | { readonly type: 'peer'; readonly address: string };

export interface SeenPeer {
  readonly address: string;
  readonly asn: number;
  readonly description: string;
  readonly routeReflectorClient: boolean;
  readonly session: SessionState;
  readonly routerId?: string;
  /** What the neighbour said in its OPEN: it takes several paths of a prefix, in some family. */
  readonly receivesAddPath: boolean;
}

export interface PeerMessage {
  readonly configuration: PeerConfiguration;
  readonly description: string;
  /** RFC 4456: of the reflector; used for its clients. */
  readonly clusterId: string;
  readonly restarting: boolean;
}

/** A listing that finds nothing is an empty stream. */
export interface Codec {
  readonly generation: 'v3' | 'v4';
  readonly getBgp: Method<undefined, SpeakerGlobal | undefined>;
  readonly startBgp: Method<SpeakerIdentity, unknown>;
  readonly watchEvent: Method<undefined, readonly SeenEvent[]>;

  readonly addPeer: Method<PeerMessage, unknown>;
  readonly deletePeer: Method<string, unknown>;
  readonly listPeer: Method<undefined, SeenPeer>;
  /** Soft reset in both directions: policies are applied again, the session stays. */
  readonly softResetPeer: Method<string, unknown>;

  readonly listPath: Method<Family, readonly SeenPath[]>;
  readonly countPaths: Method<Family, number>;
  readonly addPathStream: Method<readonly PathMessage[], unknown>;

  readonly listDefinedSets: Method<DefinedSet['kind'], DefinedSet | undefined>;
  readonly addDefinedSet: Method<DefinedSet, unknown>;
  /** Takes the members out of the set. */
  readonly deleteFromDefinedSet: Method<DefinedSet, unknown>;
  readonly listPolicies: Method<undefined, Policy | undefined>;
  readonly addPolicy: Method<Policy, unknown>;
  readonly deletePolicy: Method<string, unknown>;
  readonly listAssignment: Method<Direction, Assignment | undefined>;
  readonly setAssignment: Method<Assignment, unknown>;
}
