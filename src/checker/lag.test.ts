import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLag } from './lag.ts';

describe('createLag', () => {
  it('tells the p99 to within 10 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 400 }),
        (all) => {
          const lag = createLag();
          for (const ms of all) lag.observe(ms);
          const exact = [...all].sort((a, b) => b - a)[Math.floor(all.length / 100)] ?? 0;
          expect(lag.p99()).toBeGreaterThanOrEqual(exact * 0.999);
          expect(lag.p99()).toBeLessThanOrEqual(exact * 1.11);
        },
      ),
    );
  });

  it('is nothing before the first and after a reset', () => {
    const lag = createLag();
    expect(lag.p99()).toBe(0);
    lag.observe(5);
    lag.reset();
    expect(lag.p99()).toBe(0);
  });
});
