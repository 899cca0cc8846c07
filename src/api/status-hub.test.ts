import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { WatchedObject, WatchedRef } from '../contract/stream.ts';
import { tasksOf } from '../planning/tasks.ts';
import { breathe } from '../runtime/breathe.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createModelStore, type ModelStore } from '../store/model-store.ts';
import type { CacheMessage } from './cached.ts';
import { createPlanningView } from './planning-view.ts';
import type { StatusFilter } from './status-filter.ts';
import { createStatusHub, type StatusHub } from './status-hub.ts';
import { statusObject } from './status-objects.ts';
import { createWatchCache } from './watch-cache.ts';

const never = new AbortController().signal;
/** Waits are short, so that coalescing doesn't take the test's time. */
const quickClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal),
  after: (ms, call) => systemClock.after(Math.min(ms, 1), call),
};

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(most = 500) {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  const heartbeat = { key: 'api/me', sentAt: () => systemClock.now() };
  const cache = createWatchCache({ store, clock: quickClock, log: silentLog, random: () => 0, heartbeat });
  const inputs = createPlanningView(cache, (key, affected) => hub.changed(key, affected));
  const context = { cache, inputs, clock: quickClock };
  const hub = createStatusHub({ ...context, log: silentLog, heartbeatKey: heartbeat.key, mostStreams: most });
  closing.push(async () => {
    hub.close();
    await cache.close();
    await store.close();
  });
  await cache.loaded(never);
  return { store, cache, hub, context };
}

/** What one reader knows, and what it was sent of each object. */
function reader(hub: StatusHub, filter: StatusFilter) {
  const controller = new AbortController();
  const stream = hub.watch(filter, controller.signal);
  const objects = new Map<string, WatchedObject>();
  const sent: string[] = [];
  const repeated: string[] = [];
  const keyOf = ({ kind, project, name }: WatchedRef) => `${kind} ${project ?? ''} ${name}`;
  const put = (object: WatchedObject) => {
    const key = keyOf({ kind: object.kind, ...object.metadata });
    const known = objects.get(key);
    if (known !== undefined && comparable(known) === comparable(object)) repeated.push(key);
    objects.set(key, object);
    sent.push(key);
  };
  const take = (message: CacheMessage) => {
    if (message.type === 'objects') for (const { resource } of message.objects) put(resource);
    if (message.type !== 'updates') return;
    for (const { resource } of message.put) put(resource);
    for (const ref of message.deleted) objects.delete(keyOf(ref));
  };
  let pending: Promise<IteratorResult<CacheMessage, void>> | undefined;
  /** The next message, if there is one soon. */
  const next = async (): Promise<CacheMessage | undefined> => {
    pending ??= stream.next();
    const quiet = systemClock.sleep(30, never).then(() => undefined);
    const found = await Promise.race([pending, quiet]);
    if (found === undefined || found.done === true) return undefined;
    pending = undefined;
    take(found.value);
    return found.value;
  };
  const close = async () => {
    controller.abort();
    await pending;
    await stream.return();
  };
  closing.push(close);
  return {
    objects,
    sent,
    repeated,
    next,
    close,
    drain: async () => {
      while ((await next()) !== undefined);
    },
  };
}

/** As people see it: how far a speaker is shows in nothing else. */
function comparable(object: WatchedObject): string {
  return JSON.stringify(object).replace(/"appliedRevision":\d+/g, '');
}

const metadata = (name: string, project?: string) => ({
  name,
  ...(project === undefined ? {} : { project }),
  uid: name,
  createdAt: 't',
  updatedAt: 't',
});
const check = { type: 'tcp', port: 80 } as const;
const announced = (name: string, index: number, hops: number) => ({
  v: 1,
  kind: 'Announcement',
  metadata: metadata(name, 'shop'),
  spec: {
    prefixes: [`203.0.113.${index}/32`, `2001:db8::${index}/128`],
    nextHops: ['10.0.0.1', '2001:db8:1::1'].slice(0, hops).map((address) => ({ address })),
    healthCheck: check,
  },
});
const taskIds = ['10.0.0.1', '2001:db8:1::1'].map((address) => {
  const [task] = tasksOf({ spec: { prefixes: [], nextHops: [{ address }], healthCheck: check } });
  return task;
});
const report = (name: string, appliedRevision: number, state: number) => ({
  v: 1,
  name,
  node: 'n',
  zone: 'default',
  asn: 1,
  routerId: '1.1.1.1',
  appliedRevision,
  paths: 0,
  foreignPaths: 0,
  peers: [{ name: 'p', address: '10.0.0.9', asn: 2, session: state > 1 ? 'established' : 'idle' }],
  exceptions:
    state % 2 === 0 ? [] : [{ prefix: '203.0.113.1/32', nextHop: '10.0.0.1', kind: 'held', reason: 'mirrorStale' }],
  exceptionCount: 0,
  conditions: [],
  reportedAt: 't',
});

