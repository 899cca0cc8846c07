/** What only the embedded store does: pins, trimming, a full disk, and nothing left behind. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../../test/rig/store-clock.ts';
import { countingIds } from '../../../test/rig/store-harness.ts';
import { silentLog } from '../../runtime/log.ts';
import type { Operation, Store } from '../store.ts';
import { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded-store.ts';

describe('the embedded store', () => {
  const { signal } = new AbortController();
  let folder: string;
  let clock: ManualClock;
  let store: Store;

  async function openWith(options: Partial<EmbeddedStoreOptions>): Promise<void> {
    store = await openEmbeddedStore(folder, { clock, log: silentLog, newId: countingIds(), ...options });
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'corebgp-embedded-'));
    clock = manualClock();
    await openWith({});
  });
  afterEach(async () => {
    await store.close();
    expect(clock.pending(), 'timers left behind').toBe(0);
    rmSync(folder, { recursive: true });
  });

  function put(key: string, value: string, lease?: string): Operation {
    return { op: 'put', key, value, ...(lease === undefined ? {} : { lease }) };
  }
  const write = (key: string, value: string) => store.commit([], [put(key, value)], signal);
  const firstPage = async () => (await store.list('', { limit: 1 }, signal)).revision;
  const continued = async (at: number): Promise<string> => {
    try {
      const { entries } = await store.list('', { after: 'a', at }, signal);
      return entries.map((entry) => entry.value).join();
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  };

  test('keeps the state of a first page for 60 s after its last use, for 16 lists', async () => {
    await write('a', '0');
    await write('b', '0');
    const first = await firstPage();
    await write('b', '1');
    clock.advance(59_000);
    expect(await continued(first)).toBe('0');
    clock.advance(59_000);
    expect(await continued(first)).toBe('0');
    clock.advance(60_000);
    expect(await continued(first)).toBe('compacted');

    const pages: number[] = [];
    for (let value = 2; value < 19; value += 1) {
      pages.push(await firstPage());
      await write('b', String(value));
    }
    expect(await Promise.all(pages.map(continued))).toEqual([
      'compacted',
      ...Array.from({ length: 16 }, (_, index) => String(index + 2)),
    ]);
  });

  test('reads pinned states right while it writes a lot', async () => {
    for (let i = 0; i < 100; i += 1) await write(`k${String(i).padStart(3, '0')}`, 'old');
    const first = await store.list('k', { limit: 10 }, signal);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => write(`k${String(i).padStart(3, '0')}`, 'x'.repeat(2_000))),
      );
      const rest = await store.list('k', { after: first.entries.at(-1)?.key ?? '', at: first.revision }, signal);
      expect(rest.entries.map((entry) => entry.value)).toEqual(Array.from({ length: 90 }, () => 'old'));
    }
  });

  test('trims its log by size too, but always holds the newest revision', async () => {
    await store.close();
    await openWith({ keepCharacters: 10_000 });
    for (let i = 0; i < 30; i += 1) await write('a', 'x'.repeat(1_000));
    await write('a', 'y'.repeat(20_000));
    const { revision } = await store.status(signal);
    const watch = store.watch('', revision, signal)[Symbol.asyncIterator]();
    expect((await watch.next()).value).toMatchObject({ revision });
    await expect(
      store
        .watch('', revision - 1, signal)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({
      code: 'compacted',
    });
  });

  test('answers unavailable when it cannot write, keeps nothing of it, and goes on when it can again', async () => {
    const limitFiles = (bytes: string) =>
      expect(spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]).status).toBe(0);
    const { lease } = await store.grantLease(5_000, signal);
    await store.commit([], [put('a', 'before'), put('leased', '1', lease)], signal);
    const before = await store.list('', {}, signal);
    limitFiles('131072');
    try {
      const writes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => write(`big${i}`, String(i).repeat(200_000))),
      );
      for (const result of writes) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { code: 'unavailable', field: 'store.url', message: expect.stringContaining(folder) },
        });
      }
      expect(await store.list('', {}, signal)).toEqual(before);
    } finally {
      limitFiles('unlimited');
    }
    expect(await write('a', 'after')).toMatchObject({ committed: true, revision: before.revision + 1 });
    await store.close();
    await openWith({});
    expect((await store.get('a', signal)).entry?.value).toBe('after');
    expect((await store.status(signal)).revision).toBe(before.revision + 1);
  });

  test('a keepalive that came while the process stood still keeps the lease', async () => {
    const { lease } = await store.grantLease(5_000, signal);
    await store.commit([], [put('a', '1', lease)], signal);
    clock.stall(60_000);
    await store.keepLeaseAlive(lease, signal);
    clock.advance(1_000);
    await store.commit([], [], signal);
    expect((await store.get('a', signal)).entry?.value).toBe('1');
  });

  test('a keepalive between the end of a lease and the writing of it keeps the lease', async () => {
    const { lease } = await store.grantLease(5_000, signal);
    await store.commit([], [put('a', '1', lease)], signal);
    clock.advance(5_000);
    await store.keepLeaseAlive(lease, signal);
    await store.commit([], [], signal);
    expect((await store.get('a', signal)).entry?.value).toBe('1');
  });

  test('a lease whose caller left while it was granted still ends', async () => {
    const left = new AbortController();
    const granting = store.grantLease(5_000, left.signal);
    left.abort(new Error('left'));
    await expect(granting).rejects.toThrow('left');
    await store.commit([], [], signal);
    expect(clock.pending()).toBe(1);
    clock.advance(6_000);
    await store.commit([], [], signal);
    expect(clock.pending()).toBe(0);
  });

  test('a commit whose caller left before it was written is not done', async () => {
    const left = new AbortController();
    const committing = store.commit([], [put('a', '1')], left.signal);
    left.abort(new Error('left'));
    await expect(committing).rejects.toThrow('left');
    await store.commit([], [], signal);
    expect((await store.get('a', signal)).entry).toBeNull();
  });
});
