/**
 * Lists of 100,000 announcements: all of them as lines, and page by page. The limit of the lines is encoding the same
 * objects, in this process; the server also decodes them, works out their status and sends them.
 */
import { endpoints } from '../../src/contract/endpoints.ts';
import { linesType } from '../../src/contract/lists.ts';
import { median, quantile, timed } from '../measure.ts';
import { type LoopLag, loadedCount, loopLag, startLoadedNode, watchMemory } from '../rig/loaded.ts';
import { type ListReader, openListReader } from '../rig/read-lists.ts';
import { atLeast, atMost, type Result, type Row, type RowContext } from '../row.ts';

const { path } = endpoints.announcements.list;

export const listsRow: Row = {
  name: 'lists',
  what: '100,000 announcements as lines, and in pages of 500',
  measure: async (context) => {
    const node = await startLoadedNode(context, 'lists');
    const reader = openListReader(node.url);
    try {
      const world = { ...context, reader, url: node.url, pid: node.pid, runs: context.quick ? 2 : 5 };
      // The first one finds out whether the records fit their schema, and compiles the code.
      await reader.read(path, linesType);
      return [...(await lines(world)), ...(await pages(world))];
    } finally {
      reader.close();
      await node.close();
    }
  },
};

interface World extends RowContext {
  readonly reader: ListReader;
  readonly url: string;
  readonly pid: number;
  readonly runs: number;
}

async function lines({ reader, url, pid, runs, quick, progress }: World): Promise<Result[]> {
  const count = loadedCount(quick);
  const found: { first: number; rate: number; bare: number; grown: number; lag: LoopLag }[] = [];
  for (let run = 0; run < runs; run += 1) {
    await loopLag(url);
    const grown = watchMemory(pid);
    const { firstByteMs, totalMs, body } = await reader.read(path, linesType);
    const growth = grown();
    const lag = await loopLag(url);
    const objects: unknown[] = body
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    if (objects.length !== count) throw new Error(`the list has ${objects.length} lines instead of ${count}`);
    const bareMs = await timed(() => encode(objects));
    const rates = { rate: (count / totalMs) * 1_000, bare: (count / bareMs) * 1_000 };
    found.push({ first: firstByteMs, ...rates, grown: growth, lag });
    progress(
      `lines: first byte ${firstByteMs.toFixed(1)} ms, ${Math.round(rates.rate)}/s of ${Math.round(rates.bare)}/s, lag p99 ${lag.p99.toFixed(1)} ms`,
    );
  }
  const runsOf = (of: (run: (typeof found)[number]) => number) => found.map(of);
  const figure = (what: string, unit: Result['unit'], values: readonly number[]) => {
    return { what: `${count.toLocaleString('en-US')} as lines, ${what}`, unit, value: median(values), runs: values };
  };
  const first = figure(
    'first byte',
    'ms',
    runsOf((run) => run.first),
  );
  const rate = figure(
    'announcements a second',
    '/s',
    runsOf((run) => run.rate),
  );
  const bare = runsOf((run) => run.bare);
  const lag = figure(
    'event loop late, p99',
    'ms',
    runsOf((run) => run.lag.p99),
  );
  const grown = figure(
    'memory grown by, at most',
    'MB',
    runsOf((run) => run.grown),
  );
  return [
    { ...first, mark: atMost(50, first.value, 'ms') },
    {
      ...rate,
      limit: { what: 'JSON.stringify of the same objects', value: median(bare), runs: bare },
      mark: { text: '≥ 0.6 × the limit', met: rate.value >= 0.6 * median(bare) },
    },
    { ...lag, mark: atMost(20, lag.value, 'ms'), details: { 'max, ms': median(runsOf((run) => run.lag.max)) } },
    grown,
  ];
}

function encode(objects: readonly unknown[]): number {
  let size = 0;
  for (const one of objects) size += JSON.stringify(one).length + 1;
  return size;
}

async function pages({ reader, url, runs, quick, progress }: World): Promise<Result[]> {
  const rates: number[] = [];
  const p99: number[] = [];
  const firsts: number[] = [];
  const lags: number[] = [];
  const expected = Math.ceil(loadedCount(quick) / 500);
  for (let run = 0; run < runs; run += 1) {
    await loopLag(url);
    const times: number[] = [];
    let next: string | undefined = '';
    const ms = await timed(async () => {
      while (next !== undefined) {
        const { totalMs, body } = await reader.read(`${path}?limit=500${next}`, 'application/json');
        times.push(totalMs);
        const token = /"continue":"([^"]+)"/.exec(body.toString('latin1'))?.[1];
        next = token === undefined ? undefined : `&continue=${encodeURIComponent(token)}`;
      }
    });
    if (times.length !== expected) throw new Error(`there were ${times.length} pages instead of ${expected}`);
    rates.push((times.length / ms) * 1_000);
    firsts.push(times[0] ?? 0);
    p99.push(quantile(times.slice(1), 0.99));
    lags.push((await loopLag(url)).p99);
    progress(`pages: ${rates.at(-1)?.toFixed(0)}/s, p99 ${p99.at(-1)?.toFixed(1)} ms`);
  }
  const [rate, lag] = [median(rates), median(lags)];
  return [
    {
      what: 'pages of 500 over all of them',
      unit: '/s',
      value: rate,
      runs: rates,
      mark: atLeast(1, rate, '/s'),
      details: { 'first page, which sorts and pins, ms': median(firsts), 'others, p99, ms': median(p99) },
    },
    { what: 'pages, event loop late, p99', unit: 'ms', value: lag, runs: lags, mark: atMost(20, lag, 'ms') },
  ];
}
