/**
 * A whole table: filling an empty gobgpd with 100,000 paths, and looking at it again when nothing has changed. The
 * updater reaches gobgpd through a pipe whose far end is exchanged, which to it is a gobgpd that was started anew.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Method } from '../../src/runtime/grpc.ts';
import { connectGobgp } from '../../src/speaker/gobgp/connection.ts';
import { openGobgpSpeaker } from '../../src/speaker/gobgp/speaker.ts';
import { isWritingCall, startGrpcProxy } from '../../test/rig/grpc-proxy.ts';
import { type Gobgpd, type GobgpGeneration, gobgpGenerations, startGobgpd } from '../../test/servers/gobgpd.ts';
import { median, never, timed, until } from '../measure.ts';
import { mrtFile } from '../rig/mrt.ts';
import { type BenchNode, startBenchNode } from '../rig/node.ts';
import { inMessages } from '../rig/raw-pair.ts';
import { announcements, asn, fillStore, paths, project } from '../rig/resources.ts';
import { startTcpPipe, type TcpPipe } from '../rig/tcp-pipe.ts';
import { atMost, type Result, type Row, type RowContext } from '../row.ts';

/** Nobody is there; the updater adds it after a pass has succeeded, which is how the end of a pass is seen. */
const peer = {
  kind: 'Peer',
  metadata: { name: 'absent' },
  spec: { address: '127.0.0.9', asn, port: 9, passive: true },
};

export const resyncRow: Row = {
  name: 'resync',
  what: '100,000 paths into an empty GoBGP; a pass over the same paths unchanged',
  measure: async (context) => {
    const count = context.quick ? 20_000 : 100_000;
    const template = join(context.folder, 'resync');
    mkdirSync(template);
    const ms = await timed(() => fillStore(template, [project, peer], announcements(count)));
    context.progress(`${count} announcements created in ${(ms / 1_000).toFixed(1)} s`);
    const results: Result[] = [];
    for (const generation of gobgpGenerations)
      results.push(...(await measureOne(context, generation, template, count)));
    return results;
  },
};

interface World {
  readonly node: BenchNode;
  readonly pipe: TcpPipe;
  gobgpd: Gobgpd;
}

async function measureOne(
  context: RowContext,
  generation: GobgpGeneration,
  folder: string,
  count: number,
): Promise<Result[]> {
  const runs = context.quick ? 1 : 3;
  const pipe = await startTcpPipe();
  const empty = () => startGobgpd({ generation, logLevel: 'warn' });
  const gobgpd = await empty();
  pipe.leadTo(gobgpd.target);
  const own = ['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1', '--speaker-listen-port', '-1'];
  const external = ['--speaker-supervise', 'false', '--speaker-url', pipe.url];
  const node = await startBenchNode({ verb: 'up', folder, flags: [...own, ...external] });
  const world: World = { node, pipe, gobgpd };
  try {
    await passEnded(world);
    const filled: Filled[] = [];
    const raw: number[] = [];
    const injected: number[] = [];
    const file = join(folder, 'routes.mrt');
    writeFileSync(file, mrtFile(paths(count), asn));
    for (let run = 0; run < runs; run += 1) {
      const next = await empty();
      pipe.leadTo(next.target);
      const before = world.gobgpd;
      world.gobgpd = next;
      await before.close('SIGKILL');
      pipe.cut();
      filled.push(await fill(world, count));
      raw.push(await rawFill(generation, count));
      injected.push(await inject(generation, file));
      const { applyMs, passMs } = filled.at(-1) ?? { applyMs: 0, passMs: 0 };
      context.progress(
        `GoBGP ${generation}: applied in ${Math.round(applyMs)} ms, whole pass ${Math.round(passMs)} ms; raw stream ${Math.round(raw.at(-1) ?? 0)} ms, mrt inject ${Math.round(injected.at(-1) ?? 0)}/s`,
      );
    }
    const second = await secondPass(context, world, runs, count);
    return [...resyncResults(generation, count, filled, raw, injected), ...second.map((of) => of(generation, count))];
  } finally {
    await node.close();
    await pipe.close();
    await world.gobgpd.close('SIGKILL');
  }
}

