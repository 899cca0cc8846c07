/** Records that a newer version wrote: what this one doesn't know outlives its writes, and what it can't do it leaves alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const root = '/corebgp/v1/';
const stored = async (key: string) => {
  const { entry } = await rig.store.get(root + key, never);
  return entry === null ? undefined : JSON.parse(entry.value);
};
const put = (key: string, value: unknown): Operation => ({ op: 'put', key: root + key, value: JSON.stringify(value) });
const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };

describe.each([
  ['announcements', 'shop/web', announcement('web', ['203.0.113.1/32', '2001:db8::1/128'])],
  ['projects', 'kept', { ...shop, metadata: { name: 'kept' } }],
  ['drains', 'kept', { kind: 'Drain', metadata: { name: 'kept' }, spec: { target: { zone: 'eu-1a' } } }],
  ['peers', 'kept', { kind: 'Peer', metadata: { name: 'kept' }, spec: { address: '2001:db8:9::1', asn: 64512 } }],
])('fields of %s outside of the spec', (collection, ref, resource) => {
  const key = `${collection}/${ref}`;
  const path = `/v1/${key}`;
  const mergePatch = { 'content-type': 'application/merge-patch+json' };
  const newer = { note: { by: 'a newer version' }, metadata: { owner: 'edge', finalizers: ['a'], uid: 'u1' } };

  const writeNewer = async () => {
    const { status, body } = await rig.send('PUT', path, resource);
    expect(status, body.detail).toBe(200);
    const record = await stored(key);
    const metadata = { ...record.metadata, ...newer.metadata, labels: { team: 'a', tier: '1' } };
    await rig.store.commit([], [put(key, { ...record, ...newer, metadata })], never);
    await expect.poll(async () => (await rig.send('GET', path)).body.metadata.uid).toBe('u1');
  };

  test('outlive PATCH, PUT, delete and undelete, while what users write is replaced', async () => {
    await writeNewer();
    await rig.send('PATCH', path, { metadata: { labels: { tier: null } } }, mergePatch);
    expect(await stored(key)).toMatchObject({ ...newer, metadata: { ...newer.metadata, labels: { team: 'a' } } });
    await rig.send('PUT', path, { ...resource, metadata: { ...resource.metadata, annotations: { a: 'b' } } });
    const replaced = await stored(key);
    expect(replaced).toMatchObject({ ...newer, metadata: { ...newer.metadata, annotations: { a: 'b' } } });
    expect(replaced.metadata).not.toHaveProperty('labels');
    expect((await rig.send('DELETE', path)).status).toBe(200);
    const restored = await rig.send('POST', `${path}/undelete`);
    expect([restored.status, restored.body.detail]).toEqual([200, undefined]);
    const { updatedAt: _, ...metadata } = replaced.metadata;
    expect(await stored(key)).toMatchObject({ ...replaced, metadata });
    expect(await stored(key)).not.toHaveProperty('deleting');
    // Created anew it is another object.
    await rig.send('DELETE', path);
    expect((await rig.send('PUT', path, resource)).status).toBe(200);
    expect(await stored(key)).not.toHaveProperty('note');
    expect((await stored(key)).metadata).not.toHaveProperty('owner');
  });
});

test('a record in another format is neither patched nor mixed with what a PUT writes', async () => {
  const { kind, metadata, spec } = announcement('format', ['203.0.113.9/32']);
  const record = { v: 2, kind, metadata: { ...metadata, uid: 'u2', ...times, owner: 'edge' }, spec, extra: true };
  await rig.store.commit([], [put('announcements/shop/format', record)], never);
  const path = '/v1/announcements/shop/format';
  const patched = await rig.send('PATCH', path, { metadata: { labels: { a: 'b' } } });
  expect(patched).toMatchObject({ status: 500, body: { reason: 'undecodable' } });
  expect(await stored('announcements/shop/format')).toEqual(record);
  expect((await rig.send('PUT', path, announcement('format', ['203.0.113.9/32']))).status).toBe(200);
  const replaced = await stored('announcements/shop/format');
  expect(replaced).toMatchObject({ v: 1, metadata: { uid: 'u2', createdAt: times.createdAt } });
  expect([replaced.extra, replaced.metadata.owner]).toEqual([undefined, undefined]);
});

test.each([
  ['announcements/shop/odd', announcement('odd', ['203.0.113.8/32']), { scope: 'region' }, 'spec.scope'],
  ['announcements/shop/odd', announcement('odd', ['2001:db8::8/128']), { scope: 'region' }, 'spec.scope'],
  ['drains/odd', { kind: 'Drain', metadata: { name: 'odd' } }, { target: { rack: 'r1' } }, 'spec.target'],
])(
  'get says of %s what the list says of it: what of it can not be read, and what to do',
  async (key, resource, newer, at) => {
    const metadata = { ...resource.metadata, uid: 'odd', ...times };
    const spec = 'spec' in resource ? { ...resource.spec, ...newer } : newer;
    await rig.store.commit([], [put(key, { v: 1, kind: resource.kind, metadata, spec })], never);
    const { revision } = await rig.store.status(never);
    await expect.poll(async () => (await rig.send('GET', '/readyz')).body.revision).toBeGreaterThanOrEqual(revision);
    const { status, body } = await rig.send('GET', `/v1/${key}`);
    expect(body).toMatchObject({ status: 500, code: 'internal', reason: 'undecodable' });
    expect(status).toBe(500);
    const list = await rig.send('GET', `/v1/${key.split('/')[0]}`);
    const listed = list.body.unreadable.find((one: { name: string }) => one.name.endsWith('odd'));
    expect(body.detail).toBe(listed.message);
    expect(body.detail).toContain(at);
    expect(body.detail).toContain('if a newer version of CoreBGP wrote it, ask a server of that version');
    await rig.send('DELETE', `/v1/${key}`);
  },
);

describe.each([
  [
    '203.0.113',
    (index: number) => `203.0.113.${100 + index}/32`,
    (index: number) => `ipv4/203.0.113.${100 + index}_32`,
  ],
  [
    '2001:db8::',
    (index: number) => `2001:db8::${100 + index}/128`,
    (index: number) => `ipv6/2001:db8::${100 + index}_128`,
  ],
])('an announcement of a newer version with very many prefixes: %s', (_what, prefixOf, part) => {
  const key = 'announcements/shop/vast';
  const path = `/v1/${key}`;
  const write = (count: number) => {
    const { kind, metadata, spec } = announcement('vast', many(count).map(prefixOf));
    return rig.store.commit(
      [],
      [
        put(key, { v: 1, kind, metadata: { ...metadata, uid: 'vast', ...times }, spec }),
        ...many(count).map((index) => put(`prefixes/${part(index)}`, { v: 1, owner: 'shop/vast' })),
      ],
      never,
    );
  };
  const revision = async () => (await rig.store.get(root + key, never)).entry?.modRevision;

  test('70 can be released by no single commit, so that it is left as it is, with the reason and what to do', async () => {
    await write(70);
    const before = await revision();
    const bodies = [
      (await rig.send('DELETE', path)).body,
      (await rig.send('PUT', path, announcement('vast', [prefixOf(0)]))).body,
    ];
    for (const body of bodies) {
      expect(body).toMatchObject({ status: 500, code: 'internal', reason: 'undecodable' });
      expect(body.detail).toMatch(/holds 70 prefixes.*newer version.*nothing was changed/);
      expect(body).not.toHaveProperty('field');
    }
    expect(await revision()).toBe(before);
    expect(await stored(`prefixes/${part(69)}`)).toEqual({ v: 1, owner: 'shop/vast' });
    expect(await stored(`tombstones/prefixes/${part(0)}`)).toBeUndefined();
    const thief = await rig.send('POST', '/v1/announcements', announcement('thief', [prefixOf(69)]));
    expect(thief.body.code).toBe('prefixTaken');
    await rig.store.commit(
      [],
      many(70).map((index) => ({ op: 'delete', key: `${root}prefixes/${part(index)}` })),
      never,
    );
  });

  test('61 are released at once', async () => {
    await write(61);
    const deleted = await rig.send('DELETE', path);
    expect([deleted.status, deleted.body.unreadable, deleted.body.detail]).toEqual([200, true, undefined]);
    expect(await stored(`prefixes/${part(60)}`)).toBeUndefined();
    expect(await stored(`tombstones/prefixes/${part(60)}`)).toMatchObject({ owner: 'shop/vast', cause: 'deleted' });
  });
});
