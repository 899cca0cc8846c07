/** Events over the real server: what is told, once, in order, bounded. */
import { afterEach, describe, expect, test } from 'vitest';
import { startEventLog } from '../../src/api/events-log.ts';
import { createPlanningView } from '../../src/api/planning-view.ts';
import { runApi } from '../../src/api/run.ts';
import { createWatchCache } from '../../src/api/watch-cache.ts';
import type { Event } from '../../src/contract/event-endpoints.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import type { EventRecord } from '../../src/model/event.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createModelStore } from '../../src/store/model-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(...args: Parameters<typeof startApi>): Promise<ApiRig> {
  const rig = await startApi(...args);
  closing.push(() => rig.close());
  await rig.send('POST', '/v1/projects', shop);
  return rig;
}

const eventsOf = async (rig: ApiRig, query = '', url = rig.url): Promise<readonly Event[]> =>
  ((await (await fetch(`${url}/v1/events${query}`)).json()) as { events: readonly Event[] }).events;
const kinds = (events: readonly Event[]) => events.map(({ kind, object }) => `${kind} ${object}`);

const report = (more: object) => ({
  v: 1,
  name: 'rr1',
  node: 'n',
  zone: 'default',
  asn: 64_512,
  routerId: '10.0.0.1',
  appliedRevision: 1,
  paths: 0,
  foreignPaths: 0,
  peers: [],
  exceptions: [],
  exceptionCount: 0,
  conditions: [],
  reportedAt: '2026-01-01T00:00:00Z',
  ...more,
});

test('users and speakers make events; reading by object, prefix and kind, and page by page', async () => {
  const rig = await start();
  await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32', '2001:db8::1/128']));
  await rig.send('PUT', '/v1/announcements/shop/web', announcement('web', ['203.0.113.1/32']));
  await rig.send('DELETE', '/v1/announcements/shop/web');
  expect((await rig.send('POST', '/v1/announcements/shop/web/undelete')).status).toBeLessThan(300);
  const peer = { name: 'p1', address: '2001:db8::9', asn: 64_513, session: 'established' };
  const path = { at: '2026-01-01T00:00:01Z', prefix: '203.0.113.1/32', nextHop: '10.0.1.1', reason: 'unchecked' };
  const changes = { since: '2026-01-01T00:00:00Z', count: 3, last: [{ ...path, seq: 3, action: 'announce' }] };
  await rig.send('POST', '/v1/speakers/rr1/report', report({ peers: [peer], changes }));
  await rig.send(
    'POST',
    '/v1/speakers/rr1/report',
    report({
      peers: [{ ...peer, session: 'idle' }],
      changes,
      conditions: [{ reason: 'listenRefused', message: 'No.' }],
    }),
  );
  const expected = [
    'created shop',
    'created shop/web',
    'changed shop/web',
    'deleted shop/web',
    'undeleted shop/web',
    'peerUp p1',
    'leftOut rr1',
    'pathAnnounced rr1',
    'peerDown p1',
    'condition rr1',
  ];
  await expect.poll(async () => kinds(await eventsOf(rig)), { timeout: 10_000 }).toEqual(expected);
  expect(kinds(await eventsOf(rig, '?object=shop/web&limit=2'))).toEqual(['deleted shop/web', 'undeleted shop/web']);
  expect(await eventsOf(rig, '?prefix=203.0.113.1/32')).toMatchObject([{ kind: 'pathAnnounced', at: path.at }]);
  expect(kinds(await eventsOf(rig, '?kind=peerDown'))).toEqual(['peerDown p1']);
  const paged: Event[] = [];
  let before = '';
  for (;;) {
    const { body } = await rig.send('GET', `/v1/events?limit=3${before}`);
    paged.unshift(...body.events);
    if (body.earlier === undefined) break;
    before = `&before=${body.earlier}`;
  }
  expect(kinds(paged)).toEqual(expected);
  for (const [query, field] of [
    ['kind=odd', 'kind'],
    ['prefix=203.0.113.1/24', 'prefix'],
    ['prefix=2001:DB8::1/128', 'prefix'],
    ['limit=501', 'limit'],
    ['before=x', 'before'],
  ]) {
    expect((await rig.send('GET', `/v1/events?${query}`)).body, query).toMatchObject({ status: 400, field });
  }
});

