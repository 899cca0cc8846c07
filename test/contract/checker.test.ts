/** The checker against the real API over the embedded store, probing real listeners. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningApi, runApi } from '../../src/api/run.ts';
import { type Checker, type CheckerOptions, runChecker } from '../../src/checker/run.ts';
import { createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { createMirror, type Mirror } from '../../src/client/mirror.ts';
import type { Transport } from '../../src/client/transport.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import type { AnnouncementSpec } from '../../src/model/announcement.ts';
import { CoreBgpError, type ErrorCode } from '../../src/model/errors.ts';
import { healthKey, type VerdictRecord } from '../../src/model/health.ts';
import type { ProjectSpec } from '../../src/model/project.ts';
import { decodeVerdict } from '../../src/planning/decode.ts';
import { type Task, tasksOf } from '../../src/planning/tasks.ts';
import { rejectOnAbort } from '../../src/runtime/abort.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';

const clock = systemClock;
const log = silentLog;
const random = Math.random;
const never = new AbortController().signal;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'corebgp-checker-'));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

async function startApi(): Promise<RunningApi> {
  const store = `embedded://${folder()}`;
  const api = await runApi({ store, listen: '127.0.0.1:0', clock, log, version: '0.0.0' }, never);
  cleanUps.push(() => api.close());
  const client = createClient(api.direct);
  const spec = {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
    nextHops: ['127.0.0.0/8', '::1/128'],
  };
  const body = { kind: 'Project', metadata: { name: 'default' }, spec } as const;
  await client.call(endpoints.projects.replace, { params: { name: 'default' }, body }, never);
  return api;
}

function start(transport: Transport, options: Partial<CheckerOptions> = {}): Checker {
  const checker = runChecker(
    { transport, name: 'one', zone: 'default', version: '0', clock, log, random, ...options },
    never,
  );
  cleanUps.push(() => checker.close());
  return checker;
}

/** An HTTP backend that can be killed and revived at the same port, and told what to answer. */
async function startBackend(host: string) {
  let server: Server | undefined;
  let port = 0;
  const backend = {
    status: 200,
    requests: 0,
    get port() {
      return port;
    },
    revive: async () => {
      const next = createServer((_, response) => {
        backend.requests += 1;
        response.writeHead(backend.status).end('ok');
      });
      await new Promise<void>((resolve) => next.listen(port, host, resolve));
      const address = next.address();
      port = typeof address === 'object' && address !== null ? address.port : port;
      server = next;
    },
    kill: async () => {
      const now = server;
      server = undefined;
      now?.closeAllConnections();
      await new Promise<void>((resolve) => (now === undefined ? resolve() : now.close(() => resolve())));
    },
  };
  await backend.revive();
  cleanUps.push(() => backend.kill());
  return backend;
}

const quick = { interval: '500ms', fastInterval: '100ms', timeout: '400ms', rise: 2, fall: 3 };

/** One announcement on these next hops; its tasks, in their order. */
async function announce(
  api: RunningApi,
  name: string,
  port: number,
  nextHops: readonly string[],
  index = 1,
  timing = quick,
) {
  const isSix = nextHops.some((address) => address.includes(':'));
  const spec: AnnouncementSpec = {
    prefixes: [isSix ? `2001:db8::${index}/128` : `203.0.113.${index}/32`],
    nextHops: nextHops.map((address) => ({ address })),
    healthCheck: { type: 'http', port, ...timing },
  };
  const body = { kind: 'Announcement', metadata: { name, project: 'default' }, spec } as const;
  const params = { project: 'default', name };
  await createClient(api.direct).call(endpoints.announcements.replace, { params, body }, never);
  return tasksOf({ spec });
}

async function watchHealth(api: RunningApi): Promise<Mirror> {
  const collections = ['health', 'claims', 'checkers'] as const;
  const mirror = createMirror({ transport: api.direct, collections, clock, log, random });
  cleanUps.push(() => mirror.close());
  await mirror.synced(never);
  return mirror;
}

function verdictOf(mirror: Mirror, task: Task | undefined): VerdictRecord | undefined {
  const decoded = decodeVerdict(mirror.snapshot()?.entries.get(healthKey(task?.taskId ?? ''))?.value);
  return decoded.ok ? decoded.record : undefined;
}

