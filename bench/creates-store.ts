/**
 * Durable creates on the embedded store, against what the disk can do: one row a number of commits in flight, and how
 * long opening takes with 100,000 keys or more. The limit of the row of one is what the disk syncs in the same run.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/runtime/clock.ts';
import { silentLog } from '../src/runtime/log.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded-store.ts';
import type { Store } from '../src/store/store.ts';

export interface CreatesRow {
  readonly inFlight: number;
  readonly perSecond: number;
}

export interface CreatesResult {
  /** Writes of 4 KiB with one fdatasync each, the limit for one at a time. */
  readonly syncsPerSecond: number;
  readonly creates: readonly CreatesRow[];
  readonly openMs: number;
  readonly listMs: number;
  readonly keys: number;
}

const { signal } = new AbortController();
const options = { clock: systemClock, log: silentLog, newId: randomUUID };

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

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

/** Creates distinct keys of 512 bytes, each on the condition that it isn't there. */
async function create(store: Store, name: string, count: number, inFlight: number): Promise<number> {
  let next = 0;
  const one = async () => {
    while (next < count) {
      const key = `announcements/bench/${name}-${String(next).padStart(7, '0')}`;
      const value = JSON.stringify({ key, text: randomUUID().repeat(12) });
      next += 1;
      await store.commit([{ key, createRevision: 0 }], [{ op: 'put', key, value }], signal);
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: inFlight }, one)));
  return (count / ms) * 1_000;
}

/** @param root a folder on the disk to measure. */
export async function benchCreates(root: string, runs = 3): Promise<CreatesResult> {
  const folder = mkdtempSync(join(root, 'corebgp-bench-'));
  try {
    const raw: number[] = [];
    const rates = new Map<number, number[]>([
      [1, []],
      [64, []],
      [1_000, []],
    ]);
    let store = await openEmbeddedStore(join(folder, 'store'), options);
    for (let run = 0; run < runs; run += 1) {
      raw.push(syncsPerSecond(folder));
      for (const [inFlight, found] of rates) {
        found.push(await create(store, `${run}-${inFlight}`, inFlight === 1 ? 1_000 : 20_000, inFlight));
      }
    }
    const before = (await store.list('', {}, signal)).entries.length;
    const keys = Math.max(100_000, before);
    await create(store, 'fill', keys - before, 1_000);
    const open: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await store.close();
      open.push(
        await timed(async () => {
          store = await openEmbeddedStore(join(folder, 'store'), options);
        }),
      );
    }
    const listMs = await timed(() => store.list('', {}, signal));
    await store.close();
    return {
      syncsPerSecond: median(raw),
      creates: [...rates].map(([inFlight, found]) => ({ inFlight, perSecond: median(found) })),
      openMs: median(open),
      listMs,
      keys,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
