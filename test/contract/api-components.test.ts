/** The typed calls of checkers and updaters: leases, claims, fenced verdicts, reports; and what people see of them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decodeAnnouncement } from '../../src/planning/decode.ts';
import { tasksOf } from '../../src/planning/tasks.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

/** Each test has its members, and all shards to itself. */
let leases: string[] = [];
afterEach(async () => {
  for (const lease of leases) await rig.send('DELETE', `/v1/leases/${lease}`);
  leases = [];
});

async function join(id: string) {
  const { lease } = (await rig.send('POST', '/v1/leases', { ttlMs: 10_000 })).body;
  leases.push(lease);
  const record = { v: 1, id, zone: 'default', state: 'ready', version: '0' };
  const put = await rig.send('PUT', `/v1/checkers/default/${id}`, { lease, record });
  expect(put.status).toBe(200);
  return { id, lease, record, incarnation: put.body.createRevision as number };
}
type Member = Awaited<ReturnType<typeof join>>;

const shards = (numbers: readonly number[]) => numbers.map((shard) => ({ zone: 'default', shard }));
const claim = (member: Member, claimed: readonly number[], release: readonly object[] = []) =>
  rig.send('POST', '/v1/claims', {
    lease: member.lease,
    checker: { zone: 'default', id: member.id },
    incarnation: member.incarnation,
    claim: shards(claimed),
    release,
  });

let hosts = 1;
/** The task of a fresh announcement, with its shard claimed by the member. */
async function claimedTask(member: Member, name: string, prefix: string) {
  const body = announcement(name, [prefix], { healthCheck: { type: 'tcp', port: 80 } });
  const host = hosts++;
  body.spec.nextHops = [{ address: prefix.includes('.') ? `10.0.2.${host}` : `2001:db8:1::${host + 100}` }];
  expect((await rig.send('POST', '/v1/announcements', body)).status).toBe(201);
  const { value } = (await storedRecord(`announcements/shop/${name}`)) ?? {};
  const decoded = decodeAnnouncement(`announcements/shop/${name}`, value);
  if (!decoded.ok) throw new Error(decoded.problem);
  const [task] = tasksOf(decoded.record);
  if (task === undefined) throw new Error('no task');
  const { claimed } = (await claim(member, [task.shard])).body;
  return { ...task, epoch: claimed[0].epoch as number };
}

async function storedRecord(key: string) {
  const { entry } = await rig.store.get(`/corebgp/v1/${key}`, new AbortController().signal);
  return entry === null ? undefined : { ...entry, value: JSON.parse(entry.value) as unknown };
}

const verdict = (task: Awaited<ReturnType<typeof claimedTask>>, seq: number, more: object = {}) => ({
  taskId: task.taskId,
  zone: task.zone,
  shard: task.shard,
  state: 'up',
  since: '2026-01-01T00:00:00Z',
  reason: 'ok',
  checker: 'c',
  epoch: task.epoch,
  seq,
  ...more,
});
const health = { endpoint: 'health.report', params: {}, query: {}, headers: {} };
const report = async (...verdicts: readonly object[]) => (await rig.send('POST', '/v1/health', { verdicts })).body;

describe('leases and membership', () => {
  test('the id of a lease is hexadecimal, and nothing else is taken for one', async () => {
    const { lease } = (await rig.send('POST', '/v1/leases', { ttlMs: 10_000 })).body;
    leases.push(lease);
    expect(lease).toMatch(/^[0-9a-f]{32}$/);
    for (const odd of ['0-0', 'ABC', 'x', `${lease}0`]) {
      expect((await rig.send('POST', `/v1/leases/${odd}/keepalive`)).body).toMatchObject({
        status: 400,
        field: 'lease',
      });
    }
  });

  test('a record vanishes with its lease, and comes back with another incarnation', async () => {
    const member = await join('gone-1');
    expect((await rig.send('GET', '/v1/checkers')).body.resources.map((one: { id: string }) => one.id)).toContain(
      'gone-1',
    );
    expect((await rig.send('POST', `/v1/leases/${member.lease}/keepalive`)).status).toBe(200);
    expect((await rig.send('DELETE', `/v1/leases/${member.lease}`)).status).toBe(200);
    expect((await rig.send('DELETE', `/v1/leases/${member.lease}`)).status).toBe(200);
    expect((await rig.send('POST', `/v1/leases/${member.lease}/keepalive`)).body).toMatchObject({
      status: 410,
      code: 'leaseExpired',
    });
    expect(await storedRecord('checkers/default/gone-1')).toBeUndefined();
    expect((await claim(member, [7])).body.code).toBe('fenced');
    const again = await join('gone-1');
    expect(again.incarnation).toBeGreaterThan(member.incarnation);
    expect((await claim(member, [7])).body.code).toMatch(/^(fenced|leaseExpired)$/);
  });

  test('a second put keeps the incarnation', async () => {
    const member = await join('twice-1');
    const again = await rig.send('PUT', '/v1/checkers/default/twice-1', { lease: member.lease, record: member.record });
    expect(again.body.createRevision).toBe(member.incarnation);
    expect(again.body.revision).toBeGreaterThan(member.incarnation);
  });
});

