import { expect, test } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { createThrottle } from './throttle.ts';

test('is done at once, then once a pause however often it is asked for, and not without being asked', async () => {
  const clock = manualClock();
  let calls = 0;
  const throttle = createThrottle(
    clock,
    () => 1_000,
    () => {
      calls += 1;
    },
  );
  for (let asked = 0; asked < 5; asked += 1) throttle.ask();
  expect(calls).toBe(1);
  await clock.advance(1_000);
  expect(calls).toBe(2);
  await clock.advance(5_000);
  expect(calls).toBe(2);
  throttle.ask();
  throttle.ask();
  throttle.close();
  await clock.advance(5_000);
  expect(calls).toBe(3);
});
