/** What the embedded store has acknowledged outlives kill -9, and is synced before it is acknowledged. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { bundleProgram, type SyncVariant } from '../rig/store-bundle.ts';
import { countingIds } from '../rig/store-harness.ts';
import { judgeSyncs, tracedCalls } from '../rig/store-strace.ts';
import { take } from './store.ts';

const program = 'test/rig/store-writer.ts';
const writes = 1_000;
const scratch = 'scratch';

/** A small generator of numbers in [0, 1), so that a failure can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('the embedded store', () => {
  const seed = Number(process.env['STORE_CRASH_SEED'] ?? Date.now() % 1_000_000);
  let folder: string;
  let writer: { readonly path: string; readonly remove: () => void };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'corebgp-crash-'));
    writer = await bundleProgram(program, 'asBuilt');
  });
  afterAll(() => {
    writer.remove();
    rmSync(folder, { recursive: true });
  });

  /** Starts the writer and kills it after so many acknowledgements and a little more; returns all it acknowledged. */
  async function writeAndKill(round: number, after: number, moreMs: number): Promise<ReadonlyMap<string, number>> {
    const child = spawn(process.execPath, [writer.path, folder, `round-${round}`, String(10 * writes), '16'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    const acknowledged = new Map<string, number>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [, key = '', revision = ''] = line.split(' ');
      acknowledged.set(key, Number(revision));
      if (acknowledged.size === after) void delay(moreMs).then(() => child.kill('SIGKILL'));
    }
    expect(await ended).toBe('SIGKILL');
    return acknowledged;
  }

  test(`killed during ${writes} writes, keeps every acknowledged one (STORE_CRASH_SEED=${seed})`, async () => {
    const random = seeded(seed);
    const { signal } = new AbortController();
    const all = new Map<string, number>();
    let highest = 0;
    for (let round = 0; round < 10; round += 1) {
      const after = 1 + Math.floor(random() * writes);
      for (const [key, revision] of await writeAndKill(round, after, random() * 5)) all.set(key, revision);

      const store = await openEmbeddedStore(folder, {
        clock: systemClock,
        log: silentLog,
        newId: countingIds(),
        keepRevisions: 100_000,
      });
      const { revision, entries } = await store.list('', {}, signal);
      const found = new Map(entries.map((entry) => [entry.key, entry]));
      const lost = [...all].filter(([key, at]) => found.get(key)?.modRevision !== at);
      expect(lost, 'acknowledged, but not there at their revision').toEqual([]);
      const halves = entries.filter(({ key, modRevision, value }) => {
        const twin = found.get(
          key.startsWith('twin/') ? key.replace('twin/', 'write/') : key.replace('write/', 'twin/'),
        );
        return twin?.modRevision !== modRevision || twin.value !== value;
      });
      expect(halves, 'half a commit').toEqual([]);

      expect(revision).toBeGreaterThanOrEqual(Math.max(...all.values()));
      expect(revision).toBeGreaterThan(highest);
      const history = await take(store, '', 1, revision, signal);
      expect(history.map((one) => one.revision)).toEqual(Array.from({ length: revision }, (_, index) => index + 1));
      const written = history
        .flatMap(({ changes }) => changes)
        .flatMap((change) => (change.op === 'put' && change.entry.key !== scratch ? [change.entry] : []));
      expect(written).toHaveLength(entries.length);
      expect(written.filter((entry) => found.get(entry.key)?.value !== entry.value)).toEqual([]);

      const next = await store.commit([], [{ op: 'put', key: scratch, value: '0' }], signal);
      expect(next.revision).toBe(revision + 1);
      await store.commit([], [{ op: 'delete', key: scratch }], signal);
      highest = revision;
      await store.close();
    }
  });

  async function traced(variant: SyncVariant) {
    const bundle = await bundleProgram(program, variant);
    const trace = join(folder, `${variant}.strace`);
    try {
      const args = ['-f', '-s', '200000', '-e', `trace=${tracedCalls}`, '-o', trace];
      const { status, error } = spawnSync(
        'strace',
        [...args, process.execPath, bundle.path, join(folder, variant), 'traced', '200', '8'],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      expect(error, 'this test needs strace (Debian: apt-get install strace)').toBeUndefined();
      expect(status).toBe(0);
      return judgeSyncs(readFileSync(trace, 'latin1'), 'store.mdb');
    } finally {
      bundle.remove();
    }
  }

  test('syncs before each acknowledgement, seen from the kernel', async () => {
    const judgement = await traced('asBuilt');
    expect(judgement.wrong).toEqual([]);
    expect(judgement.acknowledgements).toBe(200);
    expect(judgement.syncs).toBeGreaterThan(10);
  });

  test.each(['noSync', 'early'] as const)('is caught by the same judge when it is broken: %s', async (variant) => {
    const judgement = await traced(variant);
    expect(judgement.acknowledgements).toBe(200);
    expect(judgement.wrong.length).toBeGreaterThan(0);
  });
});
