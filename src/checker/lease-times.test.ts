import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { isWithinLease, leaseTimes, sentAt } from './lease-times.ts';

describe('leaseTimes', () => {
  it('gives 2 s, 1.5 s and 7 s for the default of 10 s', () => {
    expect(leaseTimes(10_000)).toEqual({ ttlMs: 10_000, renewMs: 2_000, callMs: 1_500, stopAfterMs: 7_000 });
  });

  it('always leaves room for three keepalives and two seconds between two holders', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_000, max: 600_000 }), (ttlMs) => {
        const { renewMs, callMs, stopAfterMs } = leaseTimes(ttlMs);
        expect(3 * renewMs).toBeLessThan(stopAfterMs);
        expect(callMs).toBeLessThan(renewMs);
        expect(ttlMs - stopAfterMs).toBeGreaterThanOrEqual(2_000);
        expect(ttlMs / stopAfterMs).toBeGreaterThan(1.42);
      }),
    );
  });

  it('refuses a time to live that leaves no such room', () => {
    expect(() => leaseTimes(4_999)).toThrow(/5 s to 10 min/);
  });
});

describe('isWithinLease', () => {
  const times = leaseTimes(10_000);

  it('ends stopAfter after the sending, by the monotonic clock', () => {
    const clock = manualClock();
    const sent = sentAt(clock);
    clock.advance(6_999);
    expect(isWithinLease(clock, sent, times)).toBe(true);
    clock.advance(1);
    expect(isWithinLease(clock, sent, times)).toBe(false);
  });

  it('ends by the wall clock when the monotonic one stood still, as in a suspended machine', () => {
    const clock = manualClock();
    const sent = sentAt(clock);
    const resumed = { ...clock, wall: () => clock.wall() + 8_000 };
    expect(isWithinLease(resumed, sent, times)).toBe(false);
  });

  it('does not last longer because the wall clock was set back', () => {
    const clock = manualClock();
    const sent = sentAt(clock);
    clock.advance(7_000);
    const setBack = { ...clock, wall: () => clock.wall() - 3_600_000 };
    expect(isWithinLease(setBack, sent, times)).toBe(false);
  });
});
