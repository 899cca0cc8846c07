import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Connection,
  historyFrom,
  keys,
  notScripted,
  type Script,
  scriptedTransport,
  stateAt,
} from '../../test/rig/scripted-server.ts';
import type { Change } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createMirror, type Mirror, type MirrorOptions } from './mirror.ts';
import type { Transport } from './transport.ts';

const impatient: Clock = { ...systemClock, sleep: () => Promise.resolve(), after: () => () => undefined };

function contents(mirror: Mirror): Map<string, number> | undefined {
  const snapshot = mirror.snapshot();
  return snapshot && new Map([...snapshot.entries].map(([key, entry]) => [key, entry.modRevision]));
}
const summary = (state: ReadonlyMap<string, Change>) =>
  new Map([...state].map(([key, change]) => [key, change.op === 'put' ? change.modRevision : -1]));

/** Runs all scripts; returns what a listener would have, and what it found wrong on the way. */
async function play(scripts: readonly Script[], start: (options: MirrorOptions) => Mirror, exact: boolean) {
  const problems: string[] = [];
  const last = scripts.at(-1);
  const transport = scriptedTransport(scripts);
  let told = false;
  const telling: Transport = {
    ...transport,
    stream: async function* (request, signal) {
      for await (const message of transport.stream(request, signal)) {
        if (message.type === 'synced') told = true;
        yield message;
      }
    },
  };
  const mirror = start({
    transport: telling,
    collections: ['health', 'claims'],
    clock: impatient,
    log: silentLog,
    random: () => 0,
  });
  const view = new Map<string, number>();
  mirror.onChange((changed) => {
    const snapshot = mirror.snapshot();
    if (!told || snapshot === undefined) {
      problems.push('a value before the first synced');
      return;
    }
    for (const key of changed) {
      const entry = snapshot.entries.get(key);
      if (entry === undefined) view.delete(key);
      else view.set(key, entry.modRevision);
    }
    const now = contents(mirror);
    if (!isEqual(view, now)) problems.push(`listener has ${show(view)}, mirror ${show(now)}`);
    const script = scripts.find((one) => one.storeId === snapshot.storeId);
    const oracle = script && summary(stateAt(script.history, snapshot.revision));
    if (exact && !isEqual(oracle, now)) problems.push(`at ${snapshot.revision} ${show(now)}, oracle ${show(oracle)}`);
    for (const collection of ['health', 'claims'] as const) {
      const indexed = [...snapshot.under(collection).keys()].sort();
      const wanted = [...snapshot.entries.keys()].filter((key) => key.startsWith(`${collection}/`)).sort();
      if (indexed.join() !== wanted.join()) problems.push(`index of ${collection} differs`);
    }
  });
  for (let turn = 0; turn < 2_000; turn += 1) {
    const snapshot = mirror.snapshot();
    if (mirror.connected() && snapshot?.storeId === last?.storeId && snapshot?.revision === last?.history.length) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const final = contents(mirror);
  const wanted = last && summary(stateAt(last.history, last.history.length));
  if (!isEqual(final, wanted)) problems.push(`in the end ${show(final)}, oracle ${show(wanted)}`);
  const history = mirror.history();
  await mirror.close();
  return { problems, history };
}

const show = (state: ReadonlyMap<string, number> | undefined) =>
  state ? JSON.stringify([...state].sort()) : 'nothing';
const isEqual = (a: ReadonlyMap<string, number> | undefined, b: ReadonlyMap<string, number> | undefined) =>
  show(a) === show(b);

const histories = fc
  .array(fc.array(fc.tuple(fc.nat(keys.length - 1), fc.boolean()), { minLength: 0, maxLength: 3 }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) =>
    historyFrom(steps.map((step) => step.filter(([key], index) => step.findIndex(([k]) => k === key) === index))),
  );
const served = fc.record({ kind: fc.constant('serve' as const), from: fc.nat(12), cutAfter: fc.nat(14) });
const outage = fc.constantFrom<Connection>({ kind: 'compacted' }, { kind: 'unavailable' });
// Not cut: what is missing when a reordered stream ends there can't be noticed by anybody.
const messy = fc
  .tuple(served, fc.nat(12), fc.constantFrom('swap' as const, 'repeat' as const))
  .map(([one, at, how]): Connection => ({ ...one, cutAfter: 99, mess: { at, how } }));

function scriptsOf(connection: fc.Arbitrary<Connection>, stores: number): fc.Arbitrary<readonly Script[]> {
  return fc
    .array(fc.tuple(histories, fc.array(connection, { maxLength: 6 })), { minLength: 1, maxLength: stores })
    .map((all) => all.map(([history, connections], index) => ({ storeId: `s${index}`, history, connections })));
}

/** The bug: what a new connection sends is served as it comes, not when it is complete. */
const swapsBeforeSynced = (options: MirrorOptions): Mirror =>
  createMirror({
    ...options,
    transport: {
      ...options.transport,
      stream: async function* (request, signal) {
        let sent = 0;
        if (request.query['since'] === undefined) yield { type: 'synced', revision: 0, storeId: 's0' };
        for await (const message of options.transport.stream(request, signal)) {
          sent += 1e-6;
          if (message.type === 'state') yield { type: 'changes', revision: sent, changes: message.changes };
          else if (message.type === 'synced') yield { type: 'bookmark', revision: message.revision };
          else yield message;
        }
      },
    },
  });

const exactly = (start: (options: MirrorOptions) => Mirror) =>
  fc.asyncProperty(scriptsOf(fc.oneof(served, outage), 3), async (scripts) => {
    expect((await play(scripts, start, true)).problems).toEqual([]);
  });

describe('createMirror', () => {
  it('is at every revision what the store was, through cuts, resumes, compaction and changes of the store', async () => {
    await fc.assert(exactly(createMirror), { numRuns: 400 });
  });

  it('ends up right, and its listeners with it, though messages are repeated and out of order', async () => {
    await fc.assert(
      fc.asyncProperty(scriptsOf(fc.oneof(served, outage, messy), 2), async (scripts) => {
        expect((await play(scripts, createMirror, false)).problems).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('would be found out if it served state before it is complete', async () => {
    const run = await fc.check(exactly(swapsBeforeSynced), { numRuns: 400, endOnFailure: true });
    expect(run.failed).toBe(true);
  });

  const put = (key: string, modRevision: number): Change => ({
    op: 'put',
    key,
    createRevision: modRevision,
    modRevision,
    value: {},
  });
  const forGood: Connection = { kind: 'serve', from: 9, cutAfter: 99 };

  it('says that the store has another identity, and deletes what is not there any more', async () => {
    const { problems, history } = await play(
      [
        { storeId: 's0', history: [[put('health/a', 1)], [put('health/b', 2)]], connections: [forGood] },
        { storeId: 's1', history: [[put('health/a', 1)]], connections: [] },
      ],
      createMirror,
      true,
    );
    expect(problems).toEqual([]);
    expect(history).toEqual({ storeId: 's1', highestRevision: 1, breaks: 1, lastBreak: 'storeChanged' });
  });

  it('says that the revision went back in the same store', async () => {
    const { history } = await play(
      [
        { storeId: 's0', history: [[put('health/a', 1)], [put('health/b', 2)]], connections: [forGood] },
        { storeId: 's0', history: [[put('health/a', 1)]], connections: [] },
      ],
      createMirror,
      false,
    );
    expect(history).toEqual({ storeId: 's0', highestRevision: 2, breaks: 1, lastBreak: 'revisionWentBack' });
  });

  it('counts no break for cuts and compaction', async () => {
    const connections: Connection[] = [forGood, { kind: 'compacted' }, { kind: 'unavailable' }, forGood];
    const { history } = await play(
      [{ storeId: 's0', history: [[put('health/a', 1)]], connections }],
      createMirror,
      true,
    );
    expect(history).toEqual({ storeId: 's0', highestRevision: 1, breaks: 0 });
  });

  it('keeps serving while broken, knows its age, and waits as long as the server says', async () => {
    let now = 1_000;
    const waits: number[] = [];
    let connections = 0;
    const clock: Clock = {
      ...impatient,
      now: () => now,
      sleep: async (ms, signal) => {
        waits.push(ms);
        await rejectOnAbort(new Promise(() => undefined), signal);
      },
    };
    const mirror = createMirror({
      clock,
      log: silentLog,
      random: () => 0,
      collections: ['health'],
      transport: {
        call: () => Promise.reject(new CoreBgpError('internal', 'not scripted')),
        lines: notScripted,
        stream: async function* () {
          connections += 1;
          yield { type: 'state', changes: [put('health/a', 4)] };
          yield { type: 'synced', revision: 5, storeId: 's' };
          throw new CoreBgpError('limited', 'too many watchers', { retryAfterMs: 3_000 });
        },
      },
    });
    expect(mirror.snapshot()).toBeUndefined();
    expect(mirror.ageMs()).toBe(Number.POSITIVE_INFINITY);
    await mirror.synced(new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    now = 1_700;
    expect(mirror.connected()).toBe(false);
    expect(mirror.snapshot()?.revision).toBe(5);
    expect(mirror.ageMs()).toBe(700);
    expect(waits).toEqual([3_000]);
    await mirror.close();
    expect(connections).toBe(1);
  });
});
