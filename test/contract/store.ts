/** What every store must do, sentence by sentence of src/store/store.ts; run by each adapter's own test file. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CoreBgpError } from '../../src/model/errors.ts';
import type { Condition, Operation, Store, StoreRevision } from '../../src/store/store.ts';
import { commitLimit } from '../../src/store/store.ts';
import type { OpenHarness, StoreHarness } from '../rig/store-harness.ts';

function put(key: string, value: string, lease?: string): Operation {
  return { op: 'put', key, value: JSON.stringify(value), ...(lease === undefined ? {} : { lease }) };
}

function remove(key: string): Operation {
  return { op: 'delete', key };
}

/** The error's code, or "none". */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return error instanceof CoreBgpError ? error.code : String(error);
  }
}

/** The first `count` revisions of a watch. */
export async function take(
  store: Store,
  prefix: string,
  from: number,
  count: number,
  signal: AbortSignal,
): Promise<readonly StoreRevision[]> {
  const found: StoreRevision[] = [];
  if (count === 0) return found;
  for await (const revision of store.watch(prefix, from, signal)) {
    found.push(revision);
    if (found.length === count) break;
  }
  return found;
}

export function storeContract(name: string, open: OpenHarness, { durable }: { readonly durable: boolean }): void {
  describe(`the store contract, ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;
    let stop: AbortController;
    let signal: AbortSignal;

    beforeEach(async () => {
      harness = await open({ keepRevisions: 100 });
      store = harness.store;
      stop = new AbortController();
      signal = stop.signal;
    });
    afterEach(async () => {
      stop.abort(new Error('test over'));
      await harness.close();
    });

    async function commit(...operations: readonly Operation[]): Promise<number> {
      return committed([], operations);
    }
    async function committed(conditions: readonly Condition[], operations: readonly Operation[]): Promise<number> {
      const result = await store.commit(conditions, operations, signal);
      if (!result.committed) throw new Error('not committed');
      return result.revision;
    }
    async function keys(prefix: string): Promise<readonly string[]> {
      return (await store.list(prefix, {}, signal)).entries.map((entry) => entry.key);
    }

    describe('revisions and entries', () => {
      test('a new store has no entries, and says at which revision that is true', async () => {
        const { revision, storeId } = await store.status(signal);
        expect(storeId).not.toBe('');
        expect(await store.get('a', signal)).toEqual({ revision, entry: null });
        expect(await store.list('', {}, signal)).toEqual({ revision, entries: [], more: false });
      });

      test('each commit adds exactly one revision, whatever number of keys it changes', async () => {
        const first = await commit(put('a', '1'));
        expect(await commit(put('b', '1'), put('c', '1'), remove('a'))).toBe(first + 1);
        expect((await store.status(signal)).revision).toBe(first + 1);
      });

      test('an entry tells what created it and what wrote it last', async () => {
        const created = await commit(put('a', '1'));
        const written = await commit(put('a', '2'));
        expect(await store.get('a', signal)).toEqual({
          revision: written,
          entry: { key: 'a', value: '"2"', createRevision: created, modRevision: written },
        });
      });

      test('a deleted and recreated key has a new create revision', async () => {
        await commit(put('a', '1'));
        await commit(remove('a'));
        expect((await store.get('a', signal)).entry).toBeNull();
        const again = await commit(put('a', '1'));
        expect((await store.get('a', signal)).entry?.createRevision).toBe(again);
      });

      test('deleting absent keys only is done, at the current revision', async () => {
        const revision = await commit(put('a', '1'));
        expect(await commit(remove('b'), remove('c'))).toBe(revision);
        expect(await commit()).toBe(revision);
      });

      test('writing the same value again is a revision of its own', async () => {
        const revision = await commit(put('a', '1'));
        expect(await commit(put('a', '1'))).toBe(revision + 1);
      });

      test('values come back as they were: empty, long, of any script', async () => {
        const values = ['', 'x'.repeat(300_000), 'ü 漢字 🦦', 'a\n1 2 3\nb', '\u0000'];
        for (const value of values) {
          await store.commit([], [{ op: 'put', key: 'v', value }], signal);
          expect((await store.get('v', signal)).entry?.value).toBe(value);
        }
      });
    });

    describe('conditions', () => {
      test('create-revision 0 lets exactly one of two creators through', async () => {
        const create = () => store.commit([{ key: 'a', createRevision: 0 }], [put('a', '1')], signal);
        const results = await Promise.all([create(), create(), create()]);
        expect(results.map((result) => result.committed)).toEqual([true, false, false]);
      });

      test('a failed condition changes nothing and returns what is there, condition by condition', async () => {
        const revision = await commit(put('a', '1'));
        const result = await store.commit(
          [
            { key: 'a', modRevision: revision },
            { key: 'b', createRevision: 0 },
            { key: 'a', createRevision: 0 },
          ],
          [put('a', '2'), put('c', '1')],
          signal,
        );
        const entry = { key: 'a', value: '"1"', createRevision: revision, modRevision: revision };
        expect(result).toEqual({ committed: false, revision, current: [entry, null, entry] });
        expect(await keys('')).toEqual(['a']);
      });

      test('create-revision and mod-revision are different questions', async () => {
        const created = await commit(put('a', '1'));
        const written = await commit(put('a', '2'));
        const ask = async (condition: Condition) => (await store.commit([condition], [], signal)).committed;
        expect(await ask({ key: 'a', createRevision: created })).toBe(true);
        expect(await ask({ key: 'a', createRevision: written })).toBe(false);
        expect(await ask({ key: 'a', modRevision: written })).toBe(true);
        expect(await ask({ key: 'a', modRevision: created })).toBe(false);
        expect(await ask({ key: 'b', modRevision: 0 })).toBe(true);
      });

      test('of many concurrent read-modify-writes none is lost', async () => {
        await commit(put('n', '0'));
        const add = async (): Promise<void> => {
          const { entry } = await store.get('n', signal);
          if (entry === null) throw new Error('gone');
          const next = String(Number(JSON.parse(entry.value)) + 1);
          const result = await store.commit([{ key: 'n', modRevision: entry.modRevision }], [put('n', next)], signal);
          if (!result.committed) await add();
        };
        await Promise.all(Array.from({ length: 20 }, add));
        expect((await store.get('n', signal)).entry?.value).toBe('"20"');
      });
    });

    describe('limits', () => {
      test.each([
        ['an empty key', [put('', '1')]],
        ['a key with a space', [put('a b', '1')]],
        ['a key that is not ASCII', [put('ü', '1')]],
        ['a key over 512 bytes', [put('k'.repeat(513), '1')]],
        ['a key twice', [put('a', '1'), remove('a')]],
        ['too many operations', Array.from({ length: commitLimit + 1 }, (_, i) => put(`k${i}`, '1'))],
        ['too many bytes', [put('a', 'x'.repeat(1 << 20))]],
      ])('%s is invalid, and nothing is done', async (_, operations) => {
        const { revision } = await store.status(signal);
        expect(await codeOf(store.commit([], operations, signal))).toBe('invalid');
        expect((await store.status(signal)).revision).toBe(revision);
      });

      test('a commit at the limits works', async () => {
        const operations = Array.from({ length: commitLimit }, (_, i) => put(`${i}/`.padEnd(512, 'k'), '1'));
        const revision = await commit(...operations);
        const conditions = operations.map(({ key }) => ({ key, createRevision: revision }));
        expect(
          await committed(
            conditions,
            operations.map(({ key }) => remove(key)),
          ),
        ).toBe(revision + 1);
        const tooMany = [...conditions, { key: 'a', createRevision: 0 }];
        expect(await codeOf(store.commit(tooMany, [], signal))).toBe('invalid');
      });

      test('a page of no entries, a list of the future and a watch from nowhere are invalid', async () => {
        const { revision } = await store.status(signal);
        expect(await codeOf(store.list('', { limit: 0 }, signal))).toBe('invalid');
        expect(await codeOf(store.list('', { at: revision + 1 }, signal))).toBe('invalid');
        expect(await codeOf(take(store, '', 0, 1, signal))).toBe('invalid');
        expect(await codeOf(store.get('', signal))).toBe('invalid');
      });

      test('an aborted signal stops every call with its reason', async () => {
        const gone = AbortSignal.abort(new CoreBgpError('timeout', 'too late'));
        const calls = [
          store.get('a', gone),
          store.list('', {}, gone),
          store.commit([], [put('a', '1')], gone),
          store.grantLease(5000, gone),
          store.keepLeaseAlive('x', gone),
          store.revokeLease('x', gone),
          store.status(gone),
          take(store, '', 1, 1, gone),
        ];
        expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'timeout'));
        expect((await store.get('a', signal)).entry).toBeNull();
      });
    });

    describe('lists', () => {
      test('come in key order and hold exactly the prefix', async () => {
        await commit(...['b/2', 'a/1', 'b/10', 'b', 'b/', 'b0', 'B/1', 'b/~'].map((key) => put(key, key)));
        expect(await keys('b/')).toEqual(['b/', 'b/10', 'b/2', 'b/~']);
        expect(await keys('')).toEqual(['B/1', 'a/1', 'b', 'b/', 'b/10', 'b/2', 'b/~', 'b0']);
        expect(await keys('c')).toEqual([]);
      });

      test('pages continue after a key and say whether more follow', async () => {
        await commit(...['a', 'b', 'c', 'd', 'e'].map((key) => put(key, key)));
        const page = async (after: string | undefined, limit: number) => {
          const result = await store.list('', { limit, ...(after === undefined ? {} : { after }) }, signal);
          return [result.entries.map((entry) => entry.key).join(''), result.more];
        };
        expect(await page(undefined, 2)).toEqual(['ab', true]);
        expect(await page('b', 2)).toEqual(['cd', true]);
        expect(await page('d', 2)).toEqual(['e', false]);
        expect(await page('b', 3)).toEqual(['cde', false]);
        expect(await page('bb', 1)).toEqual(['c', true]);
        expect(await page('e', 1)).toEqual(['', false]);
      });

      test('an "after" before the prefix starts at the prefix, one behind it finds nothing', async () => {
        await commit(put('a', '1'), put('b/1', '1'), put('c', '1'));
        expect((await store.list('b/', { after: 'a' }, signal)).entries).toHaveLength(1);
        expect((await store.list('b/', { after: 'c' }, signal)).entries).toHaveLength(0);
      });

      test('later pages show the state of the first page, whatever was written since', async () => {
        await commit(...['a', 'b', 'c', 'd'].map((key) => put(key, 'old')));
        const first = await store.list('', { limit: 2 }, signal);
        await commit(put('c', 'new'), put('cc', 'new'), remove('d'), put('a', 'new'));
        await commit(put('z', 'new'));
        const second = await store.list('', { after: 'b', at: first.revision }, signal);
        expect(second.revision).toBe(first.revision);
        expect(second.more).toBe(false);
        expect([...first.entries, ...second.entries].map(({ key, value }) => key + value)).toEqual(
          ['a', 'b', 'c', 'd'].map((key) => `${key}"old"`),
        );
      });

      test('"at" the current revision is now', async () => {
        const revision = await commit(put('a', '1'));
        expect(await store.list('', { at: revision }, signal)).toMatchObject({ revision, more: false });
      });

      test('a past that is gone is compacted', async () => {
        const revision = await commit(put('a', '1'));
        await commit(put('a', '2'));
        await harness.forgetHistory();
        expect(await codeOf(store.list('', { at: revision }, signal))).toBe('compacted');
      });
    });

    describe('watches', () => {
      test('show whole revisions from the asked one on, in the order of the operations', async () => {
        await commit(put('a', '0'));
        const first = await commit(put('b', '1'), put('a', '1'));
        const second = await commit(remove('b'), remove('absent'));
        expect(await take(store, '', first, 2, signal)).toEqual([
          {
            revision: first,
            changes: [
              { op: 'put', entry: { key: 'b', value: '"1"', createRevision: first, modRevision: first } },
              { op: 'put', entry: { key: 'a', value: '"1"', createRevision: first - 1, modRevision: first } },
            ],
          },
          { revision: second, changes: [{ op: 'delete', key: 'b' }] },
        ]);
      });

      test('show below a prefix only what is below it', async () => {
        const first = await commit(put('a/1', '1'), put('b/1', '1'));
        await commit(put('b/1', '2'));
        const third = await commit(put('a/2', '1'));
        const seen = await take(store, 'a/', first, 2, signal);
        expect(seen.map(({ revision, changes }) => [revision, changes.length])).toEqual([
          [first, 1],
          [third, 1],
        ]);
      });

      test('wait for what is to come, also for a revision far ahead', async () => {
        const { revision } = await store.status(signal);
        const next = take(store, '', revision + 1, 1, signal);
        const later = take(store, '', revision + 3, 1, signal);
        for (const value of ['1', '2', '3']) await commit(put('a', value));
        expect((await next)[0]?.revision).toBe(revision + 1);
        expect((await later)[0]?.revision).toBe(revision + 3);
      });

      test('have no gap and no duplicate under concurrent commits', async () => {
        const { revision } = await store.status(signal);
        const watches = [0, 1, 2].map(() => take(store, '', revision + 1, 90, signal));
        const results = await Promise.all(
          Array.from({ length: 90 }, (_, i) => commit(put(`k${i}`, '1'), put('n', `${i}`))),
        );
        expect([...results].sort((a, b) => a - b)).toEqual(results);
        for (const seen of await Promise.all(watches)) {
          expect(seen.map((one) => one.revision)).toEqual(results);
          expect(seen.every(({ changes }) => changes.length === 2)).toBe(true);
        }
      });

      test('a slow one misses nothing and holds nobody up', async () => {
        const { revision } = await store.status(signal);
        const slow = store.watch('', revision + 1, signal)[Symbol.asyncIterator]();
        await commit(put('a', '0'));
        expect((await slow.next()).value?.revision).toBe(revision + 1);
        const fast = take(store, '', revision + 1, 50, signal);
        for (let i = 1; i < 50; i += 1) await commit(put('a', String(i)));
        expect(await fast).toHaveLength(50);
        for (let i = 1; i < 50; i += 1) expect((await slow.next()).value?.revision).toBe(revision + 1 + i);
      });

      test('end with the reason of their signal', async () => {
        const own = new AbortController();
        const { revision } = await store.status(signal);
        const seen = codeOf(take(store, '', revision + 1, 1, own.signal));
        await commit();
        own.abort(new CoreBgpError('timeout', 'enough'));
        expect(await seen).toBe('timeout');
      });

      test('from a revision that is no longer held are compacted; from the oldest held they are whole', async () => {
        const old = await commit(put('a', '1'));
        await harness.forgetHistory();
        expect(await codeOf(take(store, '', old, 1, signal))).toBe('compacted');
        const { revision } = await store.status(signal);
        await commit(put('a', '2'));
        expect((await take(store, '', revision + 1, 1, signal))[0]?.revision).toBe(revision + 1);
      });

      test('one that falls behind the held history is told so', async () => {
        const { revision } = await store.status(signal);
        const slow = store.watch('', revision + 1, signal)[Symbol.asyncIterator]();
        await commit(put('a', '0'));
        await slow.next();
        for (let i = 0; i < 80; i += 1) await commit(put('a', String(i)));
        await harness.forgetHistory();
        const drain = async () => {
          for (;;) await slow.next();
        };
        expect(await codeOf(drain())).toBe('compacted');
      });
    });

    describe('leases', () => {
      test('live their time after the last keepalive, then their keys vanish in one revision', async () => {
        const { lease, ttlMs } = await store.grantLease(5_000, signal);
        expect(ttlMs).toBeGreaterThanOrEqual(5_000);
        const revision = await commit(put('b', '1', lease), put('a', '1', lease), put('c', '1'));
        expect((await store.get('a', signal)).entry?.lease).toBe(lease);
        await harness.advance(ttlMs - 500);
        await store.keepLeaseAlive(lease, signal);
        await harness.advance(ttlMs - 500);
        expect(await keys('')).toEqual(['a', 'b', 'c']);
        await harness.advance(2_000);
        expect(await keys('')).toEqual(['c']);
        const [end] = await take(store, '', revision + 1, 1, signal);
        expect(end?.changes.map((change) => change.op)).toEqual(['delete', 'delete']);
        expect(await codeOf(store.keepLeaseAlive(lease, signal))).toBe('leaseExpired');
        expect(await codeOf(store.commit([], [put('d', '1', lease)], signal))).toBe('leaseExpired');
        expect(await keys('')).toEqual(['c']);
      });

      test('revoked, they go at once; once more is no error', async () => {
        const { lease } = await store.grantLease(5_000, signal);
        await commit(put('a', '1', lease));
        await store.revokeLease(lease, signal);
        expect(await keys('')).toEqual([]);
        await store.revokeLease(lease, signal);
        await store.revokeLease('never-granted', signal);
        expect(await codeOf(store.keepLeaseAlive(lease, signal))).toBe('leaseExpired');
      });

      test('without keys end without a revision', async () => {
        const revision = await commit(put('a', '1'));
        const { lease } = await store.grantLease(5_000, signal);
        await store.revokeLease(lease, signal);
        const { ttlMs } = await store.grantLease(5_000, signal);
        await harness.advance(ttlMs + 1_000);
        expect((await store.status(signal)).revision).toBe(revision);
      });

      test('a key written again without the lease, or with another, no longer vanishes with it', async () => {
        const one = await store.grantLease(5_000, signal);
        const two = await store.grantLease(50_000, signal);
        await commit(put('a', '1', one.lease), put('b', '1', one.lease), put('c', '1', one.lease));
        await commit(put('a', '2'), put('b', '2', two.lease));
        expect((await store.get('a', signal)).entry?.lease).toBeUndefined();
        await harness.advance(one.ttlMs + 1_000);
        expect(await keys('')).toEqual(['a', 'b']);
        await store.revokeLease(two.lease, signal);
        expect(await keys('')).toEqual(['a']);
      });

      test('a key deleted and written anew does not vanish with its old lease', async () => {
        const { lease } = await store.grantLease(5_000, signal);
        await commit(put('a', '1', lease));
        await commit(remove('a'));
        await commit(put('a', '2'));
        await store.revokeLease(lease, signal);
        expect(await keys('')).toEqual(['a']);
      });

      test('a life too short is raised to two seconds', async () => {
        expect((await store.grantLease(1, signal)).ttlMs).toBe(2_000);
        expect(await codeOf(store.grantLease(0, signal))).toBe('invalid');
      });

      test('a condition that fails comes before a lease that is gone', async () => {
        const result = await store.commit([{ key: 'a', createRevision: 7 }], [put('a', '1', 'gone')], signal);
        expect(result.committed).toBe(false);
      });
    });

    describe('closing', () => {
      test('waits for commits in flight; later calls and open watches are unavailable', async () => {
        const { revision } = await store.status(signal);
        const watch = codeOf(take(store, '', revision + 1_000, 1, signal));
        const inFlight = [1, 2, 3].map((i) => store.commit([], [put(`k${i}`, '1')], signal));
        await store.close();
        expect((await Promise.all(inFlight)).map((result) => result.committed)).toEqual([true, true, true]);
        expect(await watch).toBe('unavailable');
        expect(await codeOf(store.get('a', signal))).toBe('unavailable');
        expect(await codeOf(store.commit([], [], signal))).toBe('unavailable');
        await store.close();
      });

      test.each(durable ? ['a reopened store'] : [])(
        '%s has kept everything: entries, revisions, history, leases',
        async () => {
          const { reopen } = harness;
          if (reopen === undefined) throw new Error('the harness of a durable store must be able to reopen it');
          const first = await commit(put('a', '1'), put('gone', '1'));
          const { lease, ttlMs } = await store.grantLease(5_000, signal);
          const last = await commit(put('b', '1', lease), remove('gone'));
          const before = [await store.status(signal), await store.list('', {}, signal)];
          await harness.advance(ttlMs - 100);
          store = await reopen();
          expect([await store.status(signal), await store.list('', {}, signal)]).toEqual(before);
          expect((await take(store, '', first, 2, signal)).map(({ revision }) => revision)).toEqual([first, last]);
          await harness.advance(ttlMs - 100);
          expect(await keys(''), 'each lease has its full life after opening').toEqual(['a', 'b']);
          await harness.advance(1_000);
          expect(await keys('')).toEqual(['a']);
          expect(await commit(put('c', '1'))).toBe(last + 2);
        },
      );
    });
  });
}
