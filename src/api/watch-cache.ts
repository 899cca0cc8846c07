/**
 * The API server's copy of the store: one watch over everything, which serves all reads and feeds all watch streams.
 * It says how fresh it is, and never pretends: see `isFresh`.
 */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { rejectOnAbort, withDeadline } from '../runtime/abort.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store, StoreRevision } from '../store/store.ts';
import { createCacheEntries, differences, type EntryReader, isCachedChange, loadEntries } from './cache-entries.ts';
import {
  type CachedChange,
  type CacheMessage,
  type CacheRevision,
  cachedChange,
  changeKey,
  changesMessage,
  collectionOf,
} from './cached.ts';
import { createRecent, type RecentLimits } from './recent.ts';
import { createSubscription, type QueueLimits, type Subscription } from './subscription.ts';

export interface CachePosition {
  readonly storeId: string;
  readonly revision: number;
}

export interface WatchCache extends EntryReader {
  /** Where the copy stands; undefined before it was loaded for the first time. */
  position(): CachePosition | undefined;
  /** Whether its store watch is up and a heartbeat has come back through it not longer than 15 s ago. */
  isFresh(): boolean;
  /** Resolves once loaded for the first time. */
  loaded(signal: AbortSignal): Promise<void>;
  /** Waits until the copy has the revision, at most 1 s; resolves either way. Does not wait while the watch is down. */
  reached(revision: number, signal: AbortSignal): Promise<void>;
  /**
   * A watch stream. Throws at its first step: `unavailable` when not fresh, `limited` when there are too many streams,
   * `compacted` when `since` is too old or ahead. Ends with an `error` message, or when the signal is aborted.
   */
  subscribe(
    kinds: ReadonlySet<string>,
    since: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<CacheMessage, void>;
  /** Called after each revision, before any stream gets it; `all` after the first load and after that of another history. */
  onRevision(listener: (change: CacheRevision | 'all') => void): void;
  /** Open watch streams. */
  streams(): number;
  close(): Promise<void>;
}

export interface WatchCacheLimits {
  readonly streams: number;
  readonly queue: QueueLimits;
  readonly recent: RecentLimits;
}

export const defaultCacheLimits: WatchCacheLimits = {
  streams: 2_000,
  queue: { messages: 10_000, size: 16 * 1024 * 1024 },
  recent: { revisions: 20_000, size: 32 * 1024 * 1024 },
};

export interface WatchCacheOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1), for the jitter of reconnects. */
  readonly random: () => number;
  /** This server's own key, which it writes every 5 s, and when it sent what it now sees come back. */
  readonly heartbeat: { readonly key: string; sentAt(value: unknown): number | undefined };
  readonly limits?: WatchCacheLimits;
}

/** A heartbeat that came back proves freshness for so long: two may be late or lost. */
const freshForMs = 15_000;
const reachWithinMs = 1_000;
const storeAnswersWithinMs = 5_000;
const statePerMessage = 500;

