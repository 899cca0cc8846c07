/** `contended` is for those whom others are faster than: who writes alone never hears it, whatever the system writes beside him. */
import { afterEach, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { seeded, seedOf } from '../rig/seeded.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

/** Counts the commits whose conditions did not hold. */
function counting(refused: string[]) {
  return (store: Store): Store => ({
    ...store,
    commit: async (conditions, operations, signal) => {
      const result = await store.commit(conditions, operations, signal);
      if (!result.committed) refused.push(operations.map(({ key }) => key).join());
      return result;
    },
  });
}

async function start(refused: string[]): Promise<ApiRig> {
  const rig = await startApi({}, counting(refused));
  closing.push(() => rig.close());
  expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
  return rig;
}

const report = (round: number) => ({
  v: 1,
  name: `rr${round % 3}`,
  node: 'n',
  zone: 'default',
  asn: 64_512,
  routerId: '10.0.0.1',
  appliedRevision: round,
  paths: 0,
  foreignPaths: 0,
  peers: [],
  exceptions: [],
  exceptionCount: 0,
  conditions: [],
  reportedAt: '2026-01-01T00:00:00Z',
});

const path = (name: string) => `/v1/announcements/shop/${name}`;
const two = (index: number) => [`203.0.113.${index}/32`, `2001:db8::${index.toString(16)}/128`];

test('who writes alone, one write after the other, has every condition hold at the first try', async () => {
  const refused: string[] = [];
  const rig = await start(refused);
  const random = seeded(seedOf());
  let over = false;
  // What the system writes by itself goes on all the time: reports, heartbeats, events.
  const system = (async () => {
    for (let round = 1; !over; round += 1) await rig.send('POST', `/v1/speakers/rr${round % 3}/report`, report(round));
  })();
  const names = ['a', 'b', 'c'];
  const codes = new Map<string, number>();
  for (let step = 0; step < 150; step += 1) {
    const index = random.between(0, names.length - 1);
    const name = names[index] ?? '';
    // Prefixes move between the objects, so that a write meets those of the others.
    const body = announcement(name, two(random.between(1, 3)));
    const resources = names.map((one, at) => announcement(one, two(at + 1)));
    const answer = await random.pick([
      () => rig.send('POST', '/v1/announcements', body),
      () => rig.send('PUT', path(name), body),
      () => rig.send('PATCH', path(name), { metadata: { labels: { step: `${step}` } } }),
      () => rig.send('DELETE', path(name)),
      () => rig.send('POST', `${path(name)}/undelete`),
      () => rig.send('POST', '/v1/apply', { resources }),
      () => rig.send('PUT', '/v1/projects/shop', { ...shop, metadata: { name: 'shop', labels: { step: `${step}` } } }),
    ])();
    expect(answer.status, `seed ${random.seed}, step ${step}: ${answer.body.detail}`).toBeLessThan(500);
    expect(answer.body.reason).not.toBe('contended');
    for (const { error } of answer.body.results ?? []) expect(error?.reason).not.toBe('contended');
    codes.set(answer.body.code ?? 'ok', (codes.get(answer.body.code ?? 'ok') ?? 0) + 1);
  }
  over = true;
  await system;
  expect(
    refused.filter((keys) => keys.includes('announcements/')),
    `seed ${random.seed}`,
  ).toEqual([]);
  expect(codes.get('ok') ?? 0, [...codes].join()).toBeGreaterThan(30);
});

test('one who writes many things at a time, some of them the same, is not contended either', async () => {
  const rig = await start([]);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      rig.send('PUT', path(`n${index % 20}`), announcement(`n${index % 20}`, two(1 + (index % 20)))),
    ),
  );
  expect(answers.map(({ status, body }) => (status === 200 ? 'ok' : body.detail))).toEqual(answers.map(() => 'ok'));
  const patches = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      rig.send('PATCH', path('n1'), { metadata: { labels: { [`l${index}`]: 'x' } } }),
    ),
  );
  expect(patches.map(({ status, body }) => (status === 200 ? 'ok' : body.detail))).toEqual(patches.map(() => 'ok'));
  expect(Object.keys((await rig.send('GET', path('n1'))).body.metadata.labels)).toHaveLength(60);
});
