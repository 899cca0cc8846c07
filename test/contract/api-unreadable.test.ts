/** Records that this version can't read: deleting and replacing them releases all they hold, and says what was done. */
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { fits } from '../../src/contract/refusal.ts';
import { PrefixTombstone } from '../../src/model/tombstone.ts';
import type { Operation, Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
let letThrough = () => {};
afterEach(async () => {
  letThrough();
  await rig.close();
});

const root = '/corebgp/v1/';
const prefixes = ['203.0.113.7/32', '2001:db8::7/128'];
const keyPart = (prefix: string) => `${prefix.includes(':') ? 'ipv6' : 'ipv4'}/${prefix.replace('/', '_')}`;

/** A server whose copy of the store can be held back: it then sees nothing of what others write. */
async function startHoldable(): Promise<{ hold(): void }> {
  let gate: Promise<void> | undefined;
  rig = await startApi({}, (store: Store) => ({
    ...store,
    watch: async function* (prefix, from, signal) {
      for await (const change of store.watch(prefix, from, signal)) {
        await gate;
        yield change;
      }
    },
  }));
  expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
  return {
    hold: () => {
      gate = new Promise((resolve) => {
        letThrough = resolve;
      });
    },
  };
}

/** As another server, of a newer version, would write it; or as text that isn't even JSON. */
async function writeUnreadable(value = JSON.stringify({ v: 2, kind: 'Announcement' })): Promise<void> {
  const owners = prefixes.map(
    (prefix): Operation => ({
      op: 'put',
      key: `${root}prefixes/${keyPart(prefix)}`,
      value: JSON.stringify({ v: 1, owner: 'shop/newer' }),
    }),
  );
  await rig.store.commit([], [{ op: 'put', key: `${root}announcements/shop/newer`, value }, ...owners], never);
}

const stored = async (key: string): Promise<unknown> => {
  const { entry } = await rig.store.get(root + key, never);
  return entry === null ? undefined : JSON.parse(entry.value);
};
const ofPrefixes = (place: string) => Promise.all(prefixes.map((prefix) => stored(`${place}/${keyPart(prefix)}`)));
const seen = async () => (await rig.send('GET', '/v1/announcements/shop/newer')).status === 500;

describe.each([[false], [true]])('with a copy of the store that is behind: %s', (behind) => {
  const start = async () => {
    const { hold } = await startHoldable();
    if (behind) hold();
    await writeUnreadable();
    if (!behind) await expect.poll(seen).toBe(true);
  };

  test('deleting an unreadable announcement releases its prefixes, with tombstones', async () => {
    await start();
    expect((await rig.send('DELETE', '/v1/announcements/shop/newer')).status).toBe(200);
    expect(await ofPrefixes('prefixes')).toEqual([undefined, undefined]);
    const tombstones = await ofPrefixes('tombstones/prefixes');
    expect(tombstones.map((one) => fits(PrefixTombstone, one))).toEqual([true, true]);
    expect(tombstones).toEqual(
      prefixes.map((prefix) => expect.objectContaining({ prefix, owner: 'shop/newer', cause: 'deleted' })),
    );
    letThrough();
    expect((await rig.send('POST', '/v1/announcements', announcement('next', prefixes))).status).toBe(201);
  });

  test('replacing one keeps the prefixes it still wants and releases the others', async () => {
    await start();
    const [kept = '', dropped = ''] = prefixes;
    const put = await rig.send('PUT', '/v1/announcements/shop/newer', announcement('newer', [kept]));
    expect([put.status, put.body.detail]).toEqual([200, undefined]);
    expect(await ofPrefixes('prefixes')).toEqual([{ v: 1, owner: 'shop/newer' }, undefined]);
    expect(await ofPrefixes('tombstones/prefixes')).toEqual([
      undefined,
      expect.objectContaining({ prefix: dropped, cause: 'prefixRemoved' }),
    ]);
    letThrough();
    expect((await rig.send('POST', '/v1/announcements', announcement('next', [dropped]))).status).toBe(201);
  });
});

test('an owner key left over from an older record does not stand in the way of its own announcement', async () => {
  await startHoldable();
  await writeUnreadable();
  const other = await rig.send('POST', '/v1/announcements', announcement('thief', prefixes));
  expect(other.body).toMatchObject({ code: 'prefixTaken' });
  await rig.store.commit([], [{ op: 'delete', key: `${root}announcements/shop/newer` }], never);
  expect((await rig.send('POST', '/v1/announcements', announcement('newer', prefixes))).status).toBe(201);
  expect((await rig.send('DELETE', '/v1/announcements/shop/newer')).status).toBe(200);
  expect(await ofPrefixes('prefixes')).toEqual([undefined, undefined]);
});

test.each([
  ['the record of a newer version', JSON.stringify({ v: 2, kind: 'Announcement' }), 'record could not be read'],
  ['no JSON', '{"v":', 'record could not be read'],
  [
    'a record with a spec that is none',
    JSON.stringify({
      v: 1,
      kind: 'Announcement',
      metadata: { name: 'newer', project: 'shop', uid: 'u', createdAt: 'c', updatedAt: 'u' },
      spec: { prefixes: 'all' },
    }),
    'spec.prefixes',
  ],
])('the deletion of %s says what was deleted, in the shape of the contract', async (_what, value, word) => {
  await startHoldable();
  await writeUnreadable(value);
  await expect.poll(async () => (await rig.send('HEAD', '/v1/announcements/shop/newer')).status).not.toBe(404);
  const { entry } = await rig.store.get(`${root}announcements/shop/newer`, never);
  const client = createClient(rig.api.direct);
  const params = { project: 'shop', name: 'newer' };
  const deleted = await client.call(endpoints.announcements.delete, { params }, never);
  expect(deleted).toMatchObject({
    kind: 'Announcement',
    metadata: { project: 'shop', name: 'newer', revision: entry?.modRevision },
    unreadable: true,
    message: expect.stringContaining('"shop/newer" was deleted'),
  });
  expect('message' in deleted ? deleted.message : '').toContain(word);
  expect((await rig.send('DELETE', '/v1/announcements/shop/newer')).status).toBe(404);
  expect(await ofPrefixes('prefixes')).toEqual([undefined, undefined]);
});

test('an unreadable project, peer or drain is deleted with the same answer', async () => {
  await startHoldable();
  for (const [collection, kind] of [
    ['projects', 'Project'],
    ['peers', 'Peer'],
    ['drains', 'Drain'],
  ]) {
    await rig.store.commit([], [{ op: 'put', key: `${root}${collection}/odd`, value: '[]' }], never);
    const { status, body } = await rig.send('DELETE', `/v1/${collection}/odd`);
    expect([status, body.kind, body.metadata.name, body.unreadable]).toEqual([200, kind, 'odd', true]);
    expect(await stored(`${collection}/odd`)).toBeUndefined();
  }
});
