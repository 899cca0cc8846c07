import { describe, expect, test } from 'vitest';
import { breathe } from '../runtime/breathe.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createModelStore } from '../store/model-store.ts';
import type { Store } from '../store/store.ts';
import { createPlanningView } from './planning-view.ts';
import { createWatchCache } from './watch-cache.ts';

const never = new AbortController().signal;
const key = (index: number) => `announcements/shop/a${index}`;

function record(index: number, prefix = `203.0.113.${index % 256}/32`) {
  const at = '2026-01-01T00:00:00Z';
  const metadata = { name: `a${index}`, project: 'shop', uid: `u${index}`, createdAt: at, updatedAt: at };
  const nextHops = [{ address: '10.0.0.1' }, { address: '2001:db8::1' }];
  return { v: 1, kind: 'Announcement', metadata, spec: { prefixes: [prefix], nextHops } };
}

async function filled(id: string, count: number): Promise<Store> {
  const store = createModelStore({ clock: systemClock, newId: () => id });
  for (let index = 0; index < count; index += 100) {
    const operations = Array.from({ length: Math.min(100, count - index) }, (_, offset) => index + offset).map(
      (one) => ({ op: 'put', key: key(one), value: JSON.stringify(record(one)) }) as const,
    );
    await store.commit([], operations, never);
  }
  return store;
}

describe('planning’s view of the copy', () => {
  test('is never half loaded: at every turn it is of the copy’s own revision, with all of its records', async () => {
    const stores = [await filled('first', 700), await filled('second', 300)] as const;
    let current: Store = stores[0];
    let breaker = new AbortController();
    const cache = createWatchCache({
      store: {
        ...stores[0],
        list: (...args) => current.list(...args),
        status: (...args) => current.status(...args),
        watch: (prefix, from, signal) => current.watch(prefix, from, AbortSignal.any([signal, breaker.signal])),
      },
      // Every slice is over at once, so that others have their turn between any two records.
      clock: { ...systemClock, now: () => performance.now() * 1_000, sleep: () => breathe() },
      log: silentLog,
      random: () => 0,
      heartbeat: { key: 'api/me', sentAt: () => undefined },
    });
    const inputs = createPlanningView(cache);
    const seen = new Set<number>();
    const look = () => {
      const { size } = cache.under('announcements');
      expect(inputs.revision).toBe(cache.position()?.revision ?? 0);
      expect(inputs.announcements.size).toBe(size);
      expect(inputs.owners('203.0.113.7/32').length > 0).toBe(size > 0);
      seen.add(size);
    };
    const until = async (size: number) => {
      for (let turn = 0; !seen.has(size) && turn < 1e6; turn += 1) {
        look();
        await breathe();
      }
    };
    await until(700);
    current = stores[1];
    breaker.abort();
    breaker = new AbortController();
    await until(300);
    await current.commit([], [{ op: 'delete', key: key(0) }], never);
    await until(299);
    expect([...seen]).toEqual([0, 700, 300, 299]);
    await cache.close();
    for (const store of stores) await store.close();
  });

  test('is in step with the copy though its listener throws, and says that it did', async () => {
    const store = await filled('first', 1);
    const cache = createWatchCache({
      store,
      clock: systemClock,
      log: silentLog,
      random: () => 0,
      heartbeat: { key: 'api/me', sentAt: () => undefined },
    });
    const told: string[] = [];
    const failures: unknown[] = [];
    const inputs = createPlanningView(cache, {
      changed: (one) => {
        told.push(one);
        if (one === key(1)) throw new Error('a listener that throws');
      },
      failed: (error) => void failures.push(error),
    });
    await cache.loaded(never);
    const operations = [1, 2, 3].map(
      (one) => ({ op: 'put', key: key(one), value: JSON.stringify(record(one)) }) as const,
    );
    const { revision } = await store.commit([], operations, never);
    await cache.reached(revision, never);
    expect([inputs.revision, inputs.announcements.size]).toEqual([revision, 4]);
    expect(inputs.owners('203.0.113.3/32')).toHaveLength(1);
    expect([told, failures.length, cache.isFresh()]).toEqual([[key(1)], 1, true]);
    await cache.close();
    await store.close();
  });

  test('gives the record as it is stored, though most of them are not held decoded', async () => {
    const store = await filled('first', 3_000);
    const cache = createWatchCache({
      store,
      clock: systemClock,
      log: silentLog,
      random: () => 0,
      heartbeat: { key: 'api/me', sentAt: () => undefined },
    });
    await cache.loaded(never);
    const inputs = createPlanningView(cache);
    for (const index of [0, 1, 1_499, 2_999, 0]) {
      expect(inputs.announcements.get(key(index))?.record).toEqual(record(index));
      expect(cache.get(key(index))?.value).toEqual(record(index));
      expect(JSON.parse(cache.get(key(index))?.text ?? '')).toEqual(record(index));
    }
    await cache.close();
    await store.close();
  });
});
