/** Durable creates on the embedded store by the number of commits in flight, and how long opening takes with many keys. */
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/runtime/clock.ts';
import { silentLog } from '../src/runtime/log.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded-store.ts';
import type { Store } from '../src/store/store.ts';
import { inFlight, never, timed } from './measure.ts';

/** One value a run. */
export interface StoreCreates {
  /** Writes of 4 KiB with one fdatasync each: the limit for one at a time. */
  readonly syncsPerSecond: readonly number[];
  /** Creates a second, by the number in flight. */
  readonly creates: ReadonlyMap<number, readonly number[]>;
  readonly openMs: readonly number[];
  /** How many keys it was opened with. */
  readonly keys: number;
}

const options = { clock: systemClock, log: silentLog, newId: randomUUID };

function syncsPerSecond(folder: string): number {
  const file = openSync(join(folder, 'raw'), 'w');
  const page = Buffer.alloc(4096);
  const count = 1_000;
  const start = performance.now();
  for (let i = 0; i < count; i += 1) {
    page.writeUInt32LE(i);
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - start) / 1_000;
  closeSync(file);
  return count / seconds;
}

/** Creates distinct keys of 512 bytes, each on the condition that it isn't there. @returns creates a second. */
async function create(store: Store, name: string, count: number, most: number): Promise<number> {
  const ms = await timed(() =>
    inFlight(count, most, async (index) => {
      const key = `announcements/bench/${name}-${String(index).padStart(7, '0')}`;
      const value = JSON.stringify({ key, text: randomUUID().repeat(12) });
      await store.commit([{ key, createRevision: 0 }], [{ op: 'put', key, value }], never);
    }),
  );
  return (count / ms) * 1_000;
}

/** @param folder on the disk to measure; made, and left behind. */
export async function createsOnStore(folder: string, runs: number): Promise<StoreCreates> {
  mkdirSync(folder);
  const raw: number[] = [];
  const rates = new Map<number, number[]>([
    [1, []],
    [64, []],
    [1_000, []],
  ]);
  let store = await openEmbeddedStore(join(folder, 'store'), options);
  for (let run = 0; run < runs; run += 1) {
    raw.push(syncsPerSecond(folder));
    for (const [most, found] of rates)
      found.push(await create(store, `${run}-${most}`, most === 1 ? 500 : 20_000, most));
  }
  const keys = (await store.list('', {}, never)).entries.length;
  const openMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await store.close();
    openMs.push(
      await timed(async () => {
        store = await openEmbeddedStore(join(folder, 'store'), options);
      }),
    );
  }
  await store.close();
  return { syncsPerSecond: raw, creates: rates, openMs, keys };
}
