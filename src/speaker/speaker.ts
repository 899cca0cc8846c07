/** The boundary to a BGP daemon. The updater knows a speaker only through this; `gobgp/` implements it. */
import type { Path } from '../model/path.ts';
import type { PeerSpec, PeerState } from '../model/peer.ts';
import type { Family } from '../model/prefix.ts';

/** What the daemon is: fixed by the node's configuration, never by the API. */
export interface SpeakerIdentity {
  /** Name of the speaker, unique in the infrastructure; its hash is part of the mark. */
  readonly name: string;
  readonly asn: number;
  /** IPv4 dotted quad (RFC 6286). */
  readonly routerId: string;
  /** TCP port to listen on for BGP; −1 = do not listen. */
  readonly listenPort: number;
  readonly listenAddresses: readonly string[];
}

/** What the daemon says of itself. */
export interface SpeakerGlobal {
  readonly asn: number;
  readonly routerId: string;
  readonly listenPort: number;
}

/** What the RIB holds, seen in one list of both families. */
export interface RibPicture {
  /** Locally originated and carrying our mark; the mark itself is left out of `attributes.largeCommunities`. */
  readonly own: readonly Path[];
  /** Local paths of ours that cannot be understood (no identifier, unreadable attributes): never touched, alarmed. */
  readonly unreadable: readonly string[];
  /** Names' hashes of other CoreBGP speakers whose marks were seen on local paths (`speakerShared`). */
  readonly otherMarks: readonly string[];
  /** Local paths without our mark: only counted. */
  readonly foreign: number;
}

export type PathOperation =
  | { readonly op: 'announce'; readonly path: Path }
  | { readonly op: 'withdraw'; readonly path: Path };

export type SpeakerEvent =
  /** A path event that the daemon reported; a hint only. */
  | { readonly type: 'path'; readonly prefix: string; readonly own: boolean }
  | { readonly type: 'peer'; readonly address: string };

/** A peer of the daemon that carries our mark in its description, and how its session stands. */
export interface SpeakerPeer {
  /** The Peer resource's name, from the mark. */
  readonly name: string;
  /** Hash of the configuration it was added with, from the mark; differs from `peerKey(spec)` when it must be changed. */
  readonly key: string;
  readonly state: PeerState;
}

export interface Speaker {
  /** The daemon's identity, or undefined when its BGP has not been started. Errors: unavailable, timeout. */
  global(signal: AbortSignal): Promise<SpeakerGlobal | undefined>;
  /** Starts BGP with the identity. Never stops it. */
  start(signal: AbortSignal): Promise<void>;
  /** Puts the import and export policies in place (RFC 8212: deny by default); idempotent, writes only what differs. */
  ensurePolicies(signal: AbortSignal): Promise<void>;
  /** The whole RIB. An error is an error, never an empty picture. */
  list(signal: AbortSignal): Promise<RibPicture>;
  /** Number of paths in the RIB of the family, local and learned, to notice drift cheaply. */
  count(family: Family, signal: AbortSignal): Promise<number>;
  /** Applies in order. Resolves once the daemon has acknowledged all; after an error the RIB is unknown: list again. */
  apply(operations: readonly PathOperation[], signal: AbortSignal): Promise<void>;
  /** Ends by throwing when the stream to the daemon breaks, within milliseconds of its death. */
  watch(signal: AbortSignal): AsyncIterable<SpeakerEvent>;
  /** Only peers that carry our mark. */
  listPeers(signal: AbortSignal): Promise<readonly SpeakerPeer[]>;
  /** `restarting`: sets graceful_restart.local_restarting, so that a neighbour in graceful restart waits for our paths. */
  addPeer(name: string, spec: PeerSpec, restarting: boolean, signal: AbortSignal): Promise<void>;
  /** Changes what can be changed on a running session; deletes and adds only what must be (address, asn). */
  updatePeer(name: string, spec: PeerSpec, signal: AbortSignal): Promise<void>;
  deletePeer(name: string, address: string, signal: AbortSignal): Promise<void>;
  /** `3.x`/`4.x` codec in use, for the report. */
  readonly generation: () => 'v3' | 'v4' | undefined;
  close(): void;
}
