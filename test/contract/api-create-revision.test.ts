/** `metadata.revision` in what is created or applied: the revision that the object must have, as If-Match says it of a PUT. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const at = (revision: number, name: string, prefix: string) => {
  const body = announcement(name, [prefix]);
  return { ...body, metadata: { ...body.metadata, revision } };
};
const stored = async (name: string) => (await rig.store.get(`/corebgp/v1/announcements/shop/${name}`, never)).entry;
const owner = async (part: string) => (await rig.store.get(`/corebgp/v1/prefixes/${part}`, never)).entry;

test.each([
  ['four', '203.0.113.1/32', 'ipv4/203.0.113.1_32'],
  ['six', '2001:db8::1/128', 'ipv6/2001:db8::1_128'],
])(
  'a create at a revision of what does not exist is a conflict, and writes nothing: %s',
  async (name, prefix, part) => {
    const refused = await rig.send('POST', '/v1/announcements', at(7, name, prefix));
    expect(refused).toMatchObject({ status: 412, body: { code: 'conflict' } });
    expect(refused.body.detail).toContain('does not exist');
    expect(refused.body.detail).toContain('leave the revision out');
    expect([await stored(name), await owner(part)]).toEqual([null, null]);
    const created = await rig.send('POST', '/v1/announcements', at(0, name, prefix));
    expect(created.status).toBe(201);
    // It exists: a create never replaces, whatever the revision.
    const { revision } = created.body.metadata;
    for (const other of [0, revision, revision + 1]) {
      const again = await rig.send('POST', '/v1/announcements', at(other, name, prefix));
      expect(again).toMatchObject({ status: 409, body: { code: 'alreadyExists' } });
    }
    expect((await stored(name))?.modRevision).toBe(revision);
  },
);

test('what was read, deleted and created again as it was is a conflict, of every kind', async () => {
  const peer = { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '2001:db8:ff::1', asn: 64512 } };
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '10.0.1.1' } } };
  const lab = { ...shop, metadata: { name: 'lab' } };
  for (const [collection, body] of [
    ['peers', peer],
    ['drains', drain],
    ['projects', lab],
  ] as const) {
    const { body: read } = await rig.send('POST', `/v1/${collection}`, body);
    await rig.send('DELETE', `/v1/${collection}/${body.metadata.name}`);
    const refused = await rig.send('POST', `/v1/${collection}`, read);
    expect([refused.status, refused.body.code], collection).toEqual([412, 'conflict']);
    expect((await rig.send('GET', `/v1/${collection}/${body.metadata.name}`)).status).toBe(404);
  }
});

test('apply says the same, dry or not', async () => {
  const resources = [at(7, 'applied', '203.0.113.9/32'), at(0, 'applied-0', '2001:db8::9/128')];
  for (const query of ['?dryRun=true', '']) {
    const { body } = await rig.send('POST', `/v1/apply${query}`, { resources });
    expect(body.results[0]).toMatchObject({ result: 'failed', error: { code: 'conflict' } });
    expect(body.results[1].result).toBe('created');
    expect(await stored('applied')).toBeNull();
  }
  // At revision 0 it must not exist, and now it does.
  const { body } = await rig.send('POST', '/v1/apply', { resources: [at(0, 'applied-0', '2001:db8::10/128')] });
  expect(body.results[0]).toMatchObject({ result: 'failed', error: { code: 'conflict' } });
});
