/**
 * The status view of 100,000 announcements: until the whole state has come, alone and to several readers who begin at
 * once, and until a change shows. The limit of the state is encoding the same objects, in this process.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { endpoints } from '../../src/contract/endpoints.ts';
import { median, never, quantile, timed } from '../measure.ts';
import { type LoopLag, loadedAnnouncement, loadedCount, loopLag, startLoadedNode, watchMemory } from '../rig/loaded.ts';
import type { BenchNode } from '../rig/node.ts';
import { openStatusReader } from '../rig/status-stream.ts';
import { atLeast, atMost, type Result, type Row, type RowContext } from '../row.ts';

/** Readers who begin at the same time. */
const together = 4;
const changes = 50;
/** Between two changes, milliseconds. */
const everyMs = 100;

export const statusRow: Row = {
  name: 'status',
  what: 'status stream at 100k: the whole state, and a change of one announcement',
  measure: async (context) => {
    const node = await startLoadedNode(context, 'status');
    try {
      // The first one compiles the code.
      (await openStatusReader(node.url)).close();
      return [...(await state(context, node)), await several(context, node), await change(context, node)];
    } finally {
      await node.close();
    }
  },
};

async function state({ quick, progress }: RowContext, { url, pid }: BenchNode): Promise<Result[]> {
  const count = loadedCount(quick);
  const found: { first: number; synced: number; rate: number; bare: number; grown: number; lag: LoopLag }[] = [];
  for (let run = 0; run < (quick ? 2 : 5); run += 1) {
    await loopLag(url);
    const grown = watchMemory(pid);
    const reader = await openStatusReader(url);
    const growth = grown();
    const lag = await loopLag(url);
    reader.close();
    const objects = objectsIn(reader.state);
    if (objects.length !== count) throw new Error(`the state has ${objects.length} objects instead of ${count}`);
    const bareMs = await timed(() => encode(objects));
    const { firstByteMs: first, syncedMs: synced } = reader;
    const rates = { rate: (count / synced) * 1_000, bare: (count / bareMs) * 1_000 };
    found.push({ first, synced, ...rates, grown: growth, lag });
    progress(
      `state after ${(synced / 1_000).toFixed(1)} s, ${Math.round(rates.rate)}/s; lag p99 ${lag.p99.toFixed(1)} ms`,
    );
  }
  const runsOf = (of: (run: (typeof found)[number]) => number) => found.map(of);
  const figure = (what: string, unit: Result['unit'], values: readonly number[]) => ({
    what: `${count.toLocaleString('en-US')} as a status stream, ${what}`,
    unit,
    value: median(values),
    runs: values,
  });
  const rates = runsOf(({ rate }) => rate);
  const bare = runsOf((run) => run.bare);
  const rate = figure('announcements a second', '/s', rates);
  const lags = runsOf(({ lag }) => lag.p99);
  const lag = figure('event loop late, p99', 'ms', lags);
  return [
    {
      ...rate,
      limit: { what: 'JSON.stringify of the same objects', value: median(bare), runs: bare },
      mark: atLeast(10_000, rate.value, '/s'),
      details: {
        'first byte, ms': median(runsOf(({ first }) => first)),
        'state complete, ms': median(runsOf(({ synced }) => synced)),
      },
    },
    { ...lag, mark: atMost(20, lag.value, 'ms') },
    figure(
      'memory grown by, at most',
      'MB',
      runsOf(({ grown }) => grown),
    ),
  ];
}

async function several({ quick, progress }: RowContext, { url }: BenchNode): Promise<Result> {
  const runs: number[] = [];
  for (let run = 0; run < (quick ? 1 : 3); run += 1) {
    const readers = await Promise.all(Array.from({ length: together }, () => openStatusReader(url)));
    runs.push(Math.max(...readers.map(({ syncedMs }) => syncedMs)) / 1_000);
    for (const reader of readers) reader.close();
    progress(`${together} at once: the last state complete after ${runs.at(-1)?.toFixed(1)} s`);
  }
  return { what: `${together} that begin at once, last state complete after`, unit: 's', value: median(runs), runs };
}

async function change({ quick, progress }: RowContext, { url, client }: BenchNode): Promise<Result> {
  const reader = await openStatusReader(url);
  const runs: number[] = [];
  const p50: number[] = [];
  try {
    for (let run = 0; run < (quick ? 1 : 3); run += 1) {
      const times: number[] = [];
      for (let index = 0; index < changes; index += 1) {
        const { metadata, spec, kind } = loadedAnnouncement(index);
        const label = `r${run}-${index}-`;
        const body = { kind, metadata: { ...metadata, labels: { run: label } }, spec };
        const start = performance.now();
        const seen = reader.seen(`"run":"${label}"`, 30_000);
        const params = { project: 'bench', name: metadata.name };
        await client.call(endpoints.announcements.replace, { params, body }, never);
        times.push((await seen) - start);
        await pause(everyMs);
      }
      runs.push(quantile(times, 0.99));
      p50.push(median(times));
      progress(`change → status p50 ${median(times).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`);
    }
  } finally {
    reader.close();
  }
  const value = median(runs);
  // Changes are gathered for 50 ms on purpose.
  const mark = atMost(200, value, 'ms');
  return { what: 'change sent → its status, p99', unit: 'ms', value, runs, mark, details: { 'p50, ms': median(p50) } };
}

function objectsIn(state: Buffer): readonly unknown[] {
  return state
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('data: {"type":"objects"'))
    .flatMap((line): unknown[] => JSON.parse(line.slice(6)).resources);
}

function encode(objects: readonly unknown[]): number {
  let size = 0;
  for (const one of objects) size += JSON.stringify(one).length + 1;
  return size;
}
