/**
 * From a verdict to the neighbour: how long from sending POST /v1/health until the path has left the neighbour's RIB.
 * `corebgp up` with its supervised gobgpd; the verdicts come from a checker of the benchmark's own, so that no
 * detection time is in them; the neighbour is another gobgpd of the same generation, watched through its events.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endpoints } from '../../src/contract/endpoints.ts';
import type { HealthCheck } from '../../src/model/health-check.ts';
import { probeOf, shardOf, taskIdOf, timingOf } from '../../src/planning/tasks.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { startGrpcProxy } from '../../test/rig/grpc-proxy.ts';
import { type GobgpGeneration, gobgpdOf, gobgpGenerations, startGobgpd } from '../../test/servers/gobgpd.ts';
import { freePort } from '../../test/servers/places.ts';
import { median, never, quantile, seeded, timed, until } from '../measure.ts';
import { startBenchChecker } from '../rig/checker.ts';
import { watchRoutes } from '../rig/neighbour.ts';
import { createAnnouncements, startBenchNode } from '../rig/node.ts';
import { startRawPair } from '../rig/raw-pair.ts';
import { announcements, asn, benchZone, nextHopOf, prefixOf, project } from '../rig/resources.ts';
import { atMost, type Result, type Row, type RowContext } from '../row.ts';

const sizes = [10, 10_000] as const;
const healthCheck: HealthCheck = { type: 'tcp', port: 80 };

export const verdictRow: Row = {
  name: 'verdict',
  what: "verdict sent → path gone at the neighbour's RIB",
  measure: async (context) => {
    const results: Result[] = [];
    for (const generation of gobgpGenerations) {
      for (const size of sizes) results.push(...(await measureOne(context, generation, size)));
      results.push(await countCalls(context, generation));
    }
    return results;
  },
};

/** Samples of one run, by part; milliseconds. */
interface Samples {
  readonly verdicts: number[];
  readonly answers: number[];
  readonly http: number[];
  readonly commit: number[];
  readonly raw: number[];
}

const noSamples = (): Samples => ({ verdicts: [], answers: [], http: [], commit: [], raw: [] });

/** Samples that are not counted, until the code is compiled. */
const warmUp = 100;

async function measureOne(context: RowContext, generation: GobgpGeneration, size: number): Promise<Result[]> {
  const runs = context.quick ? 2 : 5;
  const samples = context.quick ? 40 : 200;
  const world = await startWorld(context, generation, size);
  const all: Samples[] = [];
  try {
    for (let index = 0; index < warmUp; index += 1) await world.sample(noSamples());
    for (let run = 0; run < runs; run += 1) {
      const seen = noSamples();
      for (let index = 0; index < samples; index += 1) await world.sample(seen);
      all.push(seen);
      context.progress(
        `GoBGP ${generation}, ${size} paths, run ${run + 1}: p50 ${median(seen.verdicts).toFixed(2)} ms, p99 ${quantile(seen.verdicts, 0.99).toFixed(2)} ms`,
      );
    }
  } finally {
    await world.close();
  }
  return [0.5, 0.99].map((share) => resultOf(all, share, generation, size));
}

/** What a change costs gobgpd in calls: one that writes, and no listing. Counted by a proxy, so not in the times above. */
async function countCalls(context: RowContext, generation: GobgpGeneration): Promise<Result> {
  const samples = 50;
  const gobgpd = await startGobgpd({ generation, logLevel: 'warn' });
  const proxy = await startGrpcProxy(gobgpd.url);
  try {
    const world = await startWorld(context, generation, 100, proxy.url);
    try {
      // The session's last change of state is looked at once more.
      await pause(2_000);
      proxy.reset();
      const ignored = noSamples();
      for (let index = 0; index < samples; index += 1) await world.sample(ignored);
      const value = proxy.calls.get('ListPath') ?? 0;
      return {
        what: `GoBGP ${generation}, listings of the RIB in ${2 * samples} changes`,
        unit: 'calls',
        value,
        runs: [value],
        mark: atMost(0, value, 'calls'),
        details: { calls: [...proxy.calls].map(([method, calls]) => `${method} ${calls}`).join(', ') },
      };
    } finally {
      await world.close();
    }
  } finally {
    await proxy.close();
    await gobgpd.close('SIGKILL');
  }
}

