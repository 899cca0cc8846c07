/** Undelete over HTTP: what was deleted comes back as it was, if it may. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const root = '/corebgp/v1/';
const pathOf = (name: string) => `/v1/announcements/shop/${name}`;
const undelete = (name: string, headers: Record<string, string> = {}) =>
  rig.send('POST', `${pathOf(name)}/undelete`, undefined, headers);
const stored = async (key: string): Promise<unknown> => {
  const { entry } = await rig.store.get(root + key, never);
  return entry === null ? undefined : JSON.parse(entry.value);
};
const deleted = async (): Promise<readonly { name: string; project?: string; kind: string; revision: number }[]> =>
  (await rig.send('GET', '/v1/tombstones')).body.resources;

async function createAndDelete(name: string, prefixes: readonly string[]) {
  const body = announcement(name, prefixes);
  const labelled = { ...body, metadata: { ...body.metadata, labels: { team: 'edge' }, annotations: { a: 'b' } } };
  const created = await rig.send('POST', '/v1/announcements', labelled);
  expect(created.status, created.body.detail).toBe(201);
  expect((await rig.send('DELETE', pathOf(name))).status).toBe(200);
  return created.body;
}

test('the same object is back: uid, time of creation, labels, spec, prefixes; the tombstones are gone', async () => {
  const before = await createAndDelete('web', ['203.0.113.1/32', '2001:db8::1/128']);
  expect(await deleted()).toEqual([
    expect.objectContaining({ kind: 'Announcement', project: 'shop', name: 'web', revision: before.metadata.revision }),
  ]);
  const { status, body, headers } = await undelete('web');
  expect(status).toBe(200);
  expect(body).toEqual({
    ...before,
    metadata: { ...before.metadata, revision: body.metadata.revision, updatedAt: body.metadata.updatedAt },
  });
  expect(body.metadata.revision).toBeGreaterThan(before.metadata.revision);
  expect(headers.get('etag')).toBe(`"${body.metadata.revision}"`);
  expect((await rig.send('GET', pathOf('web'))).body.metadata).toEqual(body.metadata);
  expect(await stored('prefixes/ipv6/2001:db8::1_128')).toEqual({ v: 1, owner: 'shop/web' });
  for (const key of ['announcements/shop/web', 'prefixes/ipv4/203.0.113.1_32', 'prefixes/ipv6/2001:db8::1_128']) {
    expect(await stored(`tombstones/${key}`)).toBeUndefined();
  }
  expect(await deleted()).toEqual([]);
});

test('404 when nothing was deleted, 409 when it exists; neither changes anything', async () => {
  const nothing = await undelete('nobody');
  expect(nothing).toMatchObject({ status: 404, body: { code: 'notFound' } });
  expect(nothing.body.detail).toContain('7 days');
  const before = (await rig.send('GET', pathOf('web'))).body;
  expect(await undelete('web')).toMatchObject({ status: 409, body: { code: 'alreadyExists' } });
  expect((await rig.send('GET', pathOf('web'))).body).toEqual(before);
});

test('an object created anew under the name is not overwritten, and hides the deleted one', async () => {
  await createAndDelete('again', ['203.0.113.2/32']);
  const anew = await rig.send('POST', '/v1/announcements', announcement('again', ['203.0.113.3/32']));
  expect(anew.status).toBe(201);
  expect(await deleted()).toEqual([]);
  expect((await undelete('again')).body.code).toBe('alreadyExists');
  expect((await rig.send('GET', pathOf('again'))).body.metadata.uid).toBe(anew.body.metadata.uid);
  // What comes back is what was deleted last.
  await rig.send('DELETE', pathOf('again'));
  expect((await undelete('again')).body.metadata.uid).toBe(anew.body.metadata.uid);
});

test.each([
  ['four', '203.0.113.4/32'],
  ['six', '2001:db8::4/128'],
])('a prefix that another one took meanwhile is not taken back: %s', async (name, prefix) => {
  await createAndDelete(`gone-${name}`, [prefix]);
  await rig.send('POST', '/v1/announcements', announcement(`taker-${name}`, [prefix]));
  const answer = await undelete(`gone-${name}`);
  expect(answer).toMatchObject({ status: 409, body: { code: 'prefixTaken' } });
  expect(answer.body.detail).toContain(`shop/taker-${name}`);
  expect((await rig.send('GET', pathOf(`gone-${name}`))).status).toBe(404);
  await rig.send('DELETE', pathOf(`taker-${name}`));
  expect((await undelete(`gone-${name}`)).status).toBe(200);
});

test('what the project no longer permits does not come back', async () => {
  await createAndDelete('outside', ['203.0.113.250/32']);
  const smaller = {
    ...shop,
    spec: { ...shop.spec, prefixes: [{ prefix: '203.0.113.0/25' }, { prefix: '2001:db8::/32' }] },
  };
  await rig.send('PUT', '/v1/projects/shop', smaller);
  expect(await undelete('outside')).toMatchObject({ status: 422, body: { code: 'notEntitled' } });
  await rig.send('PUT', '/v1/projects/shop', shop);
  expect((await undelete('outside')).status).toBe(200);
});

test('If-Match is the revision it had when it was deleted; another one is refused and changes nothing', async () => {
  const { metadata } = await createAndDelete('tagged', ['203.0.113.9/32']);
  const stale = await undelete('tagged', { 'if-match': `"${metadata.revision + 1}"` });
  expect(stale).toMatchObject({ status: 412, body: { code: 'conflict' } });
  expect((await rig.send('GET', pathOf('tagged'))).status).toBe(404);
  expect((await undelete('tagged', { 'if-match': `"${metadata.revision}"` })).status).toBe(200);
});

test('of 20 racing undeletes and 20 racing creates one wins', async () => {
  await createAndDelete('raced', ['203.0.113.10/32']);
  const many = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(
    many.flatMap(() => [
      undelete('raced'),
      rig.send('POST', '/v1/announcements', announcement('raced', ['203.0.113.11/32'])),
    ]),
  );
  expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === 'alreadyExists')).toHaveLength(39);
  const owners = await Promise.all(
    ['203.0.113.10_32', '203.0.113.11_32'].map((prefix) => stored(`prefixes/ipv4/${prefix}`)),
  );
  expect(owners.filter((owner) => owner !== undefined)).toHaveLength(1);
});

test('every kind comes back', async () => {
  const objects = [
    ['peers', { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '2001:db8:ff::1', asn: 64512 } }],
    ['drains', { kind: 'Drain', metadata: { name: 'rr1' }, spec: { target: { nextHop: '10.0.1.1' } } }],
    ['projects', { ...shop, metadata: { name: 'rr1' } }],
  ] as const;
  for (const [collection, body] of objects) {
    const created = await rig.send('POST', `/v1/${collection}`, body);
    expect((await rig.send('DELETE', `/v1/${collection}/rr1`)).status).toBe(200);
    expect((await deleted()).map(({ kind, name }) => `${kind} ${name}`)).toContain(`${body.kind} rr1`);
    const back = await rig.send('POST', `/v1/${collection}/rr1/undelete`);
    expect([back.status, back.body.spec, back.body.metadata.uid]).toEqual([
      200,
      created.body.spec,
      created.body.metadata.uid,
    ]);
  }
});

test('a tombstone that cannot be read is said to be so', async () => {
  const key = `${root}tombstones/announcements/shop/odd`;
  const value = JSON.stringify({ v: 1, at: new Date().toISOString(), revision: 1, record: { v: 2 } });
  await rig.store.commit([], [{ op: 'put', key, value }], never);
  await expect.poll(async () => (await undelete('odd')).body.reason).toBe('undecodable');
});
