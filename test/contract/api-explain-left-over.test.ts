/** What a speaker has though no announcement explains it is told of when its address is asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
  await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32', '2001:db8::1/128']));
  await rig.send('POST', '/v1/announcements', announcement('old', ['203.0.113.7/32']));
  await rig.send('DELETE', '/v1/announcements/shop/old');
  const report = {
    v: 1,
    name: 'rr1',
    node: 'n',
    zone: 'default',
    asn: 64_512,
    routerId: '10.0.0.1',
    appliedRevision: 1,
    paths: 0,
    foreignPaths: 0,
    peers: [],
    exceptions: [
      { prefix: '2001:db8::/64', nextHop: '2001:db8:1::9', kind: 'unexplained', reason: 'unexplained' },
      { prefix: '203.0.113.7/32', nextHop: '10.0.1.1', kind: 'held', reason: 'mirrorStale' },
      { prefix: '203.0.113.1/32', nextHop: '10.0.1.1', kind: 'held', reason: 'mirrorStale' },
    ],
    exceptionCount: 3,
    conditions: [],
    reportedAt: '2026-01-01T00:00:00Z',
  };
  await rig.send('POST', '/v1/speakers/rr1/report', report);
});
afterAll(() => rig.close());

const explained = async (address: string) =>
  (await rig.send('GET', `/v1/explain?address=${address}`)).body.explanations.map(
    ({
      announcement: name,
      steps,
    }: {
      announcement: string;
      steps: readonly { subject: string; reason: string }[];
    }) => [name, steps.at(-1)?.reason],
  );

test('a path without an announcement is explained by the address in its prefix, and by its next hop', async () => {
  await expect.poll(() => explained('2001:db8::77')).toEqual([['no announcement', 'unexplained']]);
  expect(await explained('2001:db8:1::9')).toEqual([['no announcement', 'unexplained']]);
});

test('one that is left over of a deleted announcement names it; one that has an announcement is told of there only', async () => {
  expect(await explained('203.0.113.7')).toEqual([['formerly shop/old', 'mirrorStale']]);
  expect((await explained('203.0.113.1')).map(([name]: [string]) => name)).toEqual(['shop/web']);
});