const number = fc.nat({ max: 3 });
const change = fc.oneof(
  fc.record({ of: fc.constant('announcement' as const), index: number, hops: number }),
  fc.record({ of: fc.constant('verdict' as const), index: number, state: fc.constantFrom('up', 'down', 'suspect') }),
  fc.record({ of: fc.constant('claim' as const), index: number, live: fc.boolean() }),
  fc.record({ of: fc.constant('drain' as const), index: number, live: fc.boolean() }),
  fc.record({ of: fc.constant('project' as const), index: number }),
  fc.record({ of: fc.constant('peer' as const), live: fc.boolean() }),
  fc.record({ of: fc.constant('report' as const), index: number, behind: number, gone: fc.boolean() }),
);
type Change = typeof change extends fc.Arbitrary<infer One> ? One : never;

async function make(store: ModelStore, one: Change): Promise<void> {
  const put = async (key: string, value: unknown, live = true) => {
    const operation = live
      ? ({ op: 'put', key, value: JSON.stringify(value) } as const)
      : ({ op: 'delete', key } as const);
    await store.commit([], [operation], never);
  };
  const { revision } = await store.status(never);
  switch (one.of) {
    case 'announcement':
      return put(
        `announcements/shop/a${one.index}`,
        announced(`a${one.index}`, one.index + 1, one.hops),
        one.hops > 0 && one.hops < 3,
      );
    case 'verdict': {
      const task = taskIds[one.index % 2];
      const rest = { since: 't', reason: 'ok', checker: 'c', epoch: 1, seq: revision };
      return put(`health/${task?.taskId}`, { v: 1, state: one.state, ...rest });
    }
    case 'claim':
      return put(`claims/default/${taskIds[one.index % 2]?.shard}`, { v: 1, holder: 'c', incarnation: 1 }, one.live);
    case 'drain': {
      const target = [{ nextHop: '10.0.0.1' }, { announcement: 'shop/a0' }, { speaker: 's1' }, { zone: 'default' }][
        one.index
      ];
      const record = { v: 1, kind: 'Drain', metadata: metadata(`d${one.index}`), spec: { target } };
      return put(`drains/d${one.index}`, record, one.live);
    }
    case 'project': {
      const spec = {
        prefixes: [{ prefix: '2001:db8::/32' }, { prefix: `203.0.113.0/${24 + one.index}` }],
        nextHops: ['10.0.0.0/8', '2001:db8:1::/48'],
      };
      return put('projects/shop', { v: 1, kind: 'Project', metadata: metadata('shop'), spec });
    }
    case 'peer':
      return put(
        'peers/p',
        { v: 1, kind: 'Peer', metadata: metadata('p'), spec: { address: '10.0.0.9', asn: 2 } },
        one.live,
      );
    case 'report': {
      const name = `s${one.index % 2}`;
      return put(`speaker-status/${name}`, report(name, Math.max(0, revision - one.behind), one.index), !one.gone);
    }
  }
}

const all = { collections: ['announcements', 'drains', 'peers', 'projects'] } as const;

test('whatever happens, readers end up with what get answers, and get nothing twice', {
  timeout: 120_000,
}, async () => {
  const step = fc.record({
    changes: fc.array(change, { maxLength: 4 }),
    read: fc.nat({ max: 2 }),
    another: fc.nat({ max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { store, cache, hub, context } = await start();
      const readers = [{ filter: all as StatusFilter, ...reader(hub, all) }];
      for (const { changes, read, another } of steps) {
        for (const one of changes) await make(store, one);
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
    await make(store, web);
    await make(store, down);
    await systemClock.sleep(20, never);
    expect(hub.computed()).toBe(0);
    const readers = Array.from({ length: 20 }, () => reader(hub, all));
    for (const one of readers) await one.drain();
    const before = hub.computed();
    await make(store, { ...down, state: 'up' });
    for (const one of readers) await one.drain();
    expect(hub.computed() - before).toBe(1);
    for (const one of readers) expect(one.sent).toEqual(['Announcement shop a0', 'Announcement shop a0']);
    for (const one of readers) await one.close();
    const idle = hub.computed();
    await make(store, down);
    await systemClock.sleep(20, never);
    expect(hub.computed()).toBe(idle);
  });

  test('a reader that takes nothing for a while gets the latest state only', async () => {
    const { store, hub, cache } = await start();
    await make(store, web);
    const slow = reader(hub, all);
    await slow.drain();
    for (let index = 0; index < 200; index += 1) await make(store, { ...web, hops: 1 + (index % 2) });
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
    for (const index of [0, 1, 2]) await make(store, { ...web, index });
    await make(store, { of: 'report', index: 0, behind: 0, gone: false });
    const one = reader(hub, { collections: ['announcements'] });
    await one.drain();
    const before = hub.computed();
    for (let round = 0; round < 5; round += 1) await make(store, { of: 'report', index: 0, behind: 0, gone: false });
    await one.drain();
    expect(hub.computed()).toBe(before);
    expect(one.sent.length).toBe(3);
  });

  test('a report that catches up shows in what had waited for it, and in nothing else', async () => {
    const { store, hub } = await start();
    for (const index of [0, 1, 2]) await make(store, { ...web, index });
    const caughtUp = { of: 'report', index: 0, behind: 0, gone: false } as const;
    await make(store, caughtUp);
    const one = reader(hub, { collections: ['announcements'] });
    await one.drain();
    await make(store, { ...web, hops: 1 });
    await one.drain();
    const stateOf = () => JSON.stringify(one.objects.get('Announcement shop a0'));
    expect(stateOf()).toContain('notApplied');
    const before = hub.computed();
    await make(store, caughtUp);
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
