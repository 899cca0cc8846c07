/** Large objects: refused when they are written, with what of them is large; and never too large to be deleted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostRecordBytes } from '../../src/model/resource.ts';
import { versionKey } from '../../src/model/version.ts';
import { maxCommitBytes } from '../../src/store/limits.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const root = '/corebgp/v1/';
/** Three bytes each, one character each for the schema. */
const wide = (characters: number) => '語'.repeat(characters);
const words = (count: number, characters = 1_024) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`word-${index}`, wide(characters)]));
const fill = (characters: number) => {
  const text = 'x'.repeat(characters);
  return { f0: text.slice(0, 1_024), f1: text.slice(1_024, 2_048), f2: text.slice(2_048) };
};
const stored = async (key: string) => {
  const { entry } = await rig.store.get(root + key, never);
  return entry === null ? undefined : JSON.parse(entry.value);
};
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** As an older version wrote it, which had no limit of its own. */
async function writeLarge(name: string, prefix: string, size: number): Promise<void> {
  const { kind, metadata, spec } = announcement(name, [prefix]);
  const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
  const record = { v: 1, kind, metadata: { ...metadata, uid: name, ...times, annotations: words(64) }, spec, fill: '' };
  const value = JSON.stringify({ ...record, fill: 'x'.repeat(size - bytes(record)) });
  expect(Buffer.byteLength(value)).toBe(size);
  await rig.store.commit([], [{ op: 'put', key: `${root}announcements/shop/${name}`, value }], never);
  await expect.poll(async () => (await rig.send('GET', `/v1/announcements/shop/${name}`)).status).toBe(200);
}

test('an object that would outgrow 256 KiB of UTF-8 is refused by PATCH, PUT and apply, which say what of it is large', async () => {
  const path = '/v1/announcements/shop/web';
  const web = announcement('web', ['203.0.113.1/32', '2001:db8::1/128']);
  await rig.send('POST', '/v1/announcements', web);
  expect((await rig.send('PATCH', path, { metadata: { labels: words(64) } })).status).toBe(200);
  const before = (await rig.send('GET', path)).body;
  const patched = await rig.send('PATCH', path, { metadata: { annotations: words(60) } });
  expect(patched).toMatchObject({ status: 413, body: { code: 'tooLarge', field: 'metadata.labels' } });
  expect(patched.body.detail).toMatch(/^Announcement "shop\/web" would take 38\d,\d{3} bytes .* at most 262,144: /);
  expect(patched.body.detail).toContain('metadata.annotations 18');
  expect((await rig.send('GET', path)).body.metadata).toEqual(before.metadata);
  // Within the limit of a body, but not with what the server adds.
  const { metadata } = web;
  const body = (characters: number) => ({
    ...web,
    metadata: { ...metadata, labels: words(60), annotations: { ...words(24), ...fill(characters) } },
  });
  const full = mostRecordBytes - bytes(body(0)) - 1;
  expect(full).toBeLessThan(3 * 1_024);
  expect(await rig.send('PUT', path, body(full))).toMatchObject({
    status: 413,
    body: { code: 'tooLarge', field: 'metadata.labels' },
  });
  for (const query of ['', '?dryRun=true']) {
    const applied = await rig.send('POST', `/v1/apply${query}`, { resources: [body(full - 20)] });
    expect(applied.body.results).toMatchObject([{ result: 'failed', error: { code: 'tooLarge' } }]);
  }
  const smaller = await rig.send('PUT', path, body(0));
  expect([smaller.status, smaller.body.detail]).toEqual([200, undefined]);
  expect((await rig.send('DELETE', path)).status).toBe(200);
  expect(bytes((await stored('tombstones/announcements/shop/web')).record)).toBeGreaterThan(
    mostRecordBytes - 4 * 1_024,
  );
  const restored = await rig.send('POST', `${path}/undelete`);
  expect([restored.status, restored.body.metadata.labels]).toEqual([200, words(60)]);
});

test.each([
  ['545 KB', 'former', '203.0.113.2/32', 'ipv4/203.0.113.2_32', 545_000, true],
  ['nearly a whole commit', 'former-six', '2001:db8::2/128', 'ipv6/2001:db8::2_128', maxCommitBytes - 200, false],
])('a record of %s from an older version is deleted all the same', async (_size, name, prefix, part, size, fits) => {
  await writeLarge(name, prefix, size);
  const path = `/v1/announcements/shop/${name}`;
  const { revision } = (await rig.send('GET', path)).body.metadata;
  const larger = await rig.send('PATCH', path, { metadata: { labels: { a: 'b' } } });
  expect(larger).toMatchObject({ status: 413, body: { code: 'tooLarge' } });
  expect(larger.body.detail).toContain('a newer version wrote');
  const deleted = await rig.send('DELETE', path);
  expect([deleted.status, deleted.body.detail]).toEqual([200, undefined]);
  expect(await stored(`announcements/shop/${name}`)).toBeUndefined();
  expect(await stored(`tombstones/prefixes/${part}`)).toMatchObject({ cause: 'deleted' });
  const { record } = await stored(`tombstones/announcements/shop/${name}`);
  expect(record === null).toBe(!fits);
  const version = await stored(versionKey(`announcements/shop/${name}`, revision));
  expect(version).toMatchObject({ ended: 'deleted', record: null });
  const history = (await rig.send('GET', `/v1/history/announcements/shop/${name}`)).body;
  expect(history.versions).toMatchObject([{ action: 'deleted' }, { revision, unreadable: true }]);
  const undeleted = await rig.send('POST', `${path}/undelete`);
  expect(undeleted.body.code).toBe(fits ? 'tooLarge' : 'internal');
  expect((await rig.send('POST', '/v1/announcements', announcement(name, [prefix]))).status).toBe(201);
});

test('a large record from an older version can be made smaller, though it is too large for a former version', async () => {
  await writeLarge('shrinks', '203.0.113.3/32', 400_000);
  const path = '/v1/announcements/shop/shrinks';
  const { revision } = (await rig.send('GET', path)).body.metadata;
  expect((await rig.send('PUT', path, announcement('shrinks', ['203.0.113.3/32']))).status).toBe(200);
  const key = versionKey('announcements/shop/shrinks', revision);
  expect(await stored(key)).toMatchObject({ ended: 'changed', record: null });
  expect((await rig.send('GET', '/v1/history/announcements/shop/shrinks')).body.versions).toHaveLength(2);
});

test('what the store refuses of a commit is no fault of the caller’s fields', async () => {
  const refusing = await startApi({}, (store) => ({
    ...store,
    commit: async (conditions, operations, signal) => {
      const isDrain = operations.some(({ key }) => key.startsWith(`${root}drains/`));
      // As many keys twice as would be needed.
      return await store.commit(conditions, isDrain ? [...operations, ...operations] : operations, signal);
    },
  }));
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '2001:db8::1' } } };
  const { status, body } = await refusing.send('PUT', '/v1/drains/d', drain);
  expect([status, body.code, body.field]).toEqual([500, 'internal', undefined]);
  expect(body.detail).toContain('drains/d does not fit into one commit, so nothing was changed');
  await refusing.close();
});