interface Filled {
  /** Milliseconds from the updater's connection until all paths are sent. */
  readonly applyMs: number;
  /** … until the pass, its verification included, has ended. */
  readonly passMs: number;
}

async function fill(world: World, count: number): Promise<Filled> {
  const { pipe } = world;
  const ended = await passEnded(world);
  const connected = pipe.connectedAt();
  const sent = pipe.lastBulkAt();
  if (connected === undefined || sent === undefined) throw new Error('nothing went through the pipe');
  const speaker = openGobgpSpeaker(world.gobgpd.url, identity);
  const found = await speaker.count('ipv4', never).finally(() => speaker.close());
  if (found !== count) throw new Error(`GoBGP holds ${found} paths instead of ${count}`);
  return { applyMs: sent - connected, passMs: ended - connected };
}

const identity = { name: 'bench', asn, routerId: '192.0.2.1', listenPort: -1, listenAddresses: [] };

/** Resolves, with performance.now(), when the updater has added its peer. */
async function passEnded(world: World): Promise<number> {
  const speaker = openGobgpSpeaker(world.gobgpd.url, identity);
  try {
    return await until(
      'the end of the pass',
      async () => ((await speaker.listPeers(never)).length > 0 ? performance.now() : undefined),
      { withinMs: 120_000, everyMs: 10 },
    );
  } finally {
    speaker.close();
  }
}

async function bare(generation: GobgpGeneration): Promise<Gobgpd> {
  return startGobgpd({
    generation,
    logLevel: 'warn',
    bgp: { asn, routerId: '192.0.2.1', listenPort: -1 },
  });
}

/** Messages that are ready before the clock starts, as fast as gobgpd takes them. Milliseconds. */
async function rawFill(generation: GobgpGeneration, count: number): Promise<number> {
  const gobgpd = await bare(generation);
  const connection = connectGobgp(gobgpd.url);
  try {
    let ready: readonly Uint8Array[] = [];
    const prebuilt = <I, O>(method: Method<I, O>): Method<Uint8Array, O> => ({ ...method, encode: (bytes) => bytes });
    await connection.unary((codec) => codec.getBgp, undefined, never);
    const operations = paths(count).map((path) => ({ op: 'announce', path }) as const);
    return await timedSend((start) =>
      connection.send(
        (codec) => {
          ready = [...inMessages(operations)].map((message) => codec.addPathStream.encode(message));
          start();
          return prebuilt(codec.addPathStream);
        },
        // Evaluated after the method is chosen.
        { [Symbol.iterator]: () => ready[Symbol.iterator]() },
        120_000,
        never,
      ),
    );
  } finally {
    connection.close();
    await gobgpd.close('SIGKILL');
  }
}

async function timedSend(work: (start: () => void) => Promise<unknown>): Promise<number> {
  let began = 0;
  await work(() => {
    began = performance.now();
  });
  return performance.now() - began;
}

/**
 * Routes a second of the command line's own import. That of GoBGP 3 ends before all of them are in, and loses some at
 * the end, so what counts is what is in when no more come.
 */
async function inject(generation: GobgpGeneration, file: string): Promise<number> {
  const gobgpd = await bare(generation);
  const speaker = openGobgpSpeaker(gobgpd.url, identity);
  try {
    await speaker.count('ipv4', never);
    const start = performance.now();
    await gobgpd.cli('mrt', 'inject', 'global', file);
    let [found, at] = [await speaker.count('ipv4', never), performance.now()];
    while (performance.now() - at < 300) {
      const now = await speaker.count('ipv4', never);
      if (now !== found) [found, at] = [now, performance.now()];
      await pause(10);
    }
    return (found / (at - start)) * 1_000;
  } finally {
    speaker.close();
    await gobgpd.close('SIGKILL');
  }
}

