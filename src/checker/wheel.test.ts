import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { createWheel } from './wheel.ts';

const stepMs = 5;
type Step =
  | { readonly do: 'add'; readonly inMs: number; readonly again: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'advance' | 'stall'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), inMs: fc.integer({ min: -20, max: 3_000 }), again: fc.nat(200) }),
    fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }),
    fc.record({ do: fc.constantFrom('advance' as const, 'stall' as const), ms: fc.nat(1_500) }),
  ),
  { maxLength: 40 },
);

/** Plays the steps on a wheel of few slots, so that entries need several turns. */
function play(script: readonly Step[], slotCount: number) {
  const clock = manualClock();
  const wheel = createWheel(clock, stepMs, slotCount);
  const problems: string[] = [];
  const waiting = new Map<number, number>();
  const cancels = new Map<number, () => void>();
  let stalled = false;
  let count = 0;
  const add = (due: number, again: number) => {
    const id = count;
    count += 1;
    const earliest = clock.now();
    waiting.set(id, Math.max(due, earliest));
    cancels.set(
      id,
      wheel.at(due, () => {
        if (!waiting.delete(id)) problems.push(`${id} called though cancelled or called before`);
        if (clock.now() < due) problems.push(`${id} due at ${due} called at ${clock.now()}`);
        const latest = Math.max(due, earliest) + 2 * stepMs;
        if (!stalled && clock.now() > latest) problems.push(`${id} due at ${due} called as late as ${clock.now()}`);
        if (again > 0) add(clock.now() + again, 0);
      }),
    );
  };
  for (const step of script) {
    stalled = step.do === 'stall';
    if (step.do === 'add') add(clock.now() + step.inMs, step.again);
    else if (step.do === 'cancel') {
      cancels.get(step.which)?.();
      waiting.delete(step.which);
    } else clock[step.do](step.ms);
    for (const [id, due] of waiting) {
      if (due < clock.now() - 2 * stepMs && step.do === 'advance') problems.push(`${id} due at ${due} was not called`);
    }
    if (wheel.size !== waiting.size) problems.push(`size ${wheel.size}, oracle ${waiting.size}`);
    if (clock.pending() > 1) problems.push(`${clock.pending()} timers of the clock`);
  }
  clock.advance(10_000);
  if (waiting.size > 0) problems.push(`${waiting.size} were never called`);
  wheel.close();
  if (clock.pending() > 0) problems.push('a timer is left after close');
  return problems;
}

describe('createWheel', () => {
  it.each([8, 64, 1_024])(
    'calls everything once, never early, at most a step late, with one timer (%i slots)',
    (slots) => {
      fc.assert(
        fc.property(steps, (script) => {
          expect(play(script, slots)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('calls in the order of the steps, and within a step in the order of adding', () => {
    const clock = manualClock();
    const wheel = createWheel(clock, stepMs);
    const called: string[] = [];
    wheel.at(100, () => called.push('c'));
    wheel.at(40, () => called.push('a'));
    wheel.at(38, () => called.push('b'));
    clock.advance(200);
    expect(called).toEqual(['a', 'b', 'c']);
  });

  it('calls nothing after it was closed', () => {
    const clock = manualClock();
    const wheel = createWheel(clock, stepMs);
    wheel.at(10, () => expect.unreachable());
    wheel.close();
    clock.advance(100);
    expect(wheel.size).toBe(0);
  });
});
