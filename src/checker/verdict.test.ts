import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckTiming } from '../model/health-check.ts';
import { decide, type Finding, healthFrom, type TaskHealth } from './verdict.ts';

const timing = (rise: number, fall: number): CheckTiming => ({
  interval: 2_000,
  fastInterval: 500,
  timeout: 1_000,
  rise,
  fall,
});
const timings = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .map(([rise, fall]) => timing(rise, fall));
const findings = fc
  .constantFrom('ok', 'ok', 'timeout', 'connectionRefused')
  .map((reason): Finding => ({ ok: reason === 'ok', reason }));
const stored = fc.constantFrom<readonly ['up' | 'down' | 'suspect', string] | undefined>(
  undefined,
  ['up', 'ok'],
  ['down', 'timeout'],
  ['suspect', 'timeout'],
);
type Step = { readonly kind: 'result'; readonly finding: Finding } | { readonly kind: 'takeover' };
const scripts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: findings.map((finding): Step => ({ kind: 'result', finding })) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'takeover' }) },
  ),
  { maxLength: 40 },
);

/** The oracle looks at the whole run of results since the last takeover, not at counters. */
function oracle(state: TaskHealth['state'], run: readonly Finding[], { rise, fall }: CheckTiming): TaskHealth['state'] {
  const last = run.at(-1);
  if (last === undefined) return state;
  const length = run.length - (run.findLastIndex(({ ok }) => ok !== last.ok) + 1);
  if (last.ok) return state !== 'up' && length >= (state === 'unknown' ? 1 : rise) ? 'up' : state;
  return state !== 'down' && length >= (state === 'unknown' ? 1 : fall) ? 'down' : state;
}

interface Machine {
  readonly start: typeof healthFrom;
  readonly decide: typeof decide;
}

const property = (machine: Machine) =>
  fc.property(stored, timings, scripts, (from, times, script) => {
    const found = from && { state: from[0], reason: from[1] };
    let health = machine.start(found);
    let published = found;
    let run: Finding[] = [];
    for (const step of script) {
      if (step.kind === 'takeover') {
        health = machine.start(published);
        expect(health.state).toBe(published?.state ?? 'unknown');
        run = [];
        continue;
      }
      run.push(step.finding);
      const before = health.state;
      const wanted = oracle(before, run, times);
      const decided = machine.decide(health, step.finding, times);
      health = decided.health;
      expect(health.state).toBe(wanted);
      if (wanted !== before) {
        // Only this run made it: a later one starts from nothing.
        run = [];
        expect(decided.changed).toBe(true);
        expect(health.reason).toBe(step.finding.reason);
      }
      const agrees = health.state === (step.finding.ok ? 'up' : 'down');
      expect(decided.undecided).toBe(!agrees);
      if (decided.changed && health.state !== 'unknown')
        published = { state: health.state, reason: health.reason ?? '' };
      expect(health.state === 'up' ? (health.reason ?? 'ok') : 'ok').toBe('ok');
    }
  });

describe('decide', () => {
  it('turns a state after exactly rise successes or fall failures in a row, through takeovers', () => {
    fc.assert(property({ start: healthFrom, decide }), { numRuns: 2_000 });
  });

  it('would be found out if it fell one failure too early', () => {
    const early: Machine = {
      start: healthFrom,
      decide: (health, finding, times) => decide(health, finding, { ...times, fall: Math.max(1, times.fall - 1) }),
    };
    expect(fc.check(property(early), { numRuns: 2_000, endOnFailure: true }).failed).toBe(true);
  });

  it('would be found out if a takeover forgot the stored state', () => {
    const forgetful: Machine = { start: () => healthFrom(undefined), decide };
    expect(fc.check(property(forgetful), { numRuns: 2_000, endOnFailure: true }).failed).toBe(true);
  });

  it('lets the first result decide when nothing is known', () => {
    const start = healthFrom(undefined);
    expect(decide(start, { ok: true, reason: 'ok' }, timing(3, 3)).health).toMatchObject({ state: 'up', reason: 'ok' });
    expect(decide(start, { ok: false, reason: 'timeout' }, timing(3, 3)).health).toMatchObject({ state: 'down' });
  });

  it('tells another reason for down only when it came fall times in a row', () => {
    let health = healthFrom({ state: 'down', reason: 'connectionRefused' });
    const changes: boolean[] = [];
    for (const reason of ['timeout', 'connectionRefused', 'timeout', 'timeout', 'timeout']) {
      const decided = decide(health, { ok: false, reason }, timing(2, 3));
      health = decided.health;
      changes.push(decided.changed);
      expect(decided.undecided).toBe(false);
    }
    expect(changes).toEqual([false, false, false, false, true]);
    expect(health.reason).toBe('timeout');
  });
});
