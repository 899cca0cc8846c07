import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { never } from '../../test/rig/api.ts';
import { makeChange, statusChange } from '../../test/rig/status-changes.ts';
import { comparable, startStatusHub, statusReader } from '../../test/rig/status-reader.ts';
import { breathe } from '../runtime/breathe.ts';
import { systemClock } from '../runtime/clock.ts';
import type { StatusFilter } from './status-filter.ts';
import type { StatusHub } from './status-hub.ts';
import { statusObject } from './status-objects.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(most?: number) {
  const started = await startStatusHub(most);
  closing.push(started.close);
  return started;
}

function reader(hub: StatusHub, filter: StatusFilter) {
  const one = statusReader(hub, filter);
  closing.push(one.close);
  return one;
}

const all = { collections: ['announcements', 'drains', 'peers', 'projects'] } as const;

test('whatever happens, readers end up with what get answers, and get nothing twice', {
  timeout: 120_000,
}, async () => {
  const step = fc.record({
    changes: fc.array(statusChange, { maxLength: 4 }),
    read: fc.nat({ max: 2 }),
    another: fc.nat({ max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { store, cache, hub, context } = await start();
      const readers = [{ filter: all as StatusFilter, ...reader(hub, all) }];
      for (const { changes, read, another } of steps) {
        for (const one of changes) await makeChange(store, one);
        if (another === 0) {
          const filter: StatusFilter = { collections: ['announcements'], project: 'shop', name: 'a0' };
          readers.push({ filter, ...reader(hub, filter) });
        }
        for (const one of readers) for (let index = 0; index < read; index += 1) await one.next();
      }
      for (const one of readers) await one.drain();
      await cache.reached((await store.status(never)).revision, never);
      await systemClock.sleep(20, never);
      for (const one of readers) {
        await one.drain();
        const expected = all.collections
          .flatMap((collection) => [...cache.under(collection).keys()])
          .filter((key) => one.filter.name === undefined || key === 'announcements/shop/a0')
          .flatMap((key) => statusObject(context, key)?.encoded().resource ?? []);
        expect([...one.objects.values()].map(comparable).sort()).toEqual(expected.map(comparable).sort());
        expect(one.repeated).toEqual([]);
      }
      for (const one of readers) await one.close();
      expect(hub.streams()).toBe(0);
    }),
    { numRuns: 25 },
  );
});

describe('work', () => {
  const web = { of: 'announcement', index: 0, hops: 2 } as const;
  const down = { of: 'verdict', index: 0, state: 'down' } as const;

  test('none is done without streams, and each object is computed once for all of them', async () => {
    const { store, hub } = await start();
    await makeChange(store, web);
    await makeChange(store, down);
    await systemClock.sleep(20, never);
    expect(hub.computed()).toBe(0);
    const readers = Array.from({ length: 20 }, () => reader(hub, all));
    for (const one of readers) await one.drain();
    const before = hub.computed();
    await makeChange(store, { ...down, state: 'up' });
    for (const one of readers) await one.drain();
    expect(hub.computed() - before).toBe(1);
    for (const one of readers) expect(one.sent).toEqual(['Announcement shop a0', 'Announcement shop a0']);
    for (const one of readers) await one.close();
    const idle = hub.computed();
    await makeChange(store, down);
    await systemClock.sleep(20, never);
    expect(hub.computed()).toBe(idle);
  });

  test('a reader that takes nothing for a while gets the latest state only', async () => {
    const { store, hub, cache } = await start();
    await makeChange(store, web);
    const slow = reader(hub, all);
    await slow.drain();
    for (let index = 0; index < 200; index += 1) await makeChange(store, { ...web, hops: 1 + (index % 2) });
    const { revision } = await store.status(never);
    await cache.reached(revision, never);
    await systemClock.sleep(50, never);
    const sent = slow.sent.length;
    await slow.drain();
    // One was on its way already.
    expect(slow.sent.length - sent).toBeLessThanOrEqual(2);
    expect([...slow.objects.values()][0]?.metadata.revision).toBe(revision);
  });

  test('a report that only goes on touches no announcement that was applied before', async () => {
    const { store, hub } = await start();
    for (const index of [0, 1, 2]) await makeChange(store, { ...web, index });
    await makeChange(store, { of: 'report', index: 0, behind: 0, gone: false });
    const one = reader(hub, { collections: ['announcements'] });
    await one.drain();
    const before = hub.computed();
    for (let round = 0; round < 5; round += 1)
      await makeChange(store, { of: 'report', index: 0, behind: 0, gone: false });
    await one.drain();
    expect(hub.computed()).toBe(before);
    expect(one.sent.length).toBe(3);
  });

  test('a report that catches up shows in what had waited for it, and in nothing else', async () => {
    const { store, hub } = await start();
    for (const index of [0, 1, 2]) await makeChange(store, { ...web, index });
    const caughtUp = { of: 'report', index: 0, behind: 0, gone: false } as const;
    await makeChange(store, caughtUp);
    const one = reader(hub, { collections: ['announcements'] });
    await one.drain();
    await makeChange(store, { ...web, hops: 1 });
    await one.drain();
    const stateOf = () => JSON.stringify(one.objects.get('Announcement shop a0'));
    expect(stateOf()).toContain('notApplied');
    const before = hub.computed();
    await makeChange(store, caughtUp);
    await one.drain();
    expect(stateOf()).not.toContain('notApplied');
    expect(hub.computed() - before).toBe(1);
  });

  test('a stream above the limit is refused, and one that ends makes room', async () => {
    const { hub } = await start(1);
    const first = reader(hub, all);
    await first.next();
    const second = hub.watch(all, never);
    await expect(second.next()).rejects.toMatchObject({ code: 'limited' });
    await first.close();
    await breathe();
    expect((await hub.watch(all, never).next()).value).toMatchObject({ type: 'synced' });
  });
});

test('streams begin anew when the view could not follow a change', async () => {
  const { hub } = await start();
  const { next } = reader(hub, all);
  expect(await next()).toMatchObject({ type: 'synced' });
  hub.failed(new Error('a change that nobody foresaw'));
  expect(await next()).toMatchObject({ type: 'error', code: 'compacted' });
});

test('sets no timer once it is closed, whatever still changes', async () => {
  const { store, cache, hub, context } = await start();
  const { next } = reader(hub, all);
  expect(await next()).toMatchObject({ type: 'synced' });
  hub.close();
  const after = vi.spyOn(context.clock, 'after');
  const at = '2026-01-01T00:00:00Z';
  const metadata = { name: 'd', uid: 'u', createdAt: at, updatedAt: at };
  const spec = { target: { nextHop: '2001:db8::1' }, until: '2999-01-01T00:00:00Z' };
  const value = JSON.stringify({ v: 1, kind: 'Drain', metadata, spec });
  await store.commit([], [{ op: 'put', key: 'drains/d', value }], never);
  await expect.poll(() => cache.get('drains/d')).toBeDefined();
  expect(after).not.toHaveBeenCalled();
  after.mockRestore();
});
