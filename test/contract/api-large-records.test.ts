/** Many records as large as they may be: mirrors get to the end of the state, and pages end early. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpTransport } from '../../src/client/http.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, never, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
});
afterEach(() => rig.close());

const count = 400;
/** Six characters of JSON each. */
const text = '\u0001'.repeat(1_000);
const annotations = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`a${index}`, text]));
const drain = (index: number) => {
  const at = '2026-01-01T00:00:00Z';
  const metadata = { name: `d${index}`, uid: `u${index}`, createdAt: at, updatedAt: at, annotations };
  return { v: 1, kind: 'Drain', metadata, spec: { target: { nextHop: index % 2 === 0 ? '10.0.0.1' : '2001:db8::1' } } };
};

/** Above what a reader takes of one event, all together. */
async function fill() {
  for (let index = 0; index < count; index += 1) {
    const value = JSON.stringify(drain(index));
    await rig.store.commit([], [{ op: 'put', key: `/corebgp/v1/drains/d${index}`, value }], never);
  }
  const { revision } = await rig.store.status(never);
  await expect.poll(async () => (await rig.send('GET', '/readyz')).body.revision).toBeGreaterThanOrEqual(revision);
}

test('watch streams of records and of statuses come to "synced", and lists in pages have every row once', {
  timeout: 60_000,
}, async () => {
  await fill();
  const transport = createHttpTransport({ url: rig.url, clock: systemClock });
  for (const query of [{ kinds: 'drains' }, { kinds: 'drains', view: 'status' }] as const) {
    const controller = new AbortController();
    const names = new Set<string>();
    const request = { endpoint: 'watch', params: {}, query, headers: {} };
    for await (const message of transport.stream(request, controller.signal)) {
      if (message.type === 'state') for (const { key } of message.changes) names.add(key);
      if (message.type === 'objects') for (const { metadata } of message.resources) names.add(metadata.name);
      expect(JSON.stringify(message).length).toBeLessThan(2 * 1024 * 1024);
      if (message.type === 'synced') break;
    }
    expect(names.size).toBe(count);
  }
  transport.close();
  const names: string[] = [];
  for (let token = ''; ; ) {
    const { status, body } = await rig.send('GET', `/v1/drains?limit=500${token}`);
    expect(status).toBe(200);
    expect(body.resources.length).toBeGreaterThan(0);
    for (const { metadata } of body.resources) names.push(metadata.name);
    expect(body.remaining ?? 0).toBe(count - names.length);
    if (body.continue === undefined) break;
    token = `&continue=${body.continue}`;
  }
  expect([names.length, new Set(names).size]).toEqual([count, count]);
});
