import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClient } from '../client/client.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { Task } from '../planning/tasks.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createReport, type Verdict } from './report.ts';

interface Sent {
  readonly taskId: string;
  readonly state: string;
  readonly seq: number;
  readonly since: string;
}
type Answer = 'done' | 'doneButLost' | 'unavailable' | 'invalid' | 'internal' | 'forbidden' | 'staleEpoch';

const impatient: Clock = { ...systemClock, sleep: async () => undefined };
const turn = () => new Promise((resolve) => setImmediate(resolve));
const taskOf = (number: number): Task => ({
  taskId: number.toString(16).padStart(32, '0'),
  zone: 'default',
  shard: number % 256,
  target: number % 2 === 0 ? '192.0.2.1' : '2001:db8::1',
  probe: { type: 'tcp', port: 80 },
  timing: { interval: 2_000, fastInterval: 500, timeout: 1_000, rise: 2, fall: 3 },
});
const verdictOf = (state: 'up' | 'down', since: string): Verdict => ({
  state,
  since,
  reason: 'ok',
  checker: 'one-a',
  epoch: 7,
});

/** An API that keeps the last verdict of each task, and answers as told; each batch with a bad task as told there. */
function rig(answers: Answer[], bad: ReadonlyMap<string, Answer> = new Map()) {
  const stored = new Map<string, Sent>();
  const batches: (readonly Sent[])[] = [];
  const stale: string[] = [];
  const dropped: string[] = [];
  let most = 0;
  let inFlight = 0;
  const client = createClient({
    call: async (request) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await turn();
      inFlight -= 1;
      const { verdicts } = request.body as { readonly verdicts: readonly Sent[] };
      const answer = verdicts.map(({ taskId }) => bad.get(taskId)).find(Boolean) ?? answers.shift() ?? 'done';
      batches.push(verdicts);
      if (answer === 'unavailable' || answer === 'invalid' || answer === 'internal' || answer === 'forbidden') {
        throw new CoreBgpError(answer, 'scripted');
      }
      const refused = verdicts.flatMap((one) => {
        if (answer === 'staleEpoch') return [{ taskId: one.taskId, reason: 'staleEpoch' }];
        const last = stored.get(one.taskId);
        if (last !== undefined && last.seq >= one.seq) return [{ taskId: one.taskId, reason: 'staleSequence' }];
        stored.set(one.taskId, one);
        return [];
      });
      if (answer === 'doneButLost') throw new CoreBgpError('timeout', 'scripted');
      return { status: 200, body: { revision: 1, refused } };
    },
    lines: () => {
      throw new CoreBgpError('internal', 'not scripted');
    },
    stream: () => {
      throw new CoreBgpError('internal', 'not scripted');
    },
  });
  const report = createReport({
    client,
    clock: impatient,
    random: Math.random,
    log: silentLog,
    staleEpoch: ({ taskId }) => stale.push(taskId),
    dropped: ({ taskId }) => dropped.push(taskId),
  });
  return { report, stored, batches, stale, dropped, most: () => most };
}

describe('createReport', () => {
  it('leaves the last verdict of each task at the API, whatever gets lost, with one batch in flight', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ task: fc.nat(90), up: fc.boolean() }) },
      { weight: 1, arbitrary: fc.constant('wait' as const) },
    );
    const answers = fc.array(fc.constantFrom<Answer>('done', 'doneButLost', 'unavailable', 'internal', 'forbidden'), {
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), answers, async (script, scripted) => {
        const { report, stored, batches, most } = rig([...scripted]);
        const last = new Map<string, string>();
        for (const [index, one] of script.entries()) {
          if (one === 'wait') await turn();
          else {
            const task = taskOf(one.task);
            last.set(task.taskId, String(index));
            report.publish(task, verdictOf(one.up ? 'up' : 'down', String(index)));
          }
        }
        await report.flushed();
        expect(new Map([...stored].map(([id, { since }]) => [id, since]))).toEqual(last);
        expect(most()).toBeLessThanOrEqual(1);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(60);
          expect(new Set(batch.map(({ taskId }) => taskId)).size).toBe(batch.length);
        }
        expect(report.counts()).toMatchObject({ waiting: 0, refused: 0 });
        await report.close();
      }),
      { numRuns: 100 },
    );
  });

  it('sends at once when idle, and what came meanwhile in one batch, the latest of a task only', async () => {
    const { report, batches } = rig([]);
    report.publish(taskOf(1), verdictOf('up', 'a'));
    report.publish(taskOf(2), verdictOf('up', 'b'));
    report.publish(taskOf(3), verdictOf('up', 'c'));
    report.publish(taskOf(2), verdictOf('down', 'd'));
    await report.flushed();
    expect(batches.map((batch) => batch.map(({ since }) => since))).toEqual([['a'], ['c', 'd']]);
    await report.close();
  });

  it('tells whose claim is gone, and does not try again', async () => {
    const { report, batches, stale } = rig(['staleEpoch']);
    report.publish(taskOf(1), verdictOf('down', 'a'));
    await report.flushed();
    expect(stale).toEqual([taskOf(1).taskId]);
    expect(batches.length).toBe(1);
    expect(report.counts()).toEqual({ sent: 0, refused: 1, waiting: 0 });
    await report.close();
  });

  it('drops a single verdict that the API will never take, tells which, and publishes the others', async () => {
    const { report, stored, dropped } = rig(['done', 'invalid', 'invalid']);
    for (const number of [1, 2, 3]) report.publish(taskOf(number), verdictOf('up', String(number)));
    await report.flushed();
    expect([...stored.values()].map(({ since }) => since)).toEqual(['1', '3']);
    expect(dropped).toEqual([taskOf(2).taskId]);
    await report.close();
  });

  it.each(['internal', 'forbidden'] as const)('sends a lone verdict again after an answer "%s"', async (code) => {
    const { report, stored, dropped } = rig([code, code, code]);
    report.publish(taskOf(1), verdictOf('down', 'a'));
    await report.flushed();
    expect([...stored.values()].map(({ since }) => since)).toEqual(['a']);
    expect(dropped).toEqual([]);
    expect(report.counts()).toEqual({ sent: 1, refused: 0, waiting: 0 });
    await report.close();
  });

  it('holds nothing up for one verdict that fails again and again, and keeps that one', async () => {
    const bad = taskOf(30);
    const { report, stored, batches, dropped } = rig([], new Map([[bad.taskId, 'internal']]));
    for (let number = 0; number < 60; number += 1) report.publish(taskOf(number), verdictOf('up', String(number)));
    while (stored.size < 59) await turn();
    expect(batches.length).toBeLessThan(25);
    report.publish(taskOf(99), verdictOf('down', 'later'));
    while (stored.size < 60) await turn();
    expect(stored.has(bad.taskId)).toBe(false);
    expect(dropped).toEqual([]);
    expect(report.counts().waiting).toBe(1);
    await report.close();
  });

  it('forgets what has not been sent yet', async () => {
    const { report, stored } = rig([]);
    for (const number of [1, 2, 3]) report.publish(taskOf(number), verdictOf('up', String(number)));
    report.forget(taskOf(2).taskId);
    await report.flushed();
    expect([...stored.values()].map(({ since }) => since)).toEqual(['1', '3']);
    await report.close();
  });
});
