/** Who waits until the server's copy has a revision. */
import type { Clock } from '../runtime/clock.ts';

export interface Arrivals {
  /** Resolves when the revision has arrived, or after the time. @throws the signal's reason. */
  wait(revision: number, withinMs: number, signal: AbortSignal): Promise<void>;
  /** The copy has all up to this one now. */
  arrived(revision: number): void;
}

export function createArrivals(clock: Clock): Arrivals {
  const waiting = new Map<number, Set<() => void>>();
  let last = 0;

  const wake = (revision: number) => {
    for (const resolve of waiting.get(revision) ?? []) resolve();
  };

  return {
    wait: (revision, withinMs, signal) =>
      new Promise<void>((resolve, reject) => {
        const all = waiting.get(revision) ?? new Set();
        waiting.set(revision, all);
        const end = () => {
          cancel();
          signal.removeEventListener('abort', fail);
          all.delete(done);
          if (all.size === 0 && waiting.get(revision) === all) waiting.delete(revision);
        };
        const done = () => {
          end();
          resolve();
        };
        const fail = () => {
          end();
          reject(signal.reason);
        };
        const cancel = clock.after(withinMs, done);
        all.add(done);
        signal.addEventListener('abort', fail);
        if (signal.aborted) fail();
      }),
    arrived: (revision) => {
      // One after the other as a rule; a copy that was loaded anew takes several steps at once, or starts again lower.
      if (revision === last + 1) wake(revision);
      else for (const one of [...waiting.keys()]) if (one <= revision) wake(one);
      last = revision;
    },
  };
}
