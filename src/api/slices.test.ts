import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { createSlices, inSlices, sortedInSlices } from './slices.ts';

const never = new AbortController().signal;
const always = { over: () => true, rest: async () => {} };

test('sorts as one sort does, whatever the length', async () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 900, max: 5_000 }));
  await fc.assert(
    fc.asyncProperty(length, fc.integer({ min: 1, max: 1_000_000 }), async (count, step) => {
      const items = Array.from({ length: count }, (_, index) => ({ key: `k/${(index * step) % 99_991}` }));
      const sorted = await sortedInSlices(items, (a, b) => a.key < b.key, always);
      expect(sorted.map(({ key }) => key)).toEqual(items.map(({ key }) => key).sort());
    }),
    { numRuns: 50 },
  );
});

test('what is mostly in order is sorted with little more than a look at each', async () => {
  const items = Array.from({ length: 50_000 }, (_, index) => ({ key: 2 * index }));
  items.push(...Array.from({ length: 300 }, (_, index) => ({ key: 2 * ((index * 7_919) % 50_000) + 1 })));
  let looks = 0;
  const sorted = await sortedInSlices(
    items,
    (a, b) => {
      looks += 1;
      return a.key < b.key;
    },
    always,
  );
  expect(sorted.map(({ key }) => key)).toEqual(items.map(({ key }) => key).sort((a, b) => a - b));
  expect(looks).toBeLessThan(3 * items.length);
});

test('other work goes on in between, and the signal ends it', async () => {
  const items = Array.from({ length: 200_000 }, (_, index) => ({
    key: `announcements/shop/${(index * 7_919) % 200_003}`,
  }));
  let turns = 0;
  let running = true;
  const others = (async () => {
    while (running) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const before = (a: { key: string }, b: { key: string }) => a.key < b.key;
  await sortedInSlices(items, before, createSlices(systemClock, never));
  running = false;
  await others;
  expect(turns).toBeGreaterThan(5);
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(sortedInSlices(items, before, createSlices(systemClock, gone))).rejects.toThrow('gone');
});

test('work that stops is carried out to its end, with a rest whenever a slice is over, unless it is aborted', async () => {
  function* work() {
    for (let piece = 0; piece < 10; piece += 1) yield;
    return 'done';
  }
  let [looks, rests] = [0, 0];
  const slices = {
    over: () => {
      looks += 1;
      return looks % 3 === 0;
    },
    rest: async () => {
      rests += 1;
    },
  };
  expect(await inSlices(work(), slices)).toBe('done');
  expect([looks, rests]).toEqual([10, 3]);
  const aborted = createSlices(systemClock, AbortSignal.abort(new Error('enough')), 0);
  await expect(inSlices(work(), aborted)).rejects.toThrow('enough');
});