function resultOf(all: readonly Samples[], share: number, generation: GobgpGeneration, size: number): Result {
  const over = (values: (run: Samples) => readonly number[]) => all.map((run) => quantile(values(run), share));
  const runs = over(({ verdicts }) => verdicts);
  const sums = over(({ http, commit, raw }) => http.map((ms, index) => ms + (commit[index] ?? 0) + (raw[index] ?? 0)));
  const value = median(runs);
  const part = (values: (run: Samples) => readonly number[]) => median(over(values));
  return {
    what: `GoBGP ${generation}, ${size.toLocaleString('en-US')} paths, p${share * 100}`,
    unit: 'ms',
    value,
    runs,
    limit: { what: 'no-op call + commit + raw withdrawal', value: median(sums), runs: sums },
    mark: atMost(share === 0.5 ? 5 : 15, value, 'ms'),
    details: {
      'no-op call': part(({ http }) => http),
      'store commit': part(({ commit }) => commit),
      'raw withdrawal → neighbour': part(({ raw }) => raw),
      'POST /v1/health answered': part(({ answers }) => answers),
    },
  };
}

/** @param daemon URL of a gobgpd for the node; default: it supervises its own. */
async function startWorld(
  { folder, progress }: RowContext,
  generation: GobgpGeneration,
  size: number,
  daemon?: string,
) {
  const own = join(folder, `verdict-${generation}-${size}`);
  mkdirSync(own);
  const tool = gobgpdOf(generation);
  const [speakerAddress, neighbourAddress] = ['127.0.0.1', '127.0.0.2'];
  const speakerPort = await freePort(speakerAddress);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const neighbour = await startGobgpd({
      generation,
      logLevel: 'warn',
      bgp: {
        asn,
        routerId: '192.0.2.2',
        listenAddress: neighbourAddress,
        neighbors: [{ address: speakerAddress, asn, port: speakerPort, passive: true }],
      },
    });
    closers.push(() => neighbour.close('SIGKILL'));
    const node = await startBenchNode({
      verb: 'up',
      folder: own,
      flags: [
        ...['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1'],
        ...(daemon === undefined
          ? ['--speaker-binary', tool.path]
          : ['--speaker-supervise', 'false', '--speaker-url', daemon]),
        ...['--speaker-listen-port', String(speakerPort), '--speaker-listen-addresses', speakerAddress],
      ],
      env: tool.env,
    });
    closers.push(() => node.close());
    const checker = await startBenchChecker(node.client, benchZone);
    const peer = { address: neighbourAddress, asn, port: neighbour.listenPort, sourceAddress: speakerAddress };
    const spec = { ...peer, timers: { connectRetry: '1s' } };
    await node.apply([project, { kind: 'Peer', metadata: { name: 'neighbour' }, spec }]);
    const seen = watchRoutes(neighbour.url);
    closers.push(() => seen.close());
    await createAnnouncements(node.client, announcements(size, { healthCheck }, benchZone));
    const tasks = Array.from({ length: size }, (_, index) => {
      const taskId = taskIdOf(benchZone, nextHopOf(index), probeOf(healthCheck), timingOf(healthCheck));
      return { taskId, shard: shardOf(taskId) };
    });
    await checker.publishAll(tasks, 'up');
    await until('the neighbour has all paths', () => (seen.size >= size ? true : undefined));
    const raw = await startRawPair(generation, size);
    closers.push(() => raw.close());
    const store = await openEmbeddedStore(join(own, 'alone'), {
      clock: systemClock,
      log: silentLog,
      newId: randomUUID,
    });
    closers.push(() => store.close());
    progress(`GoBGP ${generation}, ${size} paths: all at the neighbour`);

    const random = seeded(size);
    let commits = 0;
    const sample = async (into: Samples) => {
      const index = Math.floor(random() * size);
      const task = tasks[index];
      if (task === undefined) return;
      const prefix = prefixOf(index);
      const gone = seen.gone(prefix);
      const start = performance.now();
      const answered = checker.publish([task], 'down').then(() => performance.now());
      into.verdicts.push((await gone) - start);
      into.answers.push((await answered) - start);
      const back = seen.present(prefix);
      await checker.publish([task], 'up');
      await back;

      into.http.push(await timed(() => node.client.call(endpoints.healthz, {}, never)));
      const value = JSON.stringify({ ...task, text: randomUUID().repeat(6) });
      commits += 1;
      into.commit.push(
        await timed(() => store.commit([], [{ op: 'put', key: `health/${commits % size}`, value }], never)),
      );
      into.raw.push(await raw.withdrawOne(index));
    };
    return { sample, close };
  } catch (error) {
    await close();
    throw error;
  }
}