test('a filter that nothing matches goes through all of them in slices', async () => {
  // Each look at the clock takes a millisecond meanwhile, so that it is no matter of how quick the machine is.
  let slow = false;
  let late = 0;
  const now = () => {
    if (slow) late += 1;
    return systemClock.now() + late;
  };
  const rig = await start({ clock: { ...systemClock, now } });
  const record = { v: 1, at: '2026-01-01T00:00:00Z', kind: 'created', reason: 'declared', message: 'Made.' };
  for (let from = 0; from < 4_000; from += 100) {
    const puts = Array.from({ length: 100 }, (_, index) => {
      const key = `/corebgp/v1/events/${String(from + index).padStart(16, '0')}-000`;
      return { op: 'put', key, value: JSON.stringify({ ...record, object: `o${from + index}` }) } as const;
    });
    await rig.store.commit([], puts, never);
  }
  await expect.poll(async () => kinds(await eventsOf(rig, '?object=o3999')), { timeout: 10_000 }).toHaveLength(1);
  let answered = false;
  let others = 0;
  // Without HTTP, which takes turns of its own.
  const request = { endpoint: 'events.list', params: {}, query: { object: 'nobody' }, headers: {} };
  slow = true;
  const call = rig.api.direct.call(request, never).finally(() => {
    answered = true;
    slow = false;
  });
  while (!answered) {
    await new Promise((resolve) => setImmediate(resolve));
    others += 1;
  }
  expect((await call).body).toMatchObject({ events: [] });
  expect(others).toBeGreaterThan(10);
});

test('a next hop that goes up and down is told with its announcements; the same state again is not', async () => {
  const rig = await start();
  const check = { healthCheck: { type: 'tcp', port: 80 } };
  await rig.send('POST', '/v1/announcements', announcement('six', ['2001:db8::1/128'], check));
  const twin = announcement('twin', ['2001:db8::2/128'], check);
  await rig.send('POST', '/v1/announcements', twin);
  const health = (key: string, state: string, reason: string) =>
    rig.store.commit(
      [],
      [
        {
          op: 'put',
          key: `/corebgp/v1/health/${key}`,
          value: JSON.stringify({ v: 1, state, since: '2026-01-01T00:00:00Z', reason, checker: 'c', epoch: 1, seq: 1 }),
        },
      ],
      never,
    );
  const explained = JSON.stringify((await rig.send('GET', '/v1/explain/shop/six')).body);
  const [task = ''] = /(?<=task )[0-9a-f]{32}/.exec(explained) ?? [];
  await health(task, 'up', 'ok');
  await health(task, 'up', 'ok');
  await health(task, 'down', 'connectionRefused');
  await health('0'.repeat(32), 'down', 'timeout');
  await health(task, 'suspect', 'timeout');
  await expect
    .poll(async () => (await eventsOf(rig, '?object=shop/twin')).slice(1), { timeout: 10_000 })
    .toMatchObject([
      { kind: 'nextHopUp', object: 'shop/six', others: ['shop/twin'], nextHop: '2001:db8:1::1', reason: 'ok' },
      { kind: 'nextHopDown', reason: 'connectionRefused', at: '2026-01-01T00:00:00Z' },
      { kind: 'nextHopSuspect' },
    ]);
});

test('checkers that join and leave are told; heartbeats are not', async () => {
  const rig = await start();
  const { lease } = (await rig.send('POST', '/v1/leases', { ttlMs: 10_000 })).body;
  const record = { v: 1, id: 'c-1', zone: 'default', state: 'ready', version: '0' };
  for (const ok of [1, 2]) await rig.send('PUT', '/v1/checkers/default/c-1', { lease, record: { ...record, ok } });
  await rig.send('DELETE', `/v1/leases/${lease}`);
  await expect
    .poll(async () => kinds(await eventsOf(rig)).slice(1), { timeout: 10_000 })
    .toEqual(['checkerJoined c-1', 'checkerLeft c-1']);
});

