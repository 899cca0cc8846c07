import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { createPulse } from './pulse.ts';

const controller = new AbortController();
afterEach(() => controller.abort());

test('a daemon that stops answering is noticed within ten seconds, and so is its return', async () => {
  const clock = manualClock();
  let hangs = false;
  const turns: string[] = [];
  const speaker = { global: () => (hangs ? new Promise<never>(() => {}) : Promise.resolve(undefined)) };
  const pulse = createPulse(speaker, clock, () => turns.push(pulse.hung()?.reason ?? 'answers'));
  const running = pulse.run(controller.signal);
  await clock.advance(5_000);
  expect(pulse.hung()).toBeUndefined();
  hangs = true;
  for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
  expect(turns).toEqual(['speakerUnresponsive']);
  hangs = false;
  for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
  expect(turns).toEqual(['speakerUnresponsive', 'answers']);
  controller.abort();
  await running;
});
