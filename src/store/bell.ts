/** Wakes everybody who waits for the next revision; nothing is remembered, so look before you wait. */
import { createAborts } from './aborts.ts';

export interface Bell {
  ring(): void;
  /** Resolves at the next ring; rejects with the signal's reason when it is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const aborts = createAborts();
  let waiting = new Set<() => void>();
  return {
    ring: () => {
      const woken = waiting;
      waiting = new Set();
      for (const wake of woken) wake();
    },
    next: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const deaf = aborts.onAbort(signal, (reason) => {
          waiting.delete(wake);
          reject(reason);
        });
        const wake = () => {
          deaf();
          resolve();
        };
        waiting.add(wake);
      }),
  };
}
