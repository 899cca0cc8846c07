/** The times of a checker's lease, all derived from its time to live, and whether probing is still allowed. */
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';

export interface LeaseTimes {
  readonly ttlMs: number;
  /** Between the sending of one keepalive and of the next. */
  readonly renewMs: number;
  /** Most time one keepalive may take. */
  readonly callMs: number;
  /** No probe is sent later than this after the sending of the last acknowledged keepalive. */
  readonly stopAfterMs: number;
}

export const defaultTtlMs = 10_000;

/**
 * 10 s gives 2 s, 1.5 s and 7 s; 5 s gives 0.8 s, 0.6 s and 3 s. The rest of the time to live, at least 2 s, is the
 * distance between the last probe of one holder and the first of the next, for clocks that run unevenly.
 * @throws CoreBgpError `invalid` below 5 s.
 */
export function leaseTimes(ttlMs: number): LeaseTimes {
  if (!(ttlMs >= 5_000 && ttlMs <= 600_000)) {
    throw new CoreBgpError('invalid', `A checker's lease of ${ttlMs} ms is not possible; use 5 s to 10 min.`, {
      field: 'ttl',
    });
  }
  const stopAfterMs = Math.min(ttlMs * 0.7, ttlMs - 2_000);
  const renewMs = Math.floor((stopAfterMs * 2) / 7);
  return { ttlMs, renewMs, callMs: renewMs * 0.75, stopAfterMs };
}

/** When the last keepalive that was acknowledged was sent, by both clocks. */
export interface SentAt {
  readonly now: number;
  readonly wall: number;
}

export function sentAt(clock: Clock): SentAt {
  return { now: clock.now(), wall: clock.wall() };
}

/** Both clocks count: the monotonic one stands still while the machine is suspended, the wall clock may be set back. */
export function isWithinLease(clock: Clock, acknowledged: SentAt, { stopAfterMs }: LeaseTimes): boolean {
  return clock.now() - acknowledged.now < stopAfterMs && clock.wall() - acknowledged.wall < stopAfterMs;
}
