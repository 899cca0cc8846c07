/** Lists over real HTTP: pages of one revision whatever is written meanwhile, and all at once in lines. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterEach(() => rig.close());

const address = (index: number) => (index % 2 === 0 ? `203.0.113.${index}/32` : `2001:db8::${index.toString(16)}/128`);
const create = async (index: number, labels = {}) => {
  const one = announcement(`web-${index}`, [address(index)]);
  const { status } = await rig.send('POST', '/v1/announcements', { ...one, metadata: { ...one.metadata, labels } });
  expect(status).toBe(201);
};
const names = (body: { resources: { metadata: { name: string } }[] }) => body.resources.map((one) => one.metadata.name);

test('pages show the revision of the first, with the status of a record deleted since computed from that record', async () => {
  for (let index = 0; index < 5; index += 1) await create(index);
  const first = await rig.send('GET', '/v1/announcements?limit=2');
  expect([names(first.body), first.body.remaining]).toEqual([['web-0', 'web-1'], 3]);
  expect((await rig.send('DELETE', '/v1/announcements/shop/web-2')).status).toBe(200);
  await create(9);
  const second = await rig.send('GET', `/v1/announcements?limit=2&continue=${first.body.continue}`);
  expect([names(second.body), second.body.remaining]).toEqual([['web-2', 'web-3'], 1]);
  expect(second.body.resources[0].status).toMatchObject({ state: 'pending', reason: 'noSpeaker' });
  const third = await rig.send('GET', `/v1/announcements?limit=2&continue=${second.body.continue}`);
  expect([names(third.body), third.body.continue, third.body.remaining]).toEqual([['web-4'], undefined, undefined]);
  expect(third.body.revision).toBe(first.body.revision);
});
