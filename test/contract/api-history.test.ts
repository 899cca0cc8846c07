/** History over HTTP: the versions of an object, what changed with each, and that keeping them costs no watcher anything. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const pathOf = (name: string) => `/v1/announcements/shop/${name}`;
const history = (name: string) => rig.send('GET', `/v1/history/announcements/shop/${name}`);
const label = (name: string, value: string) => rig.send('PATCH', pathOf(name), { metadata: { labels: { n: value } } });
const kept = async (name: string) =>
  (await rig.store.list(`/corebgp/v1/history/announcements/shop/${name}/`, {}, never)).entries;

test('PUT, PATCH, apply, delete and undelete each leave a version; a create leaves none', async () => {
  const web = announcement('web', ['203.0.113.1/32', '2001:db8::1/128']);
  const created = (await rig.send('POST', '/v1/announcements', web)).body;
  expect(await kept('web')).toEqual([]);
  const put = announcement('web', ['203.0.113.1/32', '2001:db8::2/128']);
  const replaced = (await rig.send('PUT', pathOf('web'), put)).body;
  // What changes nothing leaves nothing.
  expect((await rig.send('PUT', pathOf('web'), put)).body).toEqual(replaced);
  const patched = (await label('web', '1')).body;
  const nextHops = [{ address: '10.0.1.1', zone: 'a' }, { address: '2001:db8:1::1' }];
  const applied = { ...put, spec: { ...put.spec, nextHops } };
  const { results } = (await rig.send('POST', '/v1/apply', { resources: [applied] })).body;
  await rig.send('DELETE', pathOf('web'));
  const gone = (await history('web')).body;
  expect([gone.exists, gone.versions[0].action]).toEqual([false, 'deleted']);
  const back = (await rig.send('POST', `${pathOf('web')}/undelete`)).body;

  const { status, body } = await history('web');
  expect(status).toBe(200);
  expect(body).toMatchObject({ kind: 'Announcement', project: 'shop', name: 'web', exists: true });
  expect(body.versions).toEqual([
    {
      revision: back.metadata.revision,
      at: back.metadata.updatedAt,
      action: 'undeleted',
      changes: [],
      labels: {},
      annotations: {},
      spec: applied.spec,
    },
    { revision: gone.versions[0].revision, at: gone.versions[0].at, action: 'deleted', changes: [] },
    expect.objectContaining({
      revision: results[0].revision,
      action: 'changed',
      changes: [
        { field: 'metadata.labels.n', before: '1' },
        { field: 'spec.nextHops[0].zone', after: 'a' },
      ],
    }),
    expect.objectContaining({
      revision: patched.metadata.revision,
      at: patched.metadata.updatedAt,
      action: 'changed',
      changes: [{ field: 'metadata.labels.n', after: '1' }],
      labels: { n: '1' },
    }),
    expect.objectContaining({
      revision: replaced.metadata.revision,
      action: 'changed',
      changes: [
        { field: 'spec.prefixes[1]', before: '2001:db8::1/128' },
        { field: 'spec.prefixes[1]', after: '2001:db8::2/128' },
      ],
    }),
    expect.objectContaining({
      revision: created.metadata.revision,
      at: created.metadata.createdAt,
      action: 'created',
      changes: [],
      spec: web.spec,
    }),
  ]);
  const revisions = body.versions.map(({ revision }: { revision: number }) => revision);
  expect(revisions).toEqual([...revisions].sort((a, b) => b - a));
});

test('at most ten former versions are kept, under races too', async () => {
  await rig.send('POST', '/v1/announcements', announcement('many', ['203.0.113.20/32']));
  const numbers = Array.from({ length: 30 }, (_, index) => String(index));
  for (const number of numbers.slice(0, 14)) expect((await label('many', number)).status).toBe(200);
  expect(await kept('many')).toHaveLength(10);
  const { versions } = (await history('many')).body;
  expect(versions).toHaveLength(11);
  expect(versions.map(({ labels }: { labels: { n: string } }) => labels.n)).toEqual(numbers.slice(3, 14).reverse());
  // The version before the oldest is gone, so nobody can say what it changed.
  expect(versions.at(-1)).toMatchObject({ action: 'changed' });
  expect(versions.at(-1)).not.toHaveProperty('changes');
  await Promise.all(numbers.map((number) => label('many', `r${number}`)));
  expect(await kept('many')).toHaveLength(10);
});

test('an announcement whose prefixes and next hops all change keeps its version within one commit', async () => {
  const prefixes = (from: number) => Array.from({ length: 15 }, (_, index) => `203.0.113.${from + index}/32`);
  const hops = (from: number) => Array.from({ length: 64 }, (_, index) => ({ address: `10.0.2.${from + index}` }));
  const wide = (from: number) => {
    const one = announcement('wide', prefixes(from));
    const healthCheck = { type: 'tcp', port: 80, interval: '5s', timeout: '1s' };
    return { ...one, spec: { ...one.spec, nextHops: hops(from), healthCheck } };
  };
  expect((await rig.send('POST', '/v1/announcements', wide(100))).status).toBe(201);
  for (const number of Array.from({ length: 11 }, (_, index) => index)) await label('wide', String(number));
  const answer = await rig.send('PUT', pathOf('wide'), wide(170));
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  expect(await kept('wide')).toHaveLength(10);
  expect((await rig.send('DELETE', pathOf('wide'))).status).toBe(200);
  expect((await rig.send('POST', `${pathOf('wide')}/undelete`)).status).toBe(200);
});

test('of a created anew, the versions of the deleted one are told apart', async () => {
  await rig.send('POST', '/v1/announcements', announcement('twice', ['203.0.113.30/32']));
  await rig.send('DELETE', pathOf('twice'));
  await rig.send('POST', '/v1/announcements', announcement('twice', ['203.0.113.31/32']));
  const { versions } = (await history('twice')).body;
  expect(versions.map(({ action }: { action: string }) => action)).toEqual(['created', 'deleted', 'created']);
});

test.each([
  ['203.0.113.40/32', '203.0.113.41/32'],
  ['2001:db8::40/128', '2001:db8::41/128'],
])('the history of the prefix %s is that of its announcement, or of the last one', async (prefix, other) => {
  const byPrefix = (text: string) => rig.send('GET', `/v1/history?prefix=${encodeURIComponent(text)}`);
  const name = prefix.includes(':') ? 'six' : 'four';
  await rig.send('POST', '/v1/announcements', announcement(name, [prefix]));
  expect((await byPrefix(prefix)).body).toEqual((await history(name)).body);
  await rig.send('PUT', pathOf(name), announcement(name, [other]));
  expect((await byPrefix(prefix)).body).toMatchObject({ name, exists: true });
  await rig.send('DELETE', pathOf(name));
  expect((await byPrefix(other)).body).toMatchObject({ name, exists: false });
  expect((await byPrefix('203.0.113.99/32')).body).toMatchObject({ status: 404, code: 'notFound' });
  expect((await byPrefix('203.0.113.99/24')).body).toMatchObject({ status: 400, field: 'prefix' });
});

test('every kind has a history; of what never was there is none', async () => {
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '10.0.1.1' } } };
  await rig.send('PUT', '/v1/drains/d', drain);
  await rig.send('PUT', '/v1/drains/d', { ...drain, spec: { ...drain.spec, why: 'work' } });
  expect((await rig.send('GET', '/v1/history/drains/d')).body.versions[0].changes).toEqual([
    { field: 'spec.why', after: 'work' },
  ]);
  await rig.send('PATCH', '/v1/projects/shop', { metadata: { labels: { a: 'b' } } });
  expect((await rig.send('GET', '/v1/history/projects/shop')).body.versions).toHaveLength(2);
  const nothing = await rig.send('GET', '/v1/history/peers/nobody');
  expect(nothing).toMatchObject({ status: 404, body: { code: 'notFound' } });
});

test('a version that cannot be read is said to be so, and hides no other', async () => {
  await rig.send('POST', '/v1/announcements', announcement('odd', ['203.0.113.50/32']));
  await label('odd', '1');
  const [entry] = await kept('odd');
  const key = '/corebgp/v1/announcements/shop/odd';
  await rig.store.commit(
    [],
    [
      { op: 'put', key: `/corebgp/v1/history/announcements/shop/odd/0000000000000001`, value: '{"v":' },
      { op: 'put', key, value: '{"v":2}' },
    ],
    never,
  );
  const { status, body } = await history('odd');
  expect(status).toBe(200);
  expect(body.versions.map(({ unreadable }: { unreadable?: true }) => unreadable)).toEqual([true, undefined, true]);
  expect(body.versions[1].revision).toBe(Number(entry?.key.split('/').at(-1)));
});
