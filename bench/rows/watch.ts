/**
 * 1,000 watch streams of which 1 % don't read: how long until a change has reached all that do, what it costs the server,
 * and that nobody but those who don't read is cut.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { endpoints } from '../../src/contract/endpoints.ts';
import { median, never, quantile, timed, until } from '../measure.ts';
import { leanRequest, openLeanHttp } from '../rig/lean-http.ts';
import { loadedAnnouncement, loopLag, startLoadedNode, watchMemory } from '../rig/loaded.ts';
import { openWatchers } from '../rig/watchers.ts';
import { atMost, type Result, type Row, type RowContext } from '../row.ts';

const live = 990;
const stalled = 10;
/** A change every so many milliseconds. */
const everyMs = 50;
const cutWithinMs = 60_000;

export const watchRow: Row = {
  name: 'watch',
  what: `one change to ${live} watch streams, beside ${stalled} that never read`,
  measure: async (context) => {
    const node = await startLoadedNode(context, 'watch');
    try {
      return await measureStreams(context, node.url, node.pid, node.client);
    } finally {
      await node.close();
    }
  },
};

async function measureStreams(
  { quick, progress }: RowContext,
  url: string,
  pid: number,
  client: Awaited<ReturnType<typeof startLoadedNode>>['client'],
): Promise<Result[]> {
  const change = async (index: number, label: string) => {
    const { metadata, spec, kind } = loadedAnnouncement(index);
    const params = { project: 'bench', name: metadata.name };
    const body = { kind, metadata: { ...metadata, labels: { run: label } }, spec };
    const answer = await client.call(endpoints.announcements.replace, { params, body }, never);
    return answer.metadata.revision;
  };
  const since = await change(0, 'first');
  const grown = watchMemory(pid);
  // Those that don't read ask for all of the state, so that their sockets fill up at once.
  const dead = await openWatchers(url, stalled, 'kinds=announcements', false);
  const watchers = await openWatchers(url, live, `kinds=announcements&since=${since}`, true);
  const gets = await openLeanHttp(url, 1);
  try {
    for (let index = 0; index < 20; index += 1) {
      const revision = await change(index, 'warm');
      await watchers.arrivals(revision, 10_000);
    }
    progress(`${live} streams open, ${stalled} of ${stalled + live} stalled`);
    const runs = quick ? 1 : 3;
    const perStream: number[][] = [];
    const last: number[][] = [];
    const reads: number[][] = [];
    const lags: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await loopLag(url);
      const [streamMs, lastMs, getMs]: [number[], number[], number[]] = [[], [], []];
      const over = new AbortController();
      const reading = readOn(gets, getMs, over.signal);
      for (let index = 0; index < 100; index += 1) {
        const start = performance.now();
        const revision = await change(index, `${run}`);
        const times = (await watchers.arrivals(revision, 10_000)).map((at) => at - start);
        for (const ms of times) streamMs.push(ms);
        lastMs.push(Math.max(...times));
        await pause(Math.max(0, everyMs - (performance.now() - start)));
      }
      over.abort();
      await reading;
      perStream.push(streamMs);
      last.push(lastMs);
      reads.push(getMs);
      lags.push((await loopLag(url)).p99);
      progress(
        `change → stream p50 ${median(streamMs).toFixed(1)} ms, p99 ${quantile(streamMs, 0.99).toFixed(1)} ms; get p99 ${quantile(getMs, 0.99).toFixed(1)} ms`,
      );
    }
    const memory = grown();
    // A paused socket doesn't notice that it was closed, so the server is asked. A small state fits into the socket's buffers.
    const cut = quick
      ? Number.NaN
      : await timed(() =>
          until('the stalled streams are cut', async () => ((await streamsCut(url)) >= stalled ? true : undefined), {
            withinMs: cutWithinMs,
            everyMs: 200,
          }),
        );
    const stillOpen = live - watchers.closed;
    const of = (all: readonly number[][], share: number) => all.map((values) => quantile(values, share));
    const result = (what: string, unit: Result['unit'], values: readonly number[]) => ({
      what,
      unit,
      value: median(values),
      runs: values,
    });
    const p99 = result('change sent → stream, p99', 'ms', of(perStream, 0.99));
    const lag = result('event loop late, p99', 'ms', lags);
    return [
      result('change sent → stream, p50', 'ms', of(perStream, 0.5)),
      {
        ...p99,
        mark: atMost(100, p99.value, 'ms'),
        details: {
          'change sent → last of all streams, p50, ms': median(of(last, 0.5)),
          'p99, ms': median(of(last, 0.99)),
          'stalled streams cut after the last run, ms': cut,
        },
      },
      { ...lag, mark: atMost(20, lag.value, 'ms') },
      result('a get meanwhile, p99', 'ms', of(reads, 0.99)),
      { what: 'memory grown by, at most', unit: 'MB', value: memory, runs: [memory] },
      {
        what: 'streams that read and were cut all the same',
        unit: 'calls',
        value: live - stillOpen,
        runs: [live - stillOpen],
        mark: atMost(0, live - stillOpen, 'calls'),
      },
    ];
  } finally {
    gets.close();
    watchers.close();
    dead.close();
  }
}

async function streamsCut(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^corebgp_api_watch_streams_cut_total\{why="stalled"\} (\d+)/m.exec(text)?.[1]);
}

async function readOn(
  http: Awaited<ReturnType<typeof openLeanHttp>>,
  into: number[],
  signal: AbortSignal,
): Promise<void> {
  const path = endpoints.announcements.get.path.replace('{project}', 'bench').replace('{name}', 'a0000007');
  const request = leanRequest('GET', path);
  while (!signal.aborted) {
    into.push(await timed(() => http.send(1, () => request)));
    await pause(10);
  }
}
