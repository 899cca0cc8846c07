/** Apply, dry run and explain. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { manualClock } from '../rig/store-clock.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
});
afterAll(() => rig.close());

const speaker = (appliedRevision: number) => ({
  v: 1,
  name: 'edge1',
  node: 'n1',
  zone: 'default',
  asn: 64512,
  routerId: '192.0.2.1',
  appliedRevision,
  paths: 0,
  foreignPaths: 0,
  peers: [],
  exceptions: [],
  exceptionCount: 0,
  conditions: [],
  reportedAt: '2026-01-01T00:00:00Z',
});
const resources = [shop, announcement('web', ['203.0.113.10/32']), announcement('six', ['2001:db8::10/128'])];
const apply = async (list: readonly unknown[], query = '') =>
  (await rig.send('POST', `/v1/apply${query}`, { resources: list })).body;
const results = (body: { results: { result: string }[] }) => body.results.map(({ result }) => result);

test('a dry run decides like the real one, answers the paths, and writes nothing', async () => {
  await rig.send('POST', '/v1/speakers/edge1/report', speaker(0));
  await expect.poll(async () => (await rig.send('GET', '/v1/speakers')).body.resources.length).toBe(1);
  const before = await rig.store.status(never);
  const body = await apply(resources, '?dryRun=true');
  expect(body.dryRun).toBe(true);
  expect(results(body)).toEqual(['created', 'created', 'created']);
  expect(body.paths).toHaveLength(1);
  expect(body.paths[0]).toMatchObject({ speaker: 'edge1', withdraw: [], change: [] });
  expect(body.paths[0].announce.map((path: { prefix: string }) => path.prefix).sort()).toEqual([
    '2001:db8::10/128',
    '203.0.113.10/32',
  ]);
  expect((await rig.send('GET', '/v1/projects')).body.resources).toEqual([]);
  const { entries } = await rig.store.list('/corebgp/v1/projects/', {}, never);
  expect([entries.length, before.storeId]).toEqual([0, (await rig.store.status(never)).storeId]);
});

test('resources are applied in order, each for itself', async () => {
  const broken = { kind: 'Anouncement', metadata: { name: 'x' } };
  const body = await apply([
    announcement('early', ['203.0.113.11/32']),
    ...resources,
    broken,
    announcement('thief', ['203.0.113.10/32']),
  ]);
  expect(results(body)).toEqual(['failed', 'created', 'created', 'created', 'failed', 'failed']);
  expect(body.results[0]).toMatchObject({ name: 'shop/early', error: { code: 'notEntitled' } });
  expect(body.results[4].error).toMatchObject({ code: 'invalid', field: 'kind' });
  expect(body.results[4].error.detail).toContain('did you mean "Announcement"?');
  expect(body.results[5]).toMatchObject({ name: 'shop/thief', error: { code: 'prefixTaken' } });
  const again = await apply(resources);
  expect(results(again)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  expect(again.results[1].revision).toBe(body.results[2].revision);
});

test('a dry run tells how each object would differ from what is stored', async () => {
  const web = announcement('web', ['203.0.113.10/32'], { attributes: { med: 5 } });
  const labelled = { ...web, metadata: { ...web.metadata, labels: { team: 'edge' } } };
  const fresh = announcement('fresh', ['2001:db8::77/128']);
  const body = await apply([labelled, fresh, resources[0], { kind: 'Peer' }], '?dryRun=true');
  expect(body.results[0]).toMatchObject({
    result: 'changed',
    changes: [
      { field: 'metadata.labels.team', after: 'edge' },
      { field: 'spec.attributes', after: { med: 5 } },
    ],
  });
  expect(body.results[1]).toMatchObject({
    result: 'created',
    changes: [
      { field: 'spec.prefixes', after: ['2001:db8::77/128'] },
      { field: 'spec.nextHops', after: [{ address: '2001:db8:1::1' }] },
    ],
  });
  expect(body.results[2]).toMatchObject({ result: 'unchanged', changes: [] });
  expect(body.results[3]).not.toHaveProperty('changes');
  const { results: done } = await apply([resources[0]]);
  expect(done[0]).not.toHaveProperty('changes');
});

test('a dry run of a drain, of a smaller project and of a dropped prefix says what would leave', async () => {
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '10.0.1.1' } } };
  const drained = await apply([drain], '?dryRun=true');
  expect(drained.paths[0].withdraw).toEqual([{ prefix: '203.0.113.10/32', nextHop: '10.0.1.1', reason: 'drained' }]);
  const smaller = { ...shop, spec: { ...shop.spec, prefixes: [{ prefix: '203.0.113.0/24' }] } };
  const shrunk = await apply([smaller], '?dryRun=true');
  expect(shrunk.paths[0].withdraw).toEqual([
    { prefix: '2001:db8::10/128', nextHop: '2001:db8:1::1', reason: 'notEntitled' },
  ]);
  const moved = await apply([announcement('web', ['203.0.113.12/32'])], '?dryRun=true');
  expect(results(moved)).toEqual(['changed']);
  expect(moved.paths[0].withdraw).toEqual([
    { prefix: '203.0.113.10/32', nextHop: '10.0.1.1', reason: 'prefixRemoved' },
  ]);
  expect((await rig.send('GET', '/v1/announcements/shop/web')).body.spec.prefixes).toEqual(['203.0.113.10/32']);
});

test('a dry run that touches everything lists some and counts the rest, while others are answered', async () => {
  const own = await startApi();
  await own.send('POST', '/v1/speakers/edge1/report', speaker(0));
  await own.send('POST', '/v1/projects', shop);
  const count = 3_000;
  for (let from = 0; from < count; from += 100) {
    const puts = Array.from({ length: 100 }, (_, index) => {
      const number = (from + index + 1).toString(16);
      const hop = `2001:db8:1::${number}`;
      const spec = { prefixes: [`2001:db8::${number}:1/128`], nextHops: [{ address: hop }] };
      const metadata = { project: 'shop', name: `a${number}`, uid: 'u', createdAt: '2026-01-01T00:00:00Z' };
      const record = { v: 1, kind: 'Announcement', metadata: { ...metadata, updatedAt: metadata.createdAt }, spec };
      const value = JSON.stringify(record);
      return { op: 'put', key: `/corebgp/v1/announcements/shop/a${number}`, value } as const;
    });
    await own.store.commit([], puts, never);
  }
  const all = async () => (await own.send('GET', '/v1/announcements?limit=1')).body.remaining;
  await expect.poll(all, { timeout: 10_000 }).toBe(count - 1);
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { speaker: 'edge1' } } };
  let answered = false;
  let others = 0;
  // Without HTTP, which takes turns of its own.
  const body = { resources: [drain] };
  const request = { endpoint: 'apply', params: {}, query: { dryRun: 'true' }, headers: {}, body };
  const dryRun = own.api.direct.call(request, never).finally(() => {
    answered = true;
  });
  while (!answered) {
    await new Promise((resolve) => setImmediate(resolve));
    others += 1;
  }
  const withdraw = expect.objectContaining({ length: 1_000 });
  expect((await dryRun).body).toMatchObject({
    paths: [{ announce: [], withdraw, change: [], keep: [], more: { withdraw: count - 1_000 } }],
  });
  expect(others).toBeGreaterThan(3);
  const narrow = { ...drain, spec: { target: { nextHop: '2001:db8:1::5' } } };
  const [diff] = (await own.send('POST', '/v1/apply?dryRun=true', { resources: [narrow] })).body.paths;
  expect(diff).toMatchObject({ withdraw: [{ prefix: '2001:db8::5:1/128', nextHop: '2001:db8:1::5' }] });
  expect(diff).not.toHaveProperty('more');
  await own.close();
});

test('explain tells the chain for an announcement and for an address', async () => {
  const { body } = await rig.send('GET', '/v1/explain/shop/web');
  expect(body.announcement).toBe('shop/web');
  expect(body.steps.map(({ step }: { step: string }) => step)).toContain('entitlement');
  const byPrefix = (await rig.send('GET', '/v1/explain?address=203.0.113.10')).body;
  expect(byPrefix.explanations.map((one: { announcement: string }) => one.announcement)).toEqual(['shop/web']);
  const byNextHop = (await rig.send('GET', '/v1/explain?address=2001:db8:1::1')).body;
  expect(byNextHop.explanations.map((one: { announcement: string }) => one.announcement)).toEqual(['shop/six']);
  expect((await rig.send('GET', '/v1/explain?address=10.1')).body).toMatchObject({ status: 400, field: 'address' });
  expect((await rig.send('GET', '/v1/explain/shop/nobody')).body.code).toBe('notFound');
});

test('the status follows what the speaker has applied', async () => {
  const { revision } = (await rig.send('GET', '/v1/announcements')).body;
  await rig.send('POST', '/v1/speakers/edge1/report', speaker(revision));
  await expect
    .poll(async () => (await rig.send('GET', '/v1/announcements/shop/web')).body.status.state)
    .toBe('announced');
});

test('the same answers come without HTTP', async () => {
  const request = { endpoint: 'announcements.get', params: { project: 'shop', name: 'web' }, query: {}, headers: {} };
  const { status, body } = await rig.api.direct.call(request, never);
  expect([status, body]).toEqual([200, (await rig.send('GET', '/v1/announcements/shop/web')).body]);
  await expect(
    rig.api.direct.call({ ...request, params: { project: 'shop', name: 'x' } }, never),
  ).rejects.toMatchObject({
    code: 'notFound',
  });
  await expect(rig.api.direct.call({ ...request, endpoint: 'nothing' }, never)).rejects.toMatchObject({
    code: 'notFound',
  });
});

/** A server on whose clock each write of an announcement takes so long; all else takes no time. */
async function startSlow(ms: number): Promise<ApiRig> {
  const clock = manualClock();
  const slow = (store: Store): Store => ({
    ...store,
    commit: async (conditions, operations, signal) => {
      if (operations.some(({ op, key }) => op === 'put' && key.includes('/announcements/'))) clock.advance(ms);
      signal.throwIfAborted();
      return await store.commit(conditions, operations, signal);
    },
  });
  const slowRig = await startApi({ clock }, slow);
  expect((await slowRig.send('POST', '/v1/projects', shop)).status).toBe(201);
  return slowRig;
}
const hundred = Array.from({ length: 100 }, (_, index) =>
  announcement(`slow-${index}`, [index % 2 === 0 ? `203.0.113.${index}/32` : `2001:db8::${index}/128`]),
);

test('100 resources at half a second each are all applied in one call', async () => {
  const slowRig = await startSlow(500);
  try {
    const { status, body } = await slowRig.send('POST', '/v1/apply', { resources: hundred });
    expect([status, new Set(results(body))]).toEqual([200, new Set(['created'])]);
  } finally {
    await slowRig.close();
  }
});

test('when the time for a call is over, each resource still has its answer, and the answers are true', async () => {
  const slowRig = await startSlow(1_000);
  try {
    const { status, body } = await slowRig.send('POST', '/v1/apply', { resources: hundred });
    expect([status, body.results.length]).toEqual([200, 100]);
    const created = body.results.filter(({ result }: { result: string }) => result === 'created').length;
    expect(created).toBeGreaterThan(40);
    expect(created).toBeLessThan(60);
    const late = body.results.slice(created);
    expect(new Set(late.map(({ error }: { error?: { code: string } }) => error?.code))).toEqual(new Set(['timeout']));
    expect(late[0].error.detail).toContain('may or may not');
    expect(late[1].error.detail).toContain("before this resource's turn came");
    const { entries } = await slowRig.store.list('/corebgp/v1/announcements/', {}, never);
    expect(entries).toHaveLength(created);
  } finally {
    await slowRig.close();
  }
});
