/** A mirror of some collections, whole revisions at a time; it has no value until it has been synced once. */
import { CoreBgpError } from '../model/errors.ts';
import type { Collection } from '../model/resource.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createMirrorState } from './mirror-state.ts';
import type { Transport } from './transport.ts';
import { followStream } from './watch.ts';

/** One record of a mirrored collection. */
export interface MirrorEntry {
  readonly key: string;
  /** The stored record; decode it per object, an undecodable one must not hide the others. */
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
}

/** State of all mirrored collections at one revision. Live: read it at once, don't keep it across an await. */
export interface Snapshot {
  readonly storeId: string;
  readonly revision: number;
  readonly entries: ReadonlyMap<string, MirrorEntry>;
  /** Entries of a collection; backed by an index, no copy. */
  under(collection: Collection): ReadonlyMap<string, MirrorEntry>;
}

/** Whether the snapshots served so far belong to one history that only went forward. */
export interface MirrorHistory {
  /** Of the snapshot served now; undefined before the first. */
  readonly storeId: string | undefined;
  /** Highest revision ever served of that store. */
  readonly highestRevision: number;
  /**
   * Times that a snapshot was replaced by one of another store or of a lower revision (a restored backup, another
   * cluster behind the same address). Whoever acts on absence compares this with the count he has dealt with: after a
   * break, what is missing proves nothing.
   */
  readonly breaks: number;
  /** The last one: the store changed its identity, or the revision went back. */
  readonly lastBreak?: 'storeChanged' | 'revisionWentBack';
}

/** A copy of some collections, whole revisions at a time, that follows the server until it is closed. */
export interface Mirror {
  /** Undefined until synced for the first time. Kept, and still served, while the stream is broken. */
  snapshot(): Snapshot | undefined;
  /** Whether what it showed so far only went forward. */
  history(): MirrorHistory;
  /** Monotonic milliseconds since the server last proved to be fresh (synced, changes or bookmark); Infinity before. */
  ageMs(): number;
  /** Whether the stream is up and synced now. */
  connected(): boolean;
  /** Called after each applied revision with the keys it changed, and after a resync with those that differ. */
  onChange(listener: (keys: readonly string[]) => void): () => void;
  /** Resolves once synced for the first time. */
  synced(signal: AbortSignal): Promise<void>;
  /** Ends the stream; resolves when nothing is left running. */
  close(): Promise<void>;
}

export interface MirrorOptions {
  readonly transport: Transport;
  readonly collections: readonly Collection[];
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1), for the jitter of reconnects. */
  readonly random: () => number;
}

/** Starts to follow the server at once; it reconnects by itself until closed. */
export function createMirror(options: MirrorOptions): Mirror {
  const { clock, log } = options;
  const state = createMirrorState();
  const listeners = new Set<(keys: readonly string[]) => void>();
  const controller = new AbortController();
  let freshAt: number | undefined;
  let connected = false;
  let announceSynced = () => {};
  const firstSync = new Promise<void>((resolve) => {
    announceSynced = resolve;
  });

  const emit = (keys: readonly string[]) => {
    for (const listener of listeners) {
      try {
        listener(keys);
      } catch (error) {
        log.error({ error: String(error) }, 'a listener of the mirror threw');
      }
    }
  };
  const running = followStream(
    {
      ...options,
      resumeFrom: () => state.resumeFrom(),
      opened: (resumed) => state.opened(resumed),
      received: (message) => {
        const applied = state.apply(message);
        if (applied.fresh) freshAt = clock.now();
        if (applied.synced) {
          connected = true;
          announceSynced();
        }
        if (applied.historyBreak !== undefined) {
          const { storeId, highestRevision } = state.history();
          log.error({ storeId, highestRevision, why: applied.historyBreak }, 'the history of the store is broken');
        }
        if (applied.keys.length > 0) emit(applied.keys);
        return applied.synced;
      },
      closed: (startOver) => {
        connected = false;
        state.closed(startOver);
      },
    },
    controller.signal,
  );

  return {
    snapshot: () => state.snapshot(),
    history: () => state.history(),
    ageMs: () => (freshAt === undefined ? Number.POSITIVE_INFINITY : clock.now() - freshAt),
    connected: () => connected,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    synced: (signal) => rejectOnAbort(firstSync, signal),
    close: async () => {
      controller.abort(new CoreBgpError('unavailable', 'the mirror was closed'));
      await running;
      connected = false;
    },
  };
}
