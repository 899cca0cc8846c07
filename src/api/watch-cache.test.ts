import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { never } from '../../test/rig/api.ts';
import { modelStore, put, startWatchCache } from '../../test/rig/watch-cache.ts';
import { CoreBgpError } from '../model/errors.ts';
import { breathe } from '../runtime/breathe.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Operation, Store } from '../store/store.ts';
import type { WatchCacheLimits } from './cache-limits.ts';
import type { CachedEntry, CacheMessage } from './cached.ts';

const kinds = new Set(['announcements', 'peers']);
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

async function start(limits: Partial<WatchCacheLimits> = {}) {
  const rig = await startWatchCache(limits);
  closing.push(rig.close);
  return rig;
}

/** What a reader of the stream knows. */
interface Known {
  readonly entries: Map<string, number>;
  revision: number;
  synced: boolean;
}

function take(known: Known, message: CacheMessage): void {
  if (message.type === 'state') for (const entry of message.entries) known.entries.set(entry.key, entry.modRevision);
  if (message.type === 'synced') known.synced = true;
  if (message.type === 'changes') {
    expect(message.revision).toBeGreaterThan(known.revision);
    for (const change of message.changes) {
      if (change.op === 'put') known.entries.set(change.entry.key, change.entry.modRevision);
      else known.entries.delete(change.key);
    }
  }
  if ('revision' in message) known.revision = message.revision;
}

async function stored(store: Store): Promise<Map<string, number>> {
  const { entries } = await store.list('', {}, never);
  return new Map(
    entries
      .filter(({ key }) => kinds.has(key.split('/')[0] ?? ''))
      .map(({ key, modRevision }) => [key, modRevision] as const),
  );
}

const key = fc.constantFrom('announcements/a/x', 'announcements/a/y', 'peers/p', 'claims/z/1', 'health/1');
const operation = fc.record({ key, remove: fc.boolean() });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.uniqueArray(operation, { minLength: 1, maxLength: 4, selector: (one) => one.key }) },
  { weight: 2, arbitrary: fc.constant('cut' as const) },
  { weight: 1, arbitrary: fc.constant('break' as const) },
  { weight: 1, arbitrary: fc.constant('compact' as const) },
  { weight: 3, arbitrary: fc.constant('read' as const) },
);