describe('claims', () => {
  test('a shard has one holder; each item is answered for itself', async () => {
    const [first, second] = [await join('first-1'), await join('second-1')];
    const mine = (await claim(first, [100, 101])).body;
    expect(mine.refused).toEqual([]);
    expect(mine.claimed).toHaveLength(2);
    const epoch = mine.claimed[0].epoch;
    const theirs = (await claim(second, [101, 102], [{ zone: 'default', shard: 100, epoch }])).body;
    expect(theirs.claimed.map((one: { shard: number }) => one.shard)).toEqual([102]);
    expect(theirs.refused).toEqual([{ zone: 'default', shard: 101, reason: 'alreadyClaimed' }]);
    expect(theirs.released).toEqual([{ zone: 'default', shard: 100 }]);
    const late = (await claim(first, [], [{ zone: 'default', shard: 100, epoch }])).body;
    expect(late.refused).toEqual([{ zone: 'default', shard: 100, reason: 'notHolder' }]);
  });

  test('a repeated claim answers the same epoch', async () => {
    const member = await join('repeat-1');
    const [once, again] = [await claim(member, [110]), await claim(member, [110])];
    expect(again.body).toEqual(once.body);
  });

  test('120 claims and 120 releases fit into one call', async () => {
    const member = await join('many-1');
    const low = Array.from({ length: 120 }, (_, shard) => shard);
    const { claimed, refused } = (await claim(member, low)).body;
    const high = Array.from({ length: 120 }, (_, index) => 120 + index);
    const next = (await claim(member, high, claimed)).body;
    expect(next.released.length + refused.length).toBe(120);
    expect(next.claimed.length + next.refused.length).toBe(120);
    await rig.send('DELETE', `/v1/leases/${member.lease}`);
  });
});

describe('verdicts', () => {
  test.each([['203.0.113.31/32'], ['2001:db8::31/128']])(
    'count while the claim lives, in order, for %s',
    async (prefix) => {
      const name = prefix.includes(':') ? 'fenced-six' : 'fenced';
      const member = await join(`${name}-1`);
      const task = await claimedTask(member, name, prefix);
      expect((await report(verdict(task, 1))).refused).toEqual([]);
      const status = (await rig.send('GET', `/v1/announcements/shop/${name}`)).body.status.nextHops[0];
      expect(status).toMatchObject({ health: 'up', fresh: true });

      expect((await report(verdict(task, 1))).refused).toEqual([{ taskId: task.taskId, reason: 'staleSequence' }]);
      expect((await report(verdict(task, 2, { state: 'down', reason: 'timeout' }))).refused).toEqual([]);

      const { claimed } = (await claim(member, [task.shard], [])).body;
      expect(claimed[0].epoch).toBe(task.epoch);
      await claim(member, [], [{ zone: 'default', shard: task.shard, epoch: task.epoch }]);
      expect((await report(verdict(task, 3))).refused).toEqual([{ taskId: task.taskId, reason: 'staleEpoch' }]);
      const other = await join(`${name}-2`);
      const { epoch } = (await claim(other, [task.shard])).body.claimed[0];
      expect((await report(verdict(task, 4))).refused).toEqual([{ taskId: task.taskId, reason: 'staleEpoch' }]);
      expect((await report(verdict(task, 1, { epoch }))).refused).toEqual([]);
      expect((await storedRecord(`health/${task.taskId}`))?.value).toMatchObject({ epoch, seq: 1, state: 'up' });
    },
  );

  test.each([['203.0.113.61/32'], ['2001:db8::61/128']])(
    'that nobody has renewed since its announcement went do not count in a dry run either, for %s',
    async (prefix) => {
      const name = prefix.includes(':') ? 'renewed-six' : 'renewed';
      const task = await claimedTask(await join(`${name}-1`), name, prefix);
      await report(verdict(task, 1));
      const { body } = await rig.send('GET', `/v1/announcements/shop/${name}`);
      const { kind, metadata, spec } = body;
      await rig.send('DELETE', `/v1/announcements/shop/${name}`);
      const speaker = { v: 1, name: 'rr1', node: 'n', zone: 'default', asn: 64_512, routerId: '10.0.0.1' };
      const counts = { appliedRevision: 1, paths: 0, foreignPaths: 0, exceptionCount: 0 };
      const empty = { peers: [], exceptions: [], conditions: [], reportedAt: '2026-01-01T00:00:00Z' };
      await rig.send('POST', '/v1/speakers/rr1/report', { ...speaker, ...counts, ...empty });
      const again = { kind, metadata: { name: metadata.name, project: metadata.project }, spec };
      const [diff] = (await rig.send('POST', '/v1/apply?dryRun=true', { resources: [again] })).body.paths;
      const never = new AbortController().signal;
      await rig.store.commit([], [{ op: 'delete', key: '/corebgp/v1/speaker-status/rr1' }], never);
      expect(diff).toMatchObject({ announce: [], keep: [{ prefix, reason: 'neverChecked' }] });
    },
  );

  test('who lost is dropped from the batch, the others go through', async () => {
    const member = await join('mixed-1');
    const [kept, lost] = [
      await claimedTask(member, 'kept', '203.0.113.41/32'),
      await claimedTask(member, 'lost-one', '203.0.113.42/32'),
    ];
    await claim(member, [], [{ zone: 'default', shard: lost.shard, epoch: lost.epoch }]);
    expect((await report(verdict(kept, 1), verdict(lost, 1))).refused).toEqual([
      { taskId: lost.taskId, reason: 'staleEpoch' },
    ]);
    expect(await storedRecord(`health/${kept.taskId}`)).toBeDefined();
    expect(await storedRecord(`health/${lost.taskId}`)).toBeUndefined();
  });

  test.each([['203.0.113.51/32'], ['2001:db8::51/128']])(
    'racing reports leave the last sequence, and each is taken or refused as older, for %s',
    async (prefix) => {
      const name = prefix.includes(':') ? 'racing-six' : 'racing';
      const member = await join(`${name}-1`);
      const task = await claimedTask(member, name, prefix);
      // In this order, all at once: each next one is newer than what the one before has written meanwhile.
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          rig.api.direct.call(
            { ...health, body: { verdicts: [verdict(task, index + 1)] } },
            new AbortController().signal,
          ),
        ),
      );
      expect(answers.map(({ body }) => body)).toEqual(answers.map(() => expect.objectContaining({ refused: [] })));
      expect((await storedRecord(`health/${task.taskId}`))?.value).toMatchObject({ seq: 20 });
      // Over connections, in whatever order they arrive.
      const late = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          rig.send('POST', '/v1/health', { verdicts: [verdict(task, 21 + index)] }),
        ),
      );
      expect(new Set(late.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await storedRecord(`health/${task.taskId}`))?.value).toMatchObject({ seq: 40 });
    },
  );
});

