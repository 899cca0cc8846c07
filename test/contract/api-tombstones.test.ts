/** The list of what can be restored, in pages and in lines: what is in it, and that no record hides another. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { isUnreadable } from '../../src/contract/lists.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterEach(() => rig.close());

const names = ({ resources }: { resources: { kind: string; project?: string; name: string }[] }) =>
  resources.map(({ kind, project, name }) => `${kind} ${project ?? '-'}/${name}`);
const page = async (query = '') => (await rig.send('GET', `/v1/tombstones${query}`)).body;
const lines = async () => {
  const found = [];
  for await (const row of createClient(rig.api.direct).lines(endpoints.tombstones.all, {}, never)) found.push(row);
  return found;
};

async function createAndDelete(name: string, prefix: string): Promise<void> {
  expect((await rig.send('POST', '/v1/announcements', announcement(name, [prefix]))).status).toBe(201);
  expect((await rig.send('DELETE', `/v1/announcements/shop/${name}`)).status).toBe(200);
}

test('pages of one revision in the order of keys, and lines that say the same; prefixes have tombstones of another kind', async () => {
  await rig.send('PUT', '/v1/peers/rr1', {
    kind: 'Peer',
    metadata: { name: 'rr1' },
    spec: { address: '2001:db8:ff::1', asn: 64512 },
  });
  await rig.send('DELETE', '/v1/peers/rr1');
  await createAndDelete('web-2', '2001:db8::2/128');
  await createAndDelete('web-1', '203.0.113.1/32');
  const first = await page('?limit=2');
  expect([names(first), first.remaining]).toEqual([['Announcement shop/web-1', 'Announcement shop/web-2'], 1]);
  await createAndDelete('web-3', '2001:db8::3/128');
  const second = await page(`?limit=2&continue=${first.continue}`);
  expect([names(second), second.remaining, second.continue]).toEqual([['Peer -/rr1'], undefined, undefined]);
  expect(second.revision).toBe(first.revision);
  expect(names(await page())).toHaveLength(4);
  expect(await lines()).toEqual((await page()).resources);
  const answer = await fetch(`${rig.url}/v1/tombstones`, { headers: { accept: 'application/x-ndjson' } });
  expect([answer.status, answer.headers.get('corebgp-total')]).toEqual([200, '4']);
  expect((await answer.text()).split('\n')).toHaveLength(5);
});

test('what was created anew is not listed, on pages begun before it still is, and once deleted again it is again', async () => {
  await createAndDelete('a', '203.0.113.1/32');
  await createAndDelete('b', '2001:db8::2/128');
  const first = await page('?limit=1');
  await rig.send('POST', '/v1/announcements', announcement('b', ['2001:db8::2/128']));
  expect(names(await page())).toEqual(['Announcement shop/a']);
  expect(names(await page(`?limit=1&continue=${first.continue}`))).toEqual(['Announcement shop/b']);
  await rig.send('DELETE', '/v1/announcements/shop/b');
  expect(names(await page())).toEqual(['Announcement shop/a', 'Announcement shop/b']);
});

test('a tombstone that cannot be read, or of a kind that only a newer version knows, hides no other', async () => {
  await createAndDelete('web', '203.0.113.1/32');
  const put = (key: string, value: string) => ({ op: 'put', key: `/corebgp/v1/tombstones/${key}`, value }) as const;
  const stone = JSON.stringify({ v: 1, at: '2026-01-01T00:00:00Z', revision: 1, record: {} });
  await rig.store.commit(
    [],
    [put('announcements/shop/odd', '{"at":3}'), put('announcements/shop/no-json', 'x'), put('widgets/w', stone)],
    never,
  );
  await expect.poll(async () => (await page()).unreadable?.length).toBe(3);
  const { resources, unreadable } = await page();
  expect(resources.map(({ name }: { name: string }) => name)).toEqual(['web']);
  expect(unreadable).toEqual([
    expect.objectContaining({ kind: 'Announcement', name: 'shop/no-json' }),
    expect.objectContaining({ kind: 'Announcement', name: 'shop/odd' }),
    expect.objectContaining({ kind: 'widgets', name: 'w' }),
  ]);
  expect(unreadable[1].message).toContain('The stored record of Announcement "shop/odd" can\'t be read');
  expect(unreadable[1].message).toContain('cannot be restored');
  expect((await lines()).filter(isUnreadable)).toHaveLength(3);
});
