/** Writers that race: one winner where there can be one, none lost where there can be several. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostPrefixes } from '../../src/model/announcement.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const many = (count: number) => Array.from({ length: count }, (_, index) => index);

test.each([['203.0.113.5/32'], ['2001:db8::5/128']])('of 100 racing creates of %s one wins', async (prefix) => {
  const family = prefix.includes(':') ? 'six' : 'four';
  const answers = await Promise.all(
    many(100).map((index) => rig.send('POST', '/v1/announcements', announcement(`race-${family}-${index}`, [prefix]))),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === 'prefixTaken')).toHaveLength(99);
  const { entries } = await rig.store.list(`/corebgp/v1/announcements/shop/race-${family}-`, {}, never);
  expect(entries).toHaveLength(1);
});

test('of 100 racing creates of one name one wins', async () => {
  const body = announcement('same', ['203.0.113.6/32']);
  const answers = await Promise.all(many(100).map(() => rig.send('POST', '/v1/announcements', body)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ body: { code } }) => code === 'alreadyExists')).toHaveLength(99);
});

test('of 50 racing replaces at one revision one wins; without a revision all go through', async () => {
  const body = announcement('replaced', ['203.0.113.7/32']);
  const { revision } = (await rig.send('POST', '/v1/announcements', body)).body.metadata;
  const labelled = (index: number) => ({ ...body, metadata: { ...body.metadata, labels: { n: String(index) } } });
  const path = '/v1/announcements/shop/replaced';
  const conditional = await Promise.all(
    many(50).map((index) => rig.send('PUT', path, labelled(index), { 'if-match': `"${revision}"` })),
  );
  expect(conditional.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(conditional.filter(({ status }) => status === 412)).toHaveLength(49);
  const free = await Promise.all(many(50).map((index) => rig.send('PUT', path, labelled(100 + index))));
  expect(free.map(({ status }) => status)).toEqual(many(50).map(() => 200));
  expect(new Set(free.map((answer) => answer.body.metadata.revision)).size).toBe(50);
});

test('a prefix that moves back and forth under races has one owner at the end, and a tombstone only when free', async () => {
  const prefix = '203.0.113.8/32';
  await Promise.all(
    many(60).map(async (index) => {
      const name = `mover-${index % 3}`;
      if (index % 2 === 0) await rig.send('PUT', `/v1/announcements/shop/${name}`, announcement(name, [prefix]));
      else await rig.send('DELETE', `/v1/announcements/shop/${name}`);
    }),
  );
  const { entries } = await rig.store.list('/corebgp/v1/announcements/shop/mover-', {}, never);
  const owner = (await rig.store.get('/corebgp/v1/prefixes/ipv4/203.0.113.8_32', never)).entry;
  const tombstone = (await rig.store.get('/corebgp/v1/tombstones/prefixes/ipv4/203.0.113.8_32', never)).entry;
  expect(entries.length).toBeLessThanOrEqual(1);
  const [one] = entries;
  expect(owner && JSON.parse(owner.value).owner).toBe(one === undefined ? null : one.key.split('announcements/')[1]);
  expect(tombstone === null).toBe(one !== undefined);
});

test('prefixes dropped by a replace are free at once, and leave a tombstone that goes when they are taken again', async () => {
  const both = announcement('wide', ['203.0.113.9/32', '2001:db8::9/128']);
  expect((await rig.send('POST', '/v1/announcements', both)).status).toBe(201);
  expect((await rig.send('PUT', '/v1/announcements/shop/wide', announcement('wide', ['2001:db8::9/128']))).status).toBe(
    200,
  );
  const key = '/corebgp/v1/tombstones/prefixes/ipv4/203.0.113.9_32';
  const tombstone = (await rig.store.get(key, never)).entry;
  expect(JSON.parse(tombstone?.value ?? 'null')).toMatchObject({
    prefix: '203.0.113.9/32',
    owner: 'shop/wide',
    cause: 'prefixRemoved',
  });
  expect((await rig.send('POST', '/v1/announcements', announcement('next', ['203.0.113.9/32']))).status).toBe(201);
  expect((await rig.store.get(key, never)).entry).toBeNull();
  await rig.send('DELETE', '/v1/announcements/shop/next');
  expect(JSON.parse((await rig.store.get(key, never)).entry?.value ?? 'null')).toMatchObject({ cause: 'deleted' });
  const object = (await rig.store.get('/corebgp/v1/tombstones/announcements/shop/next', never)).entry;
  expect(JSON.parse(object?.value ?? 'null').record.metadata.name).toBe('next');
});

test('an announcement with the most prefixes there may be fits into one commit, also when all of them change', async () => {
  const prefixes = (from: number) => many(mostPrefixes).map((index) => `203.0.113.${from + index}/32`);
  expect((await rig.send('POST', '/v1/announcements', announcement('most', prefixes(100)))).status).toBe(201);
  const replaced = await rig.send('PUT', '/v1/announcements/shop/most', announcement('most', prefixes(140)));
  expect(replaced.status).toBe(200);
  expect((await rig.send('DELETE', '/v1/announcements/shop/most')).status).toBe(200);
});

test('a replace that changes nothing makes no revision', async () => {
  const body = announcement('still', ['203.0.113.20/32']);
  await rig.send('POST', '/v1/announcements', body);
  const before = await rig.store.get('/corebgp/v1/announcements/shop/still', never);
  const again = await rig.send('PUT', '/v1/announcements/shop/still', body);
  expect(again.status).toBe(200);
  expect((await rig.store.get('/corebgp/v1/announcements/shop/still', never)).entry).toEqual(before.entry);
});