async function eventually(what: string, test: () => boolean, withinMs = 15_000): Promise<void> {
  const end = clock.now() + withinMs;
  while (!test()) {
    if (clock.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await clock.sleep(10, never);
  }
}

/** A transport whose calls can be cut off, never answered or refused, and whose streams can be held back. */
function faulty(transport: Transport) {
  /** By endpoint: the error it answers, so many times. */
  const refusals = new Map<string, { readonly code: ErrorCode; times: number }>();
  const faults = { isCut: false, isHeld: false, isHung: false, refusals };
  const refuse = () => new CoreBgpError('unavailable', 'cut');
  const wrapped: Transport = {
    call: async (request, signal) => {
      if (faults.isCut) throw refuse();
      if (faults.isHung) await rejectOnAbort(new Promise(() => undefined), signal);
      const refusal = faults.refusals.get(request.endpoint);
      if (refusal !== undefined && refusal.times > 0) {
        refusal.times -= 1;
        throw new CoreBgpError(refusal.code, 'scripted');
      }
      return await transport.call(request, signal);
    },
    lines: (request, signal) => transport.lines(request, signal),
    stream: async function* (request, signal) {
      for await (const message of transport.stream(request, signal)) {
        while (faults.isHeld) await clock.sleep(10, signal);
        if (faults.isCut) throw refuse();
        yield message;
      }
    },
  };
  return { faults, transport: wrapped };
}

describe.each(['direct', 'http'])('a checker over the %s transport', (kind) => {
  it('says up, down when the backend dies, and up when it is back, over IPv4 and IPv6', async () => {
    const api = await startApi();
    const transport = kind === 'direct' ? api.direct : createHttpTransport({ url: api.url ?? '', clock });
    const four = await startBackend('127.0.0.1');
    const six = await startBackend('::1');
    const mirror = await watchHealth(api);
    const checker = start(transport);
    const [taskFour] = await announce(api, 'four', four.port, ['127.0.0.1'], 4);
    const [taskSix] = await announce(api, 'six', six.port, ['::1'], 6);

    await eventually('both up', () => [taskFour, taskSix].every((task) => verdictOf(mirror, task)?.state === 'up'));
    expect(verdictOf(mirror, taskFour)).toMatchObject({ reason: 'ok', code: 200, checker: checker.stats().id });
    await Promise.all([four.kill(), six.kill()]);
    await eventually('both down', () => [taskFour, taskSix].every((task) => verdictOf(mirror, task)?.state === 'down'));
    expect(verdictOf(mirror, taskSix)?.reason).toBe('connectionRefused');
    await Promise.all([four.revive(), six.revive()]);
    await eventually('both up again', () =>
      [taskFour, taskSix].every((task) => verdictOf(mirror, task)?.state === 'up'),
    );

    // Three transitions each, and nothing else was written.
    await eventually('every answer here', () => checker.stats().verdicts.waiting === 0);
    expect(checker.stats()).toMatchObject({ state: 'ready', tasks: 2, shards: 256, leaseLosses: 0 });
    expect(checker.stats().verdicts).toEqual({ sent: 6, refused: 0, waiting: 0 });
    await checker.close();
    await eventually('its record and claims gone', () => {
      const snapshot = mirror.snapshot();
      return snapshot?.under('claims').size === 0 && snapshot.under('checkers').size === 0;
    });
    expect(verdictOf(mirror, taskFour)?.state).toBe('up');
  });
});

describe('a checker', () => {
  it('does not touch a next hop that its project does not permit, and stops when the permission ends', async () => {
    const api = await startApi();
    const client = createClient(api.direct);
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const checker = start(api.direct);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const project = await client.call(endpoints.projects.get, { params: { name: 'default' } }, never);
    const spec: ProjectSpec = { ...project.spec, nextHops: [] };
    const body = { kind: 'Project', metadata: { name: 'default' }, spec } as const;
    await client.call(endpoints.projects.replace, { params: { name: 'default' }, body }, never);
    await eventually('not checked any more', () => checker.stats().tasks === 0 && checker.stats().inFlight === 0);
    const { requests } = backend;
    await clock.sleep(1_200, never);
    expect(backend.requests).toBe(requests);
    expect(checker.stats().refusedTargets).toBe(1);
  });

  it('serves a zone that has no checker, and leaves it to one of its own', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const far = start(api.direct, { name: 'far', zone: 'far' });
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('checked from afar', () => verdictOf(mirror, task)?.checker.startsWith('far-') === true);
    const near = start(api.direct, { name: 'near', zone: 'default' });
    await eventually('checked from near', () => verdictOf(mirror, task)?.checker.startsWith('near-') === true);
    await eventually('shards shared out', () => far.stats().shards === 256 && near.stats().shards === 256);
    expect(far.stats().tasks + near.stats().tasks).toBe(1);
    await near.close();
    await eventually('checked from afar again', () => verdictOf(mirror, task)?.checker.startsWith('far-') === true);
    expect(verdictOf(mirror, task)?.state).toBe('up');
  });

  it('has a verdict refused when its claim was taken, and forgets the shard', async () => {
    const api = await startApi();
    const client = createClient(api.direct);
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    const victim = start(transport, { name: 'victim' });
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const before = verdictOf(mirror, task);

    // The victim sees nothing of what happens now.
    faults.isHeld = true;
    const zone = 'default';
    const shard = task?.shard ?? 0;
    const own = mirror.snapshot()?.entries.get(`checkers/${zone}/${before?.checker}`);
    const lease = await client.call(endpoints.components.grantLease, { body: { ttlMs: 60_000 } }, never);
    const thief = { zone, id: 'thief' };
    const record = { v: 1, id: thief.id, zone, state: 'ready', version: '0' } as const;
    const joined = await client.call(
      endpoints.components.putChecker,
      { params: thief, body: { lease: lease.lease, record } },
      never,
    );
    const take = { lease: lease.lease, checker: thief, incarnation: joined.createRevision };
    const release = [{ zone, shard, epoch: before?.epoch ?? 0 }];
    await client.call(endpoints.components.claims, { body: { ...take, claim: [], release } }, never);
    await client.call(endpoints.components.claims, { body: { ...take, claim: [{ zone, shard }], release: [] } }, never);

    await backend.kill();
    await eventually('the verdict refused', () => victim.stats().verdicts.refused === 1);
    expect(own).toBeDefined();
    expect(verdictOf(mirror, task)).toEqual(before);
    expect(victim.stats()).toMatchObject({ tasks: 0, shards: 255 });
    faults.isHeld = false;
    await client.call(endpoints.components.revokeLease, { params: { lease: lease.lease } }, never);
    await eventually('claimed again', () => victim.stats().shards === 256);
    await eventually('down', () => verdictOf(mirror, task)?.state === 'down');
    expect(verdictOf(mirror, task)?.epoch).toBeGreaterThan(before?.epoch ?? 0);
  });

  it('flips no state by a restart, though the backend hiccups at that moment', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const first = start(api.direct);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const before = verdictOf(mirror, task);
    const states = new Set<string | undefined>();
    mirror.onChange(() => states.add(verdictOf(mirror, task)?.state));
    await first.close();

    backend.status = 500;
    const second = start(api.direct);
    const { requests } = backend;
    await eventually('a failing probe', () => backend.requests > requests);
    backend.status = 200;
    await eventually('published by the new one', () => verdictOf(mirror, task)?.checker === second.stats().id);
    expect([...states]).toEqual(['up']);
    expect(verdictOf(mirror, task)).toMatchObject({ since: before?.since, state: 'up', reason: 'ok' });
    expect(verdictOf(mirror, task)?.epoch).toBeGreaterThan(before?.epoch ?? 0);
  });

  it('takes over at once from a killed predecessor whose lease it finds', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const predecessorLeaseFile = join(folder(), 'lease');
    const { faults, transport } = faulty(api.direct);
    const killed = start(transport, { name: 'killed', predecessorLeaseFile });
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    expect(statSync(predecessorLeaseFile).mode & 0o777).toBe(0o600);
    faults.isCut = true;
    await killed.close();
    expect(mirror.snapshot()?.under('claims').size).toBe(256);

    const started = clock.now();
    const next = start(api.direct, { name: 'next', predecessorLeaseFile });
    await eventually('checked by the next', () => verdictOf(mirror, task)?.checker.startsWith('next-') === true, 5_000);
    expect(clock.now() - started).toBeLessThan(5_000);
    expect(next.stats().leaseLosses).toBe(0);
  });

  it.each([
    { code: 'internal', times: 3 },
    { code: 'forbidden', times: 2 },
    { code: 'invalid', times: 2 },
  ] as const)('publishes a DOWN though the API first answers "$code" to it', async ({ code, times }) => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    start(transport);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const refusal: { code: ErrorCode; times: number } = { code, times };
    faults.refusals.set('health.report', refusal);
    await backend.kill();
    await eventually('refused', () => refusal.times === 0);
    await eventually('down', () => verdictOf(mirror, task)?.state === 'down', 8_000);
  });

  it('checks on when its heartbeat fails, under the same claims', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    const checker = start(transport);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const { id } = checker.stats();
    const claims = [...(mirror.snapshot()?.under('claims') ?? [])].map(([key, { createRevision }]) => [
      key,
      createRevision,
    ]);
    const record = () => mirror.snapshot()?.entries.get(`checkers/default/${id}`)?.modRevision;
    const before = record();
    const refusal: { code: ErrorCode; times: number } = { code: 'unavailable', times: 3 };
    faults.refusals.set('checkers.put', refusal);
    await eventually('heartbeats refused', () => refusal.times === 0, 25_000);
    await eventually('a heartbeat written', () => record() !== before, 25_000);
    const { requests } = backend;
    await eventually('probed', () => backend.requests > requests);
    expect(checker.stats()).toMatchObject({ id, state: 'ready', shards: 256, leaseLosses: 0 });
    expect(
      [...(mirror.snapshot()?.under('claims') ?? [])].map(([key, { createRevision }]) => [key, createRevision]),
    ).toEqual(claims);
  });

  it('goes on with what it holds when calls about claims fail, and ends what they began', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    const far = start(transport, { name: 'far', zone: 'far' });
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('checked from afar', () => verdictOf(mirror, task)?.checker.startsWith('far-') === true);
    await eventually('both zones held', () => far.stats().shards === 512);
    const { id } = far.stats();
    const releasing: { code: ErrorCode; times: number } = { code: 'unavailable', times: 3 };
    faults.refusals.set('claims.batch', releasing);
    const near = start(api.direct, { name: 'near', zone: 'default' });
    await eventually('releases refused', () => releasing.times === 0);
    await eventually('all released', () => far.stats().shards === 256 && near.stats().shards === 256);
    await eventually('checked from near', () => verdictOf(mirror, task)?.checker.startsWith('near-') === true);

    const claiming: { code: ErrorCode; times: number } = { code: 'internal', times: 3 };
    faults.refusals.set('claims.batch', claiming);
    await near.close();
    await eventually('claims refused', () => claiming.times === 0);
    await eventually('both zones held again', () => far.stats().shards === 512);
    expect(far.stats()).toMatchObject({ id, state: 'ready', leaseLosses: 0 });
    expect(verdictOf(mirror, task)?.state).toBe('up');
  });

  it('publishes what it decided before it hands a shard over', async () => {
    const api = await startApi();
    const backends = [await startBackend('127.0.0.1'), await startBackend('::1')] as const;
    const mirror = await watchHealth(api);
    const held: (() => void)[] = [];
    let isHolding = false;
    const order: string[] = [];
    const transport: Transport = {
      ...api.direct,
      call: async (request, signal) => {
        const isReport = request.endpoint === 'health.report';
        if (isReport && isHolding) await new Promise<void>((resolve) => held.push(resolve));
        const response = await api.direct.call(request, signal);
        if (isReport || request.endpoint === 'claims.batch') order.push(request.endpoint);
        return response;
      },
    };
    const far = start(transport, { name: 'far', zone: 'far' });
    const tasks = [
      ...(await announce(api, 'four', backends[0].port, ['127.0.0.1'], 4)),
      ...(await announce(api, 'six', backends[1].port, ['::1'], 6)),
    ];
    await eventually('both up', () => tasks.every((task) => verdictOf(mirror, task)?.state === 'up'));
    await eventually('both zones held', () => far.stats().shards === 512);
    const { sent } = far.stats().verdicts;

    // One verdict on its way, the other waits; then the zone gets a checker of its own.
    isHolding = true;
    await Promise.all(backends.map((backend) => backend.kill()));
    await eventually('two verdicts kept', () => far.stats().verdicts.waiting === 2);
    order.length = 0;
    start(api.direct, { name: 'near', zone: 'default' });
    await eventually('its checks of the zone stopped', () => far.stats().tasks === 0);
    isHolding = false;
    for (const go of held) go();
    await eventually('all released', () => far.stats().shards === 256 && order.includes('claims.batch'));
    await eventually('both down', () => tasks.every((task) => verdictOf(mirror, task)?.state === 'down'));
    expect(far.stats().verdicts).toEqual({ sent: sent + 2, refused: 0, waiting: 0 });
    expect(order.slice(0, 3)).toEqual(['health.report', 'health.report', 'claims.batch']);
  });

  it('stops all probes before its lease can have run out, and joins again', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    const checker = start(transport, { ttlMs: 5_000 });
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    const { id } = checker.stats();
    faults.isCut = true;
    const cutAt = clock.now();
    await eventually('stopped', () => checker.stats().tasks === 0 && checker.stats().inFlight === 0);
    expect(clock.now() - cutAt).toBeLessThan(5_000);
    expect(mirror.snapshot()?.under('claims').size).toBe(256);
    const { requests } = backend;
    await eventually('claims run out', () => mirror.snapshot()?.under('claims').size === 0);
    expect(backend.requests).toBe(requests);
    faults.isCut = false;
    await eventually('probing again', () => backend.requests > requests);
    await eventually('published anew', () => verdictOf(mirror, task)?.checker === checker.stats().id);
    expect(checker.stats().id).not.toBe(id);
    expect(checker.stats().leaseLosses).toBe(1);
    expect(verdictOf(mirror, task)?.state).toBe('up');
  });

  it('waits for an API that is not there yet', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    faults.isCut = true;
    start(transport);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await clock.sleep(500, never);
    faults.isCut = false;
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
  });

  it('stops within a few seconds though the API does not answer any more', async () => {
    const api = await startApi();
    const backend = await startBackend('127.0.0.1');
    const mirror = await watchHealth(api);
    const { faults, transport } = faulty(api.direct);
    const checker = start(transport);
    const [task] = await announce(api, 'web', backend.port, ['127.0.0.1']);
    await eventually('up', () => verdictOf(mirror, task)?.state === 'up');
    faults.isHung = true;
    await backend.kill();
    await eventually('a verdict on its way', () => checker.stats().verdicts.waiting === 1);
    const before = clock.now();
    await checker.close();
    process.stdout.write(`stopped in ${Math.round(clock.now() - before)} ms without an answer of the API\n`);
    expect(clock.now() - before).toBeLessThan(5_000);
    expect(checker.stats()).toMatchObject({ state: 'apart', tasks: 0, inFlight: 0 });
  });

  it('runs a thousand tasks', async () => {
    const api = await startApi();
    const backend = await startBackend('0.0.0.0');
    const mirror = await watchHealth(api);
    const checker = start(createHttpTransport({ url: api.url ?? '', clock }));
    const tasks: Task[] = [];
    const slow = { ...quick, interval: '2s', timeout: '1900ms' };
    for (let batch = 0; batch < 20; batch += 1) {
      const hosts = Array.from({ length: 50 }, (_, host) => `127.0.${batch + 1}.${host + 1}`);
      tasks.push(...(await announce(api, `load-${batch}`, backend.port, hosts, batch + 1, slow)));
    }
    await eventually('all up', () => tasks.every((task) => verdictOf(mirror, task)?.state === 'up'), 30_000);
    const before = checker.stats().probes.ok;
    await clock.sleep(4_000, never);
    const { probes, lagMs, verdicts } = checker.stats();
    process.stdout.write(
      `1,000 tasks at 2 s, backend in the same process: ${(probes.ok - before) / 4} probes/s, p99 lag ${lagMs.toFixed(1)} ms\n`,
    );
    expect(probes.inconclusive).toBe(0);
    expect(probes.failed).toBeLessThan(probes.ok / 100);
    expect(verdicts.refused).toBe(0);
    // One each, and not one for every probe.
    expect(verdicts.sent).toBeGreaterThanOrEqual(1_000);
    expect(verdicts.sent).toBeLessThan(1_100);
    expect(probes.ok - before).toBeGreaterThan(1_000);
  });
});