test("a speaker's report is what people see of it", async () => {
  const status = {
    v: 1,
    name: 'edge1',
    node: 'n1',
    zone: 'default',
    asn: 64512,
    routerId: '192.0.2.1',
    appliedRevision: 1,
    paths: 0,
    foreignPaths: 0,
    peers: [{ name: 'rr1', address: '192.0.2.9', asn: 64512, session: 'established' }],
    exceptions: [],
    exceptionCount: 0,
    conditions: [],
    reportedAt: '2026-01-01T00:00:00Z',
  };
  expect((await rig.send('GET', '/v1/speakers/edge1')).body.code).toBe('notFound');
  expect((await rig.send('POST', '/v1/speakers/edge1/report', status)).status).toBe(200);
  await expect.poll(async () => (await rig.send('GET', '/v1/speakers/edge1')).body.status?.routerId).toBe('192.0.2.1');
  expect((await rig.send('GET', '/v1/speakers')).body.resources).toHaveLength(1);
  const peer = { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '192.0.2.9', asn: 64512 } };
  expect((await rig.send('POST', '/v1/peers', peer)).status).toBe(201);
  expect((await rig.send('GET', '/v1/peers/rr1')).body.status.speakers).toEqual([
    { name: 'edge1', session: 'established' },
  ]);
  expect((await rig.send('POST', '/v1/speakers/edge2/report', status)).body).toMatchObject({
    status: 400,
    field: 'name',
  });
});

test('who loses against another server every time is told to come again, not that the verdict is old', async () => {
  let racing: string | undefined;
  const other = await startApi({}, (store) => ({
    ...store,
    commit: async (conditions, operations, signal) => {
      const own = operations.find(({ op, key }) => op === 'put' && key === racing);
      // Something else is written to the record just before each commit, as by another server.
      if (own?.op === 'put') await store.commit([], [{ ...own, value: JSON.stringify({ at: conditions }) }], signal);
      return await store.commit(conditions, operations, signal);
    },
  }));
  const before = rig;
  rig = other;
  try {
    expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
    const member = await join('slower-1');
    const task = await claimedTask(member, 'slower', '203.0.113.61/32');
    racing = `/corebgp/v1/health/${task.taskId}`;
    const lost = await rig.send('POST', '/v1/health', { verdicts: [verdict(task, 1)] });
    expect(lost.body).toMatchObject({ status: 503, code: 'unavailable', reason: 'contended' });
    expect(lost.headers.get('retry-after')).toBe('1');
    racing = '/corebgp/v1/announcements/shop/slower';
    const path = '/v1/announcements/shop/slower';
    const replaced = await rig.send('PUT', path, announcement('slower', ['203.0.113.62/32']));
    expect(replaced.body).toMatchObject({ status: 503, code: 'unavailable', reason: 'contended' });
    racing = undefined;
    expect((await report(verdict(task, 1))).refused).toEqual([]);
    expect((await storedRecord(`health/${task.taskId}`))?.value).toMatchObject({ seq: 1 });
  } finally {
    rig = before;
    leases = [];
    await other.close();
  }
});
