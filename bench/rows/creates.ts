/**
 * Durable creates on the embedded store, 64 in flight: directly on the store, and of announcements through the API over
 * HTTP. The limit of the store is lmdb alone; that of the API is a call that does nothing, at the same server.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { endpoints } from '../../src/contract/endpoints.ts';
import { createsOnStore } from '../creates-store.ts';
import { inFlight, median, timed } from '../measure.ts';
import { leanRequest, openLeanHttp } from '../rig/lean-http.ts';
import { startBenchNode } from '../rig/node.ts';
import { announcement, nextHopOf, project } from '../rig/resources.ts';
import { atLeast, type Result, type Row, type RowContext } from '../row.ts';

const together = 64;
const leastPerSecond = 5_000;

export const createsRow: Row = {
  name: 'creates',
  what: 'durable creates a second on the embedded store, 64 in flight',
  measure: async (context) => [await onStore(context), await throughApi(context)],
};

async function onStore({ folder, quick, progress }: RowContext): Promise<Result> {
  const runs = quick ? 1 : 3;
  const found = await createsOnStore(join(folder, 'creates'), runs);
  const limit: number[] = [];
  for (let run = 0; run < runs; run += 1) limit.push(await lmdbAlone(join(folder, `lmdb-${run}`)));
  const of = (most: number) => found.creates.get(most) ?? [];
  const value = median(of(together));
  progress(`on the store ${Math.round(value)}/s, lmdb alone ${Math.round(median(limit))}/s`);
  return {
    what: 'on the store',
    unit: '/s',
    value,
    runs: of(together),
    limit: { what: 'lmdb alone, 64 puts in flight', value: median(limit), runs: limit },
    mark: atLeast(leastPerSecond, value, '/s'),
    details: {
      'fdatasync of 4 KiB, one at a time, /s': median(found.syncsPerSecond),
      'one in flight, /s': median(of(1)),
      '1,000 in flight, /s': median(of(1_000)),
      [`opening with ${found.keys} keys, ms`]: median(found.openMs),
    },
  };
}

async function lmdbAlone(folder: string): Promise<number> {
  mkdirSync(folder);
  const database = open({ path: join(folder, 'raw.mdb'), encoding: 'string' });
  const count = 20_000;
  const ms = await timed(() =>
    inFlight(count, together, (index) =>
      database.put(`announcements/bench/${String(index).padStart(7, '0')}`, randomUUID().repeat(14)),
    ),
  );
  await database.close();
  return (count / ms) * 1_000;
}

async function throughApi({ folder, quick, progress }: RowContext): Promise<Result> {
  const own = join(folder, 'creates-api');
  mkdirSync(own);
  const node = await startBenchNode({ verb: 'api', folder: own });
  const http = await openLeanHttp(node.url, together);
  const { path } = endpoints.announcements.create;
  try {
    await node.apply([project]);
    const runs: number[] = [];
    const limit: number[] = [];
    const count = quick ? 2_000 : 10_000;
    for (let run = 0; run < (quick ? 1 : 3); run += 1) {
      const noop = leanRequest('GET', endpoints.healthz.path);
      const noops = await timed(() => http.send(count, () => noop));
      limit.push((count / noops) * 1_000);
      const requests = Array.from({ length: count }, (_, index) =>
        leanRequest('POST', path, announcement(run * count + index, [{ address: nextHopOf(index) }])),
      );
      const ms = await timed(() => http.send(count, (index) => requests[index] ?? noop));
      runs.push((count / ms) * 1_000);
      progress(`through the API ${Math.round(runs.at(-1) ?? 0)}/s, no-op calls ${Math.round(limit.at(-1) ?? 0)}/s`);
    }
    const value = median(runs);
    return {
      what: 'through the API over HTTP',
      unit: '/s',
      value,
      runs,
      limit: { what: 'no-op calls (GET /healthz), 64 in flight', value: median(limit), runs: limit },
      mark: atLeast(leastPerSecond, value, '/s'),
    };
  } finally {
    http.close();
    await node.close();
  }
}
