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
import { createArrivals } from './arrivals.ts';
import { inMessages } from './batch.ts';
import { createCacheEntries, type EntryReader, isCachedChange } from './cache-entries.ts';
import { defaultCacheLimits, type WatchCacheLimits } from './cache-limits.ts';
import {
  type CachedEntry,
  type CacheMessage,
  type CacheRevision,
  cachedChange,
  changeKey,
  changesMessage,
  changesOf,
  sizeOnWire,
} from './cached.ts';
import type { Derived } from './derived.ts';
import { notFresh } from './loaded.ts';
import { createRecent } from './recent.ts';
import { reload } from './reload.ts';
import { createWatchStreams } from './watch-streams.ts';

export interface CachePosition {
  readonly storeId: string;
  readonly revision: number;
}

/**
 * @param before what was stored under the keys that a store revision changed or deleted; undefined when the change is not
 *   one revision, but the difference between two loads.
 */
export type RevisionListener = (change: CacheRevision | 'all', before?: ReadonlyMap<string, CachedEntry>) => void;

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
  onRevision(listener: RevisionListener): void;
  /**
   * Keeps something in step with the copy, ahead of every listener. Call it in the turn in which the cache was made, or
   * once it is loaded: then it is built at once, in one go.
   */
  derive(one: Derived): void;
  /** Open watch streams. */
  streams(): number;
  close(): Promise<void>;
}

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

/** Follows the store until closed. */
export function createWatchCache(options: WatchCacheOptions): WatchCache {
  const { store, clock, log, random, heartbeat, limits = defaultCacheLimits } = options;
  const controller = new AbortController();
  const { signal } = controller;
  let entries = createCacheEntries();
  const recent = createRecent(limits.recent);
  const streams = createWatchStreams(limits.queue);
  const listeners: RevisionListener[] = [];
  const derived: Derived[] = [];
  const arrivals = createArrivals(clock);
  let position: CachePosition | undefined;
  let following = false;
  let mustReload = true;
  /** What is made of the copy isn't as the copy is: it can't be brought there by changes. */
  let torn = false;
  let freshAt = Number.NEGATIVE_INFINITY;
  let announceLoaded = () => {};
  const firstLoad = new Promise<void>((resolve) => {
    announceLoaded = resolve;
  });

  const safely = (work: () => void) => {
    try {
      work();
    } catch (error) {
      log.error({ error: String(error) }, 'a listener of the watch cache threw');
    }
  };

  const tell = (change: CacheRevision | 'all', before?: ReadonlyMap<string, CachedEntry>) => {
    for (const listener of listeners) safely(() => listener(change, before));
  };

  /** What can't be brought in step with the copy is made anew, and streams begin anew with it. */
  const inStep = (bring: () => void) => {
    try {
      bring();
    } catch (caught) {
      torn = true;
      streams.end('compacted', 'The server could not follow a change and loads all anew; start over without since.');
      log.error({ error: String(caught) }, 'what is made of the store could not follow a change');
      throw new CoreBgpError('internal', 'what is made of the store could not follow a change', { cause: caught });
    }
  };

  const apply = (stored: StoreRevision) => {
    const { revision } = stored;
    if (position === undefined || revision <= position.revision) {
      throw new CoreBgpError('internal', `the store's watch sent revision ${revision} after ${position?.revision}`);
    }
    const change: CacheRevision = { revision, changes: stored.changes.filter(isCachedChange).map(cachedChange) };
    const before = new Map<string, CachedEntry>();
    for (const one of change.changes) {
      const key = changeKey(one);
      const held = entries.get(key);
      if (held !== undefined) before.set(key, held);
      entries.apply(one);
    }
    position = { ...position, revision };
    if (change.changes.length > 0) recent.add(change);
    inStep(() => {
      for (const one of derived) one.apply(change);
    });
    tell(change, before);
    streams.send(change);
    arrivals.arrived(revision);
    for (const one of change.changes) {
      if (one.op !== 'put' || one.entry.key !== heartbeat.key) continue;
      freshAt = heartbeat.sentAt(one.entry.value) ?? freshAt;
      streams.bookmark(revision);
    }
  };

  /** Loads the state anew. Streams of the same history get the difference as one revision. */
  const load = async (storeId: string) => {
    const asked = clock.now();
    const before = torn ? undefined : position;
    const loaded = await reload({ store, clock, derived }, storeId, { position: before, entries }, signal);
    const { changes } = loaded;
    // From here on in one turn: what is read is always all of the one state, or all of the other.
    entries = loaded.entries;
    position = { storeId, revision: loaded.revision };
    recent.restart(loaded.revision);
    inStep(() => loaded.place());
    torn = false;
    freshAt = asked;
    mustReload = false;
    if (changes !== undefined) {
      const change = { revision: loaded.revision, changes };
      tell(change);
      streams.send(change);
    } else {
      tell('all');
    }
    if (before !== undefined && changes === undefined) {
      log.error({ before, now: position }, "the store's history is another one than before");
      streams.end('compacted', "The store's history is another one than before; start over without since.");
    }
    arrivals.arrived(loaded.revision);
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
    await arrivals.wait(revision, reachWithinMs, caller);
  };

  async function* subscribe(kinds: ReadonlySet<string>, since: number | undefined, caller: AbortSignal) {
    if (!isFresh()) throw notFresh();
    if (streams.count() >= limits.streams) {
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
    const subscription = streams.open(kinds);
    try {
      for (const part of inMessages(state, sizeOnWire)) {
        if (caller.aborted) return;
        yield { type: 'state', entries: part } satisfies CacheMessage;
      }
      for (const one of missed ?? []) {
        if (caller.aborted) return;
        const wanted = changesOf(one.changes, kinds);
        if (wanted.length > 0) yield changesMessage(one.revision, wanted);
      }
      yield { type: 'synced', revision, storeId } satisfies CacheMessage;
      yield* subscription.read(caller);
    } finally {
      streams.leave(subscription);
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
    derive: (one) => {
      derived.push(one);
      if (position === undefined) return;
      const draft = one.begin();
      for (const entry of entries.all()) draft.add(entry);
      draft.place(position.revision, undefined);
    },
    streams: streams.count,
    close: async () => {
      streams.end('unavailable', 'The server is closing.');
      controller.abort(new CoreBgpError('unavailable', 'the watch cache was closed'));
      await running;
    },
  };
}
