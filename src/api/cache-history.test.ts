/** Former versions are not kept in the server's copy: neither loaded nor followed, and nothing waits for them. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createModelStore } from '../store/model-store.ts';
import type { Operation, Store } from '../store/store.ts';
import { createWatchCache, type WatchCache } from './watch-cache.ts';

const never = new AbortController().signal;
const put = (key: string): Operation => ({ op: 'put', key, value: '{}' });
const versions = Array.from({ length: 1_700 }, (_, index) => `history/peers/rr1/${String(index).padStart(16, '0')}`);
const others = ['announcements/shop/web', 'health/x', 'histories/x', 'peers/rr1', 'tombstones/peers/rr2'];

let cache: WatchCache | undefined;
afterEach(async () => {
  await cache?.close();
});

async function start(keys: readonly string[]) {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  for (let index = 0; index < keys.length; index += 100) {
    await store.commit([], keys.slice(index, index + 100).map(put), never);
  }
  let pages = 0;
  const counted: Store = {
    ...store,
    get: (...args) => store.get(...args),
    list: (...args) => {
      pages += 1;
      return store.list(...args);
    },
    status: (...args) => store.status(...args),
    watch: (...args) => store.watch(...args),
  };
  const heartbeat = { key: 'api/me', sentAt: () => systemClock.now() };
  cache = createWatchCache({ store: counted, clock: systemClock, log: silentLog, random: () => 0, heartbeat });
  await cache.loaded(never);
  return { store, cache, pages };
}

test('loading jumps over them, and finds all that comes before and after', async () => {
  const loaded = await start([...others, ...versions]);
  for (const key of others) expect(loaded.cache.get(key), key).toBeDefined();
  expect(loaded.cache.under('history').size).toBe(0);
  // Not the four pages that they fill.
  expect(loaded.pages).toBe(2);
});

test('it also ends when nothing comes after them', async () => {
  const loaded = await start(versions);
  expect(loaded.cache.under('history').size).toBe(0);
});

test('a revision that touches only them is reached; streams see nothing of it, and go on from before it', async () => {
  const { store, cache: copy } = await start(others);
  const controller = new AbortController();
  const seen: string[] = [];
  const since = copy.position()?.revision;
  const reading = (async () => {
    for await (const message of copy.subscribe(new Set(['peers', 'history']), undefined, controller.signal)) {
      if (message.type === 'changes') {
        seen.push(...message.changes.map((change) => (change.op === 'put' ? change.entry.key : change.key)));
      }
    }
  })();
  const only = await store.commit([], [put('history/peers/rr1/0000000000000001')], never);
  await copy.reached(only.revision, never);
  expect(copy.position()?.revision).toBe(only.revision);
  const both = await store.commit([], [put('peers/rr1'), put('history/peers/rr1/0000000000000002')], never);
  await copy.reached(both.revision, never);
  await expect.poll(() => seen).toEqual(['peers/rr1']);
  controller.abort();
  await reading;
  expect(copy.under('history').size).toBe(0);
  const again = copy.subscribe(new Set(['peers']), since, never);
  expect((await again.next()).value).toMatchObject({ type: 'changes', revision: both.revision });
  await again.return();
});
