/** A watch cache over the model store, whose watch can be broken and whose identity can change. */
import { defaultCacheLimits, type WatchCacheLimits } from '../../src/api/cache-limits.ts';
import { createWatchCache, type WatchCache } from '../../src/api/watch-cache.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createModelStore, type ModelStore } from '../../src/store/model-store.ts';
import type { Store } from '../../src/store/store.ts';
import { never } from './api.ts';

/** Waits are short, so that reconnects don't take the test's time. */
const quickClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal) };

/** A store whose watch can be broken, and whose identity can change. */
export interface WatchCacheRig {
  readonly store: ModelStore;
  readonly cache: WatchCache;
  breakWatch(): void;
  become(other: Store): void;
  close(): Promise<void>;
}

let ids = 0;
export function modelStore(): ModelStore {
  return createModelStore({ clock: systemClock, newId: () => `id${ids++}` });
}

export async function startWatchCache(limits: Partial<WatchCacheLimits> = {}): Promise<WatchCacheRig> {
  const store = modelStore();
  let current: Store = store;
  let breaker = new AbortController();
  const breakable: Store = {
    get: (...args) => current.get(...args),
    list: (...args) => current.list(...args),
    commit: (...args) => current.commit(...args),
    grantLease: (...args) => current.grantLease(...args),
    keepLeaseAlive: (...args) => current.keepLeaseAlive(...args),
    revokeLease: (...args) => current.revokeLease(...args),
    status: (...args) => current.status(...args),
    close: () => current.close(),
    watch: (prefix, from, signal) => current.watch(prefix, from, AbortSignal.any([signal, breaker.signal])),
  };
  const cache = createWatchCache({
    store: breakable,
    clock: quickClock,
    log: silentLog,
    random: () => 0,
    heartbeat: { key: 'api/me', sentAt: () => systemClock.now() },
    limits: { ...defaultCacheLimits, ...limits },
  });
  await cache.loaded(never);
  const breakWatch = () => {
    breaker.abort(new CoreBgpError('unavailable', 'broken by the test'));
    breaker = new AbortController();
  };
  return {
    store,
    cache,
    close: async () => {
      await cache.close();
      await store.close();
    },
    breakWatch,
    become: (other) => {
      current = other;
      breakWatch();
    },
  };
}

export async function put(store: Store, key: string, value: unknown): Promise<number> {
  const result = await store.commit([], [{ op: 'put', key, value: JSON.stringify(value) }], never);
  return result.revision;
}
