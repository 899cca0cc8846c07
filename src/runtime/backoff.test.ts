import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

describe('createBackoff', () => {
  it('doubles up to the longest wait, each drawn from the upper half', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1 }), (draws) => {
        const left = [...draws];
        const backoff = createBackoff({ random: () => left.shift() ?? 0, firstMs: 100, longestMs: 1_000 });
        draws.forEach((_, index) => {
          const most = Math.min(1_000, 100 * 2 ** index);
          const wait = backoff.next();
          expect(wait).toBeGreaterThanOrEqual(most / 2);
          expect(wait).toBeLessThanOrEqual(most);
        });
      }),
    );
  });

  it('waits as long as the server asked for, and starts anew after success', () => {
    const backoff = createBackoff({ random: () => 0 });
    expect(backoff.next(3_000)).toBe(3_000);
    expect(backoff.next()).toBe(100);
    backoff.reset();
    expect(backoff.next()).toBe(50);
  });
});
