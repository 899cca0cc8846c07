/** The widest announcement there may be fits one commit, also when all its prefixes are exchanged, all its tasks asked for anew and its history is full. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostPrefixes } from '../../src/model/announcement.ts';
import { decodeAnnouncement } from '../../src/planning/decode.ts';
import { tasksOf } from '../../src/planning/tasks.ts';
import { type ApiRig, shop, startApi } from '../rig/api.ts';
import { never } from '../rig/eventually.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const widest = (subnet: number, path: string) => ({
  kind: 'Announcement',
  metadata: { project: 'shop', name: 'wide' },
  spec: {
    prefixes: Array.from({ length: mostPrefixes }, (_, index) => `203.0.113.${subnet * 16 + index}/32`),
    nextHops: Array.from({ length: 64 }, (_, index) => ({ address: `10.0.3.${index}` })),
    healthCheck: { type: 'http', port: 80, path },
  },
});

test('prefixes and tasks of the widest announcement are exchanged in one commit', async () => {
  const put = async (subnet: number, path: string) => {
    const { status, body } = await rig.send('PUT', '/v1/announcements/shop/wide', widest(subnet, path));
    expect(status, JSON.stringify(body)).toBe(200);
  };
  await put(0, '/');
  await report(await tasks());
  // More former versions than are kept, so that two of them go in the same commit.
  const versions = Array.from({ length: 12 }, (_, index) => ({
    op: 'put' as const,
    key: `/corebgp/v1/history/announcements/shop/wide/${String(1_000 + index).padStart(16, '0')}`,
    value: '{}',
  }));
  await rig.store.commit([], versions, never);
  await put(1, '/other');
  const { entries } = await rig.store.list('/corebgp/v1/history/announcements/shop/wide/', {}, never);
  expect(entries).toHaveLength(11);
  await put(0, '/');
  expect((await rig.store.list('/corebgp/v1/health/', {}, never)).entries).toEqual([]);
});

async function tasks() {
  const key = 'announcements/shop/wide';
  const { entry } = await rig.store.get(`/corebgp/v1/${key}`, never);
  const decoded = decodeAnnouncement(key, JSON.parse(entry?.value ?? 'null'));
  if (!decoded.ok) throw new Error(decoded.problem);
  return tasksOf(decoded.record);
}

/** A verdict on every task, under claims of a checker of its own. */
async function report(asked: Awaited<ReturnType<typeof tasks>>): Promise<void> {
  const { lease } = (await rig.send('POST', '/v1/leases', { ttlMs: 60_000 })).body;
  const record = { v: 1, id: 'c-1', zone: 'default', state: 'ready', version: '0' };
  const { createRevision } = (await rig.send('PUT', '/v1/checkers/default/c-1', { lease, record })).body;
  const shards = [...new Set(asked.map(({ shard }) => shard))];
  const { claimed } = (
    await rig.send('POST', '/v1/claims', {
      lease,
      checker: { zone: 'default', id: 'c-1' },
      incarnation: createRevision,
      claim: shards.map((shard) => ({ zone: 'default', shard })),
      release: [],
    })
  ).body;
  const epochs = new Map<number, number>(
    claimed.map(({ shard, epoch }: { shard: number; epoch: number }) => [shard, epoch]),
  );
  const verdicts = asked.map(({ taskId, shard }) => ({
    taskId,
    zone: 'default',
    shard,
    state: 'up',
    since: '2026-01-01T00:00:00Z',
    reason: 'ok',
    checker: 'c-1',
    epoch: epochs.get(shard),
    seq: 1,
  }));
  for (const batch of [verdicts.slice(0, 60), verdicts.slice(60)]) {
    const { status, body } = await rig.send('POST', '/v1/health', { verdicts: batch });
    expect([status, body.refused]).toEqual([200, []]);
  }
  expect((await rig.store.list('/corebgp/v1/health/', {}, never)).entries).toHaveLength(64);
}