describe('several servers over one store', () => {
  test('write each event once, and one that starts finds nothing new', async () => {
    const rig = await start();
    const options = { store: rig.store, listen: '127.0.0.1:0', clock: systemClock, log: silentLog, version: '0.0.0' };
    const second = await runApi(options, never);
    closing.push(() => second.close());
    const expected = ['created shop'];
    for (let index = 1; index <= 150; index += 1) {
      expected.push(`created shop/a${index}`);
      const url = index % 2 === 0 ? rig.url : second.url;
      const body = JSON.stringify(announcement(`a${index}`, [`203.0.113.${index}/32`]));
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${url}/v1/announcements`, { method: 'POST', headers, body })).status).toBe(201);
    }
    await expect.poll(async () => kinds(await eventsOf(rig)), { timeout: 20_000 }).toEqual(expected);
    const ids = (await eventsOf(rig)).map(({ id }) => id);
    expect([...new Set(ids)].sort()).toEqual(ids);
    const { entries } = await rig.store.list('/corebgp/v1/events/', {}, never);
    expect(entries.filter((one) => one.createRevision !== one.modRevision)).toEqual([]);
    const third = await runApi(options, never);
    closing.push(() => third.close());
    await systemClock.sleep(2_500, never);
    expect((await eventsOf(rig, '', third.url ?? '')).map(({ id }) => id)).toEqual(ids);
  });
});

test('two servers that write at the same moment write each event once', async () => {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  let lost = 0;
  const slow: Store = {
    ...store,
    commit: async (conditions, operations, signal) => {
      // Long enough for the other one to begin as well.
      if (operations.some(({ key }) => key.startsWith('events/'))) await systemClock.sleep(100, never);
      const result = await store.commit(conditions, operations, signal);
      if (!result.committed) lost += 1;
      return result;
    },
  };
  const limits = { waiting: 200, perCommit: 10, kept: 1_000, everyMs: 50, standstillMs: 10_000 };
  for (const name of ['a', 'b']) {
    const heartbeat = { key: `api/${name}`, sentAt: () => systemClock.now() };
    const cache = createWatchCache({ store: slow, clock: systemClock, log: silentLog, random: () => 0, heartbeat });
    const inputs = createPlanningView(cache);
    const own = { store: slow, cache, inputs, clock: systemClock, log: silentLog, serverId: name };
    const log = startEventLog(own, limits);
    closing.push(async () => {
      await log.close();
      await cache.close();
    });
    await cache.loaded(never);
  }
  for (let index = 0; index < 50; index += 1) {
    await store.commit([], [{ op: 'put', key: `announcements/shop/a${index}`, value: '{"v":1}' }], never);
  }
  const stored = async () => (await store.list('events/', {}, never)).entries;
  await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(50);
  await systemClock.sleep(500, never);
  expect((await stored()).map(({ value }) => JSON.parse(value).object)).toEqual(
    Array.from({ length: 50 }, (_, index) => `shop/a${index}`),
  );
  expect((await stored()).filter((one) => one.createRevision !== one.modRevision)).toEqual([]);
  expect(lost).toBeGreaterThan(0);
});

test('a burst is bounded and what is left out is counted; only the newest are kept', async () => {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  const heartbeat = { key: 'api/me', sentAt: () => systemClock.now() };
  const cache = createWatchCache({ store, clock: systemClock, log: silentLog, random: () => 0, heartbeat });
  const inputs = createPlanningView(cache);
  const limits = { waiting: 20, perCommit: 10, kept: 30, everyMs: 50, standstillMs: 10_000 };
  const own = { store, cache, inputs, clock: systemClock, log: silentLog, serverId: 'me' };
  const log = startEventLog(own, limits);
  closing.push(async () => {
    await log.close();
    await cache.close();
    await store.close();
  });
  await cache.loaded(never);
  let made = 0;
  const create = () => {
    made += 1;
    return store.commit([], [{ op: 'put', key: `announcements/shop/a${made}`, value: '{"v":1}' }], never);
  };
  const stored = async (): Promise<EventRecord[]> =>
    (await store.list('events/', {}, never)).entries.map(({ value }) => JSON.parse(value));
  for (let index = 0; index < 100; index += 1) await create();
  await expect.poll(async () => (await stored()).at(-1)?.kind, { timeout: 10_000 }).toBe('leftOut');
  const told = await stored();
  expect(told.length).toBeLessThanOrEqual(30);
  expect(told.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(100);
  for (let round = 0; round < 4; round += 1) {
    for (let index = 0; index < 15; index += 1) await create();
    await expect.poll(async () => (await stored()).at(-1)?.object, { timeout: 10_000 }).toBe(`shop/a${made}`);
  }
  expect((await stored()).map(({ object }) => object)).toEqual(
    Array.from({ length: 30 }, (_, index) => `shop/a${made - 29 + index}`),
  );
});

test('a store that does not take events harms no write, and gets them later', async () => {
  let refuse = true;
  let refused = 0;
  const rig = await start(
    {},
    (store): Store => ({
      ...store,
      commit: async (conditions, operations, signal) => {
        if (refuse && operations.some(({ key }) => key.includes('/events/'))) {
          refused += 1;
          throw new CoreBgpError('unavailable', 'No events (by the test).');
        }
        return await store.commit(conditions, operations, signal);
      },
    }),
  );
  await expect.poll(() => refused).toBeGreaterThan(0);
  expect((await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32']))).status).toBe(201);
  refuse = false;
  await expect
    .poll(async () => kinds(await eventsOf(rig)), { timeout: 20_000 })
    .toEqual(['created shop', 'created shop/web']);
});

test('what has happened just before a clean stop is told all the same', async () => {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  closing.push(() => store.close());
  const first = await start({ store });
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  for (const [index, name] of names.entries()) {
    await first.send(
      'POST',
      '/v1/announcements',
      announcement(name, [`203.0.113.${index}/32`, `2001:db8::${index + 1}/128`]),
    );
  }
  await first.close();
  const again = await startApi({ store });
  closing.push(() => again.close());
  const told = (await eventsOf(again, '?limit=500')).filter(
    ({ kind, object }) => kind === 'created' && object !== 'shop',
  );
  expect(told.map(({ object }) => object)).toEqual(names.map((name) => `shop/${name}`));
});
