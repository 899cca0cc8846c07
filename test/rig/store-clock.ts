/** A clock that moves only when told: timers fire in the order of their time, then of their setting. */
import type { Clock } from '../../src/runtime/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass, timer by timer. */
  advance(ms: number): void;
  /** Lets time pass first and calls what is due afterwards: a process that stood still. */
  stall(ms: number): void;
  /** How many timers are set. */
  pending(): number;
}

export function manualClock(): ManualClock {
  let now = 0;
  let count = 0;
  let timers: { readonly at: number; readonly order: number; readonly call: () => void }[] = [];

  function after(ms: number, call: () => void): () => void {
    const timer = { at: now + ms, order: count, call };
    count += 1;
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  }

  function fireUpTo(time: number): void {
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) return;
      timers = timers.filter((other) => other !== next);
      now = Math.max(now, next.at);
      next.call();
    }
  }

  return {
    now: () => now,
    wall: () => 1_700_000_000_000 + now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const cancel = after(ms, resolve);
        signal.addEventListener('abort', () => {
          cancel();
          reject(signal.reason);
        });
      }),
    after,
    advance: (ms) => {
      const end = now + ms;
      fireUpTo(end);
      now = end;
    },
    stall: (ms) => {
      now += ms;
      fireUpTo(now);
    },
    pending: () => timers.length,
  };
}
