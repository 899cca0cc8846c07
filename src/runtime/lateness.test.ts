import { expect, test } from 'vitest';
import { watchLateness } from './lateness.ts';

function start() {
  let now = 0;
  let due: (() => void) | undefined;
  const clock = {
    now: () => now,
    wall: () => 0,
    sleep: async () => {},
    after: (_ms: number, call: () => void) => {
      due = call;
      return () => {
        due = undefined;
      };
    },
  };
  const lateness = watchLateness(clock);
  /** The timer fires this late, again and again. */
  const run = (lateMs: number, times: number) => {
    for (let time = 0; time < times; time += 1) {
      now += 50 + lateMs;
      due?.();
    }
    return lateness.ms();
  };
  return { lateness, run, armed: () => due !== undefined };
}

test('a loop that is on time is not late, and one that is always late is as late as it is', () => {
  const { run } = start();
  expect(run(0, 20)).toBe(0);
  expect(run(300, 40)).toBeCloseTo(300, 0);
});

test('it shows within about a second that the loop is always late, and that it no longer is', () => {
  const { run } = start();
  expect(run(400, 1)).toBeLessThan(200);
  expect(run(400, 2)).toBeGreaterThan(200);
  run(400, 20);
  expect(run(0, 10)).toBeGreaterThan(200);
  expect(run(0, 10)).toBeLessThan(200);
});

test('nothing is left of it when it is closed', () => {
  const { lateness, run, armed } = start();
  run(0, 3);
  expect(armed()).toBe(true);
  lateness.close();
  expect(armed()).toBe(false);
});