function resyncResults(
  generation: GobgpGeneration,
  count: number,
  filled: readonly Filled[],
  raw: readonly number[],
  injected: readonly number[],
): Result[] {
  const rate = (ms: number) => (count / ms) * 1_000;
  const runs = filled.map(({ applyMs }) => rate(applyMs));
  const passes = filled.map(({ passMs }) => passMs / 1_000);
  const value = median(runs);
  const byHand = median(injected);
  return [
    {
      what: `GoBGP ${generation}, ${count.toLocaleString('en-US')} paths into an empty one: list, diff, apply`,
      unit: '/s',
      value,
      runs,
      limit: { what: 'AddPathStream of prebuilt messages', value: median(raw.map(rate)), runs: raw.map(rate) },
      mark: { text: '≥ 1.5 × mrt inject', met: value >= 1.5 * byHand },
      details: { 'gobgp mrt inject of the same routes, /s': byHand, 'times mrt inject': value / byHand },
    },
    {
      what: `GoBGP ${generation}, the whole pass with its verification`,
      unit: 's',
      value: median(passes),
      runs: passes,
      mark: atMost(8, median(passes), 's'),
    },
  ];
}

type ResultOf = (generation: GobgpGeneration, count: number) => Result;

/** The stream is cut, so the updater lists and compares everything; the peer is taken out meanwhile, so that its return shows the end. */
async function secondPass(
  context: RowContext,
  world: World,
  runs: number,
  count: number,
): Promise<readonly ResultOf[]> {
  const { pipe, gobgpd } = world;
  const passes: number[] = [];
  const lists: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    passes.push(await passAgain(world, count));
    lists.push(await listAlone(gobgpd));
    context.progress(
      `second pass ${Math.round(passes.at(-1) ?? 0)} ms, ListPath alone ${Math.round(lists.at(-1) ?? 0)} ms`,
    );
  }
  const proxy = await startGrpcProxy(gobgpd.url);
  let calls: ReadonlyMap<string, number>;
  try {
    pipe.leadTo(proxy.url.replace('gobgp://', ''));
    pipe.cut();
    await until(
      'a counted pass',
      () => ((proxy.calls.get('ListPath') ?? 0) >= 2 && (proxy.calls.get('ListPeer') ?? 0) >= 1 ? true : undefined),
      { withinMs: 120_000 },
    );
    calls = new Map(proxy.calls);
  } finally {
    pipe.leadTo(gobgpd.target);
    pipe.cut();
    await proxy.close();
  }
  const writes = [...calls].filter(([method]) => isWritingCall(method)).reduce((sum, [, number_]) => sum + number_, 0);
  const value = median(passes);
  const limit = median(lists);
  return [
    (generation, count) => ({
      what: `GoBGP ${generation}, second pass over ${count.toLocaleString('en-US')} unchanged paths`,
      unit: 'ms',
      value,
      runs: passes,
      limit: { what: 'ListPath alone, not decoded', value: limit, runs: lists },
      mark: { text: '≤ list + 10 %', met: value <= 1.1 * limit },
    }),
    (generation) => ({
      what: `GoBGP ${generation}, writing calls of that pass`,
      unit: 'calls',
      value: writes,
      runs: [writes],
      mark: atMost(0, writes, 'calls'),
      details: { calls: [...calls].map(([method, number_]) => `${method} ${number_}`).join(', ') },
    }),
  ];
}

/** A path takes more bytes than this in a list. */
const leastBytes = 40;

async function passAgain(world: World, count: number): Promise<number> {
  const { pipe, gobgpd } = world;
  const speaker = openGobgpSpeaker(gobgpd.url, identity);
  try {
    await speaker.listPeers(never);
    pipe.cut();
    await speaker.deletePeer(peer.metadata.name, peer.spec.address, never);
    const ended = await passEnded(world);
    const connected = pipe.connectedAt();
    if (connected === undefined) throw new Error('the updater did not connect');
    if (pipe.received() >= count * leastBytes) return ended - connected;
  } finally {
    speaker.close();
  }
  // A pass on the timer was just ending, and added the peer; the one that lists is still to come.
  await pause(15_000);
  return passAgain(world, count);
}

/** The same listing, its bytes thrown away. */
async function listAlone(gobgpd: Gobgpd): Promise<number> {
  const connection = connectGobgp(gobgpd.url);
  const undecoded = <I, O>(method: Method<I, O>): Method<I, number> => ({ ...method, decode: (bytes) => bytes.length });
  try {
    await connection.unary((codec) => codec.getBgp, undefined, never);
    return await timed(async () => {
      for (const family of ['ipv4', 'ipv6'] as const) {
        await connection.all((codec) => undecoded(codec.listPath), family, never);
      }
    });
  } finally {
    connection.close();
  }
}
