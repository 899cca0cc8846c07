import { expect, test } from 'vitest';
import type { Permission } from '../contract/endpoint.ts';
import { silentLog } from '../runtime/silent-log.ts';
import { createShedding, defaultSheddingLimits } from './shedding.ts';

const { lateMs, veryLateMs, inFlight } = defaultSheddingLimits;
const clock = { now: () => 0, wall: () => 0, sleep: async () => {}, after: () => () => {} };

function start() {
  let shed = 0;
  const admit = createShedding({ clock, log: silentLog }, () => {
    shed += 1;
  });
  const isRefused = (permission: Permission | undefined, late: number, busy = inFlight) => {
    const before = shed;
    try {
      admit(permission === undefined ? undefined : { permission }, { lateMs: late, inFlight: busy });
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'limited', retryAfterMs: 2_000 });
      expect(shed).toBe(before + 1);
      return true;
    }
  };
  return isRefused;
}

test('when all is late, reads of people are refused, and their writes only when it is far worse', () => {
  const isRefused = start();
  expect([isRefused('read', lateMs), isRefused('read', lateMs + 1)]).toEqual([false, true]);
  expect(isRefused(undefined, lateMs + 1)).toBe(true);
  for (const permission of ['edit', 'network', 'operate'] as const) {
    expect(isRefused(permission, veryLateMs), permission).toBe(false);
    expect(isRefused(permission, veryLateMs + 1), permission).toBe(true);
  }
});

test('checkers and updaters are never refused', () => {
  const isRefused = start();
  for (const permission of ['checker', 'updater'] as const) expect(isRefused(permission, 60_000)).toBe(false);
});

test('a few requests are answered however late it is: they are not the cause', () => {
  const isRefused = start();
  expect(isRefused('read', 60_000, inFlight - 1)).toBe(false);
});
