import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/rig/store-clock.ts';
import { createDeadlines } from './deadlines.ts';

describe('the deadlines of leases', () => {
  test('come in the order in which the leases end', () => {
    const clock = manualClock();
    const over: string[] = [];
    const deadlines = createDeadlines(clock, (leases) => over.push(...leases));
    deadlines.set('long', 9_000);
    deadlines.set('short', 3_000);
    deadlines.set('same', 9_000);
    clock.advance(2_999);
    expect(over).toEqual([]);
    clock.advance(1);
    expect(over).toEqual(['short']);
    deadlines.renew('long');
    clock.advance(20_000);
    expect(over).toEqual(['short', 'same', 'long']);
    deadlines.close();
  });

  test('are told once, and again after a renewal', () => {
    const clock = manualClock();
    const over: string[] = [];
    const deadlines = createDeadlines(clock, (leases) => over.push(...leases));
    deadlines.set('a', 3_000);
    clock.advance(10_000);
    expect(over).toEqual(['a']);
    expect(deadlines.isOver('a')).toBe(true);
    expect(deadlines.renew('a')).toBe(true);
    expect(deadlines.isOver('a')).toBe(false);
    clock.advance(3_000);
    expect(over).toEqual(['a', 'a']);
    expect(deadlines.remove('a')).toBe(3_000);
    expect(deadlines.renew('a')).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  test('wait for waiting keepalives when the process stood still, but not for ever', () => {
    const clock = manualClock();
    const over: string[] = [];
    const deadlines = createDeadlines(clock, (leases) => over.push(...leases));
    deadlines.set('kept', 3_000);
    deadlines.set('dead', 3_000);
    clock.stall(60_000);
    expect(over).toEqual([]);
    deadlines.renew('kept');
    clock.advance(100);
    expect(over).toEqual(['dead']);
    deadlines.close();
  });

  test('leave no timer behind when closed', () => {
    const clock = manualClock();
    const deadlines = createDeadlines(clock, () => {});
    deadlines.set('a', 3_000);
    deadlines.close();
    deadlines.set('b', 3_000);
    expect(clock.pending()).toBe(0);
  });
});