/** Follows the store until closed. */
export function createWatchCache(options: WatchCacheOptions): WatchCache {
  const { store, clock, log, random, heartbeat, limits = defaultCacheLimits } = options;
  const controller = new AbortController();
  const { signal } = controller;
  let entries = createCacheEntries();
  const recent = createRecent(limits.recent);
  const subscriptions = new Set<Subscription>();
  const listeners: ((change: CacheRevision | 'all') => void)[] = [];
  const waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>();
  let position: CachePosition | undefined;
  let following = false;
  let mustReload = true;
  let freshAt = Number.NEGATIVE_INFINITY;
  let announceLoaded = () => {};
  const firstLoad = new Promise<void>((resolve) => {
    announceLoaded = resolve;
  });

  const tell = (change: CacheRevision | 'all') => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error({ error: String(error) }, 'a listener of the watch cache threw');
      }
    }
  };

  const settle = () => {
    for (const one of waiting) if (one.revision <= (position?.revision ?? -1)) one.resolve();
  };

  /** Streams that watch the same kinds get the same message object, so that it is encoded once. */
  const fanOut = ({ revision, changes }: CacheRevision) => {
    const shared = new Map<string, CacheMessage | undefined>();
    for (const subscription of subscriptions) {
      const { kindsKey, kinds } = subscription;
      if (!shared.has(kindsKey)) {
        const wanted = changesOf(changes, kinds);
        shared.set(kindsKey, wanted.length === 0 ? undefined : changesMessage(revision, wanted));
      }
      const message = shared.get(kindsKey);
      if (message !== undefined) subscription.push(message);
    }
  };

  const endStreams = (code: 'compacted' | 'unavailable', detail: string) => {
    for (const subscription of subscriptions) subscription.end({ type: 'error', code, detail });
  };

  const apply = (stored: StoreRevision) => {
    const { revision } = stored;
    if (position === undefined || revision <= position.revision) {
      throw new CoreBgpError('internal', `the store's watch sent revision ${revision} after ${position?.revision}`);
    }
    const change: CacheRevision = { revision, changes: stored.changes.filter(isCachedChange).map(cachedChange) };
    for (const one of change.changes) entries.apply(one);
    position = { ...position, revision };
    if (change.changes.length > 0) recent.add(change);
    tell(change);
    fanOut(change);
    settle();
    for (const one of change.changes) {
      if (one.op !== 'put' || one.entry.key !== heartbeat.key) continue;
      freshAt = heartbeat.sentAt(one.entry.value) ?? freshAt;
      for (const subscription of subscriptions) subscription.push({ type: 'bookmark', revision });
    }
  };

  /** Loads the state anew. Streams of the same history get the difference as one revision. */
  const load = async (storeId: string) => {
    const asked = clock.now();
    const loaded = await loadEntries(store, clock, storeAnswersWithinMs, signal);
    const before = position;
    const goesOn = before !== undefined && before.storeId === storeId && before.revision <= loaded.revision;
    const changes = goesOn ? differences(entries, loaded.entries) : [];
    entries = loaded.entries;
    position = { storeId, revision: loaded.revision };
    recent.restart(loaded.revision);
    freshAt = asked;
    mustReload = false;
    if (goesOn) {
      const change = { revision: loaded.revision, changes };
      tell(change);
      fanOut(change);
    } else {
      tell('all');
    }
    if (before !== undefined && !goesOn) {
      log.error({ before, now: position }, "the store's history is another one than before");
      endStreams('compacted', "The store's history is another one than before; start over without since.");
    }
    settle();
    announceLoaded();
  };

  const followOnce = async (succeeded: () => void) => {
    const { storeId, revision } = await withDeadline(clock, storeAnswersWithinMs, 'asking the store', signal, (inner) =>
      store.status(inner),
    );
    const known = position;
    if (mustReload || known === undefined || known.storeId !== storeId || revision < known.revision)
      await load(storeId);
    following = true;
    for await (const change of store.watch('', (position?.revision ?? 0) + 1, signal)) {
      apply(change);
      succeeded();
    }
    throw new CoreBgpError('unavailable', "the store's watch ended");
  };

  const follow = async () => {
    const backoff = createBackoff({ random });
    while (!signal.aborted) {
      try {
        await followOnce(() => backoff.reset());
      } catch (caught) {
        if (signal.aborted) return;
        const error = toCoreBgpError(caught, "following the store's changes");
        if (error.code === 'compacted' || error.code === 'internal') mustReload = true;
        const retryInMs = Math.round(backoff.next());
        log.warn({ code: error.code, detail: error.message, retryInMs }, 'the watch of the store broke, trying again');
        following = false;
        await clock.sleep(retryInMs, signal).catch(() => {});
      }
    }
  };

  const isFresh = () => following && clock.now() - freshAt <= freshForMs;

  const reached = async (revision: number, caller: AbortSignal) => {
    if (!following || (position?.revision ?? -1) >= revision) return;
    let resolve = () => {};
    const arrived = new Promise<void>((done) => {
      resolve = done;
    });
    const wait = { revision, resolve };
    waiting.add(wait);
    const cancel = clock.after(reachWithinMs, resolve);
    try {
      await rejectOnAbort(arrived, caller);
    } finally {
      cancel();
      waiting.delete(wait);
    }
  };

  async function* subscribe(kinds: ReadonlySet<string>, since: number | undefined, caller: AbortSignal) {
    if (!isFresh()) {
      throw new CoreBgpError('unavailable', "The server's copy of the store is not up to date; try again shortly.", {
        retryAfterMs: 1_000,
      });
    }
    if (subscriptions.size >= limits.streams) {
      throw new CoreBgpError(
        'limited',
        `The server has ${limits.streams} watch streams open already; try again later.`,
      );
    }
    if (since !== undefined) await reached(since, caller);
    if (position === undefined) throw new CoreBgpError('unavailable', 'The server has not loaded the store yet.');
    const { storeId, revision } = position;
    const missed = since === undefined ? undefined : recent.after(since);
    if (since !== undefined && (missed === undefined || since > revision)) {
      throw new CoreBgpError(
        'compacted',
        since > revision
          ? `Revision ${since} is ahead of the store, which is at ${revision}; start over without since.`
          : `The changes after revision ${since} are no longer held; start over without since.`,
      );
    }
    const state = missed === undefined ? entries.select(kinds) : [];
    const subscription = createSubscription(kinds, limits.queue);
    subscriptions.add(subscription);
    try {
      for (let index = 0; index < state.length; index += statePerMessage) {
        if (caller.aborted) return;
        yield { type: 'state', entries: state.slice(index, index + statePerMessage) } satisfies CacheMessage;
      }
      for (const one of missed ?? []) {
        if (caller.aborted) return;
        const wanted = changesOf(one.changes, kinds);
        if (wanted.length > 0) yield changesMessage(one.revision, wanted);
      }
      yield { type: 'synced', revision, storeId } satisfies CacheMessage;
      yield* subscription.read(caller);
    } finally {
      subscriptions.delete(subscription);
    }
  }

  const running = follow();

  return {
    get: (key) => entries.get(key),
    under: (collection) => entries.under(collection),
    position: () => position,
    isFresh,
    loaded: (caller) => rejectOnAbort(firstLoad, caller),
    reached,
    subscribe,
    onRevision: (listener) => {
      listeners.push(listener);
    },
    streams: () => subscriptions.size,
    close: async () => {
      endStreams('unavailable', 'The server is closing.');
      controller.abort(new CoreBgpError('unavailable', 'the watch cache was closed'));
      await running;
    },
  };
}

function changesOf(changes: readonly CachedChange[], kinds: ReadonlySet<string>): readonly CachedChange[] {
  return changes.filter((change) => kinds.has(collectionOf(changeKey(change))));
}
