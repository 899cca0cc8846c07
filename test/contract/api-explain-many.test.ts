/** An address that concerns very many announcements: some are explained, the rest is counted, others get their turn meanwhile. */
import { expect, test } from 'vitest';
import { mostExplanations } from '../../src/contract/endpoints.ts';
import { isJson } from '../../src/contract/openapi-schemas.ts';
import { never, shop, startApi } from '../rig/api.ts';

test.each([
  { name: 'IPv4', hop: '10.0.1.1', prefix: (index: number) => `203.0.${index >> 8}.${index & 255}/32` },
  { name: 'IPv6', hop: '2001:db8:1::1', prefix: (index: number) => `2001:db8::${index.toString(16)}/128` },
])('a next hop of 700 announcements, $name', async ({ hop, prefix }) => {
  const rig = await startApi();
  await rig.send('POST', '/v1/projects', { ...shop, spec: { ...shop.spec, prefixes: [{ prefix: '203.0.0.0/16' }] } });
  const at = '2026-01-01T00:00:00Z';
  for (let from = 1; from <= 700; from += 100) {
    const puts = Array.from({ length: 100 }, (_, offset) => {
      const metadata = { project: 'shop', name: `a${from + offset}`, uid: 'u', createdAt: at, updatedAt: at };
      const spec = { prefixes: [prefix(from + offset)], nextHops: [{ address: hop }] };
      const value = JSON.stringify({ v: 1, kind: 'Announcement', metadata, spec });
      return { op: 'put', key: `/corebgp/v1/announcements/shop/a${from + offset}`, value } as const;
    });
    await rig.store.commit([], puts, never);
  }
  const listed = async () => (await rig.send('GET', '/v1/announcements?limit=1')).body.remaining;
  await expect.poll(listed, { timeout: 10_000 }).toBe(699);
  let answered = false;
  let others = 0;
  // Without HTTP, which takes turns of its own.
  const request = { endpoint: 'explain.address', params: {}, query: { address: hop }, headers: {} };
  const call = rig.api.direct.call(request, never).finally(() => {
    answered = true;
  });
  while (!answered) {
    await new Promise((resolve) => setImmediate(resolve));
    others += 1;
  }
  const { body } = await call;
  if (!isJson(body)) throw new Error('no answer');
  expect(body['explanations']).toHaveLength(mostExplanations);
  expect(body['more']).toBe(700 - mostExplanations);
  expect(others).toBeGreaterThan(3);
  const one = (await rig.send('GET', `/v1/explain?address=${prefix(77).replace(/\/.*/, '')}`)).body;
  expect(one.explanations.map((of: { announcement: string }) => of.announcement)).toEqual(['shop/a77']);
  expect(one).not.toHaveProperty('more');
  await rig.close();
});
