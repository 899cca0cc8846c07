/** Random histories: the embedded store must answer as the model does, call by call, also across reopening. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Operation, Store } from '../../src/store/store.ts';
import { openEmbedded, openModel, type StoreHarness } from '../rig/store-harness.ts';
import { codeOf, take } from './store.ts';

const keepRevisions = 12;

/** Numbers stand for things that exist only while running: a revision so far back, the n-th lease granted. */
type Command =
  | { readonly do: 'commit'; readonly commits: readonly PlannedCommit[] }
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'list'; readonly prefix: string; readonly limit: number; readonly between: PlannedCommit }
  | { readonly do: 'watch'; readonly prefix: string; readonly back: number }
  | { readonly do: 'grant'; readonly ttlMs: number }
  | { readonly do: 'keepAlive' | 'revoke'; readonly lease: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'forget' | 'reopen' };

interface PlannedCommit {
  readonly conditions: readonly { readonly key: string; readonly on: 'create' | 'mod'; readonly guess: number }[];
  readonly operations: readonly { readonly key: string; readonly value: string | null; readonly lease: number }[];
}

const key = fc.constantFrom('a', 'a/1', 'a/2', 'a/22', 'b', 'b/1', 'b/2', 'c');
const prefix = fc.constantFrom('', 'a', 'a/', 'b/', 'd');
const plannedCommit: fc.Arbitrary<PlannedCommit> = fc.record({
  conditions: fc.array(
    fc.record({ key, on: fc.constantFrom('create', 'mod'), guess: fc.constantFrom(-1, -1, -1, 0, 0, 1, 3) }),
    { maxLength: 2 },
  ),
  operations: fc.uniqueArray(
    fc.record({ key, value: fc.option(fc.string({ unit: 'grapheme' }), { freq: 3 }), lease: fc.nat(3) }),
    { selector: (operation) => operation.key, maxLength: 4 },
  ),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('commit'), commits: fc.array(plannedCommit, { maxLength: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('get'), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list'),
      prefix,
      limit: fc.integer({ min: 1, max: 4 }),
      between: plannedCommit,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('watch'), prefix, back: fc.nat(14) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('grant'), ttlMs: fc.integer({ min: 1, max: 9_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('keepAlive', 'revoke'), lease: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('forget', 'reopen') }) },
);

/** One store with what a history needs to remember of it. */
interface Run {
  readonly harness: StoreHarness;
  readonly leases: string[];
  readonly signal: AbortSignal;
}

async function answer<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch {
    return codeOf(work);
  }
}

async function plan(run: Run, { conditions, operations }: PlannedCommit) {
  const { revision } = await run.harness.store.status(run.signal);
  const asked: Condition[] = [];
  for (const { key, on, guess } of conditions) {
    const { entry } = await run.harness.store.get(key, run.signal);
    const right = on === 'create' ? entry?.createRevision : entry?.modRevision;
    const value = guess < 0 ? (right ?? 0) : guess === 0 ? 0 : Math.max(0, revision - guess);
    asked.push(on === 'create' ? { key, createRevision: value } : { key, modRevision: value });
  }
  const done = operations.map(({ key, value, lease }): Operation => {
    if (value === null) return { op: 'delete', key };
    const name = run.leases[lease];
    return { op: 'put', key, value: JSON.stringify(value), ...(name === undefined ? {} : { lease: name }) };
  });
  return [asked, done] as const;
}

async function commit(run: Run, commits: readonly PlannedCommit[]): Promise<unknown> {
  const plans = await Promise.all(commits.map((planned) => plan(run, planned)));
  return Promise.all(plans.map(([asked, done]) => answer(run.harness.store.commit(asked, done, run.signal))));
}

/** All pages, with a write after the first. */
async function listPages(run: Run, prefix: string, limit: number, between: PlannedCommit): Promise<unknown> {
  const { store } = run.harness;
  const pages = [await store.list(prefix, { limit }, run.signal)];
  const written = await commit(run, [between]);
  for (let page = pages[0]; page?.more === true; page = pages.at(-1)) {
    const after = page.entries.at(-1)?.key;
    pages.push(
      await store.list(prefix, { limit, at: page.revision, ...(after === undefined ? {} : { after }) }, run.signal),
    );
  }
  return [pages, written];
}

/** What a watch shows from `back` revisions ago up to now: a last commit under the prefix marks where to stop. */
async function watchBack(run: Run, prefix: string, back: number): Promise<unknown> {
  const { store } = run.harness;
  const { revision } = await store.status(run.signal);
  const from = Math.max(1, revision - back);
  const end = await store.commit([], [{ op: 'put', key: `${prefix}~end`, value: String(revision) }], run.signal);
  const seen: unknown[] = [];
  const read = async () => {
    for await (const one of store.watch(prefix, from, run.signal)) {
      seen.push(one);
      if (one.revision === end.revision) return 'whole';
    }
    return 'ended';
  };
  return [await answer(read()), seen];
}

async function execute(run: Run, command: Command): Promise<unknown> {
  const { store } = run.harness;
  switch (command.do) {
    case 'commit':
      return commit(run, command.commits);
    case 'get':
      return store.get(command.key, run.signal);
    case 'list':
      return listPages(run, command.prefix, command.limit, command.between);
    case 'watch':
      return watchBack(run, command.prefix, command.back);
    case 'grant': {
      const granted = await store.grantLease(command.ttlMs, run.signal);
      run.leases.push(granted.lease);
      return granted;
    }
    case 'keepAlive':
      return answer(store.keepLeaseAlive(run.leases[command.lease] ?? 'none', run.signal));
    case 'revoke':
      return answer(store.revokeLease(run.leases[command.lease] ?? 'none', run.signal));
    case 'advance':
      return run.harness.advance(command.ms);
    case 'forget':
      // As many commits as the embedded one needs for it, so that both stay at the same revision.
      for (let count = 0; count <= keepRevisions; count += 1) {
        await store.commit([], [{ op: 'put', key: '~forget', value: String(count) }], run.signal);
      }
      return null;
    case 'reopen':
      if (run.harness.reopen !== undefined) await run.harness.reopen();
      // What opening does to leases, said to both alike.
      for (const lease of run.leases) await answer(run.harness.store.keepLeaseAlive(lease, run.signal));
      return null;
  }
}

async function everything(store: Store, signal: AbortSignal): Promise<unknown> {
  const { revision, entries } = await store.list('', {}, signal);
  const history = await take(
    store,
    '',
    Math.max(1, revision - keepRevisions + 1),
    Math.min(revision, keepRevisions),
    signal,
  );
  return { revision, entries, history };
}

describe('the embedded store and the model', () => {
  test('answer the same to random histories', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40, size: 'max' }), async (commands) => {
        const stop = new AbortController();
        const runs: readonly Run[] = await Promise.all(
          [openModel, openEmbedded].map(async (open) => ({
            harness: await open({ keepRevisions }),
            leases: [],
            signal: stop.signal,
          })),
        );
        const both = <T>(ask: (run: Run) => Promise<T>) => Promise.all(runs.map(ask));
        try {
          for (const next of commands) {
            const [model, embedded] = await both((run) => execute(run, next));
            expect(embedded, next.do).toEqual(model);
            const [wanted, found] = await both((run) => everything(run.harness.store, stop.signal));
            expect(found, `after ${next.do}`).toEqual(wanted);
          }
        } finally {
          await both((run) => run.harness.close());
        }
      }),
      { numRuns: 100, interruptAfterTimeLimit: 45_000 },
    );
  }, 120_000);
});