describe('the watch cache', () => {
  test('a reader that is cut and goes on ends up with what is stored, whatever broke in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (steps, held) => {
        const rig = await start({ recent: { revisions: held, size: 1_000_000 } });
        let known: Known = { entries: new Map(), revision: 0, synced: false };
        let reading: { readonly controller: AbortController; readonly done: Promise<void> } | undefined;

        const read = () => {
          const controller = new AbortController();
          const since = known.synced ? known.revision : undefined;
          const go = async () => {
            if (since === undefined) known = { entries: new Map(), revision: 0, synced: false };
            try {
              for await (const message of rig.cache.subscribe(kinds, since, controller.signal)) {
                if (message.type === 'error') throw new CoreBgpError('compacted', message.detail);
                take(known, message);
              }
            } catch (error) {
              if (!(error instanceof CoreBgpError)) throw error;
              if (error.code === 'compacted') known = { entries: new Map(), revision: 0, synced: false };
            }
          };
          reading = { controller, done: go() };
        };
        const cut = async () => {
          reading?.controller.abort();
          await reading?.done;
          reading = undefined;
        };

        let last = 0;
        read();
        for (const one of steps) {
          if (one === 'cut') await cut();
          else if (one === 'break') rig.breakWatch();
          else if (one === 'compact') rig.store.compact((await rig.store.status(never)).revision);
          else if (one === 'read') {
            await cut();
            read();
          } else {
            const operations = one.map(
              ({ key, remove }): Operation => (remove ? { op: 'delete', key } : { op: 'put', key, value: '{}' }),
            );
            last = (await rig.store.commit([], operations, never)).revision;
          }
        }
        await expect
          .poll(() => (rig.cache.position()?.revision ?? 0) >= last && rig.cache.isFresh(), { timeout: 5_000 })
          .toBe(true);
        await cut();
        const wanted = await stored(rig.store);
        await expect
          .poll(
            async () => {
              await cut();
              read();
              await systemClock.sleep(5, never);
              return [...known.entries].sort();
            },
            { timeout: 5_000 },
          )
          .toEqual([...wanted].sort());
        await cut();
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('a slow reader is cut, the others get everything', async () => {
    const { store, cache } = await start({ queue: { messages: 20, size: 1_000_000 } });
    const slow = cache.subscribe(kinds, undefined, never);
    expect((await slow.next()).value).toMatchObject({ type: 'synced' });
    const controller = new AbortController();
    const got: number[] = [];
    const reader = (async () => {
      for await (const message of cache.subscribe(kinds, undefined, controller.signal)) {
        if (message.type === 'changes') got.push(message.revision);
      }
    })();
    await systemClock.sleep(1, never);
    const written: number[] = [];
    for (let index = 0; index < 200; index += 1) {
      written.push(await put(store, 'peers/p', index));
      await breathe();
    }
    await expect.poll(() => got).toEqual(written);
    const next = await slow.next();
    expect(next.value).toMatchObject({ type: 'error', code: 'limited' });
    expect((await slow.next()).done).toBe(true);
    controller.abort();
    await reader;
    expect(cache.streams()).toBe(0);
  });

  test('one revision is one message, with the kinds asked for only', async () => {
    const { store, cache } = await start();
    const controller = new AbortController();
    const stream = cache.subscribe(new Set(['peers']), undefined, controller.signal);
    await stream.next();
    await store.commit(
      [],
      ['peers/a', 'peers/b', 'drains/c'].map((one) => ({ op: 'put', key: one, value: '1' }) as const),
      never,
    );
    const { value } = await stream.next();
    expect(value?.type === 'changes' && value.changes.map((change) => change.op === 'put' && change.entry.key)).toEqual(
      ['peers/a', 'peers/b'],
    );
    controller.abort();
    await stream.return();
  });

  test('its own heartbeat makes a bookmark', async () => {
    const { store, cache } = await start();
    const controller = new AbortController();
    const stream = cache.subscribe(kinds, undefined, controller.signal);
    await stream.next();
    const revision = await put(store, 'api/me', { beat: 1 });
    expect((await stream.next()).value).toEqual({ type: 'bookmark', revision });
    controller.abort();
    await stream.return();
  });

  test('another store behind the same address ends the streams, and the copy is the other one', async () => {
    const { store, cache, become } = await start();
    await put(store, 'peers/old', 1);
    const stream = cache.subscribe(kinds, undefined, never);
    await stream.next();
    const other = modelStore();
    await put(other, 'peers/new', 1);
    become(other);
    for (;;) {
      const { value } = await stream.next();
      if (value?.type !== 'error') continue;
      expect(value.code).toBe('compacted');
      break;
    }
    await expect.poll(() => [...cache.under('peers').keys()]).toEqual(['peers/new']);
    await other.close();
  });

  test('a revision ahead of the store, or no longer held, is refused as compacted', async () => {
    const { store, cache } = await start({ recent: { revisions: 1, size: 1_000_000 } });
    for (let index = 0; index < 3; index += 1) await put(store, 'peers/p', index);
    await cache.reached(3, never);
    await expect(cache.subscribe(kinds, 1, never).next()).rejects.toMatchObject({ code: 'compacted' });
    await expect(cache.subscribe(kinds, 1_000, never).next()).rejects.toMatchObject({ code: 'compacted' });
    const resumed = cache.subscribe(kinds, 2, never);
    expect((await resumed.next()).value).toMatchObject({ type: 'changes', revision: 3 });
    expect((await resumed.next()).value).toMatchObject({ type: 'synced', revision: 3 });
    await resumed.return();
  });

  test('what is no JSON is null for its reader, and hides nothing else', async () => {
    const { store, cache } = await start();
    await store.commit([], [{ op: 'put', key: 'peers/bad', value: '{"a":' }], never);
    const revision = await put(store, 'peers/good', { a: 1 });
    await cache.reached(revision, never);
    const entries: (CachedEntry | undefined)[] = [cache.get('peers/bad'), cache.get('peers/good')];
    expect(entries.map((entry) => [entry?.text, entry?.value])).toEqual([
      ['null', null],
      ['{"a":1}', { a: 1 }],
    ]);
  });
});
