/** Something that may be asked for often is done at once, and then at most once in a while. */
import type { Clock } from './clock.ts';

export interface Throttle {
  ask(): void;
  /** Nothing is done any more. */
  close(): void;
}

/** @param pauseMs asked each time: milliseconds between two calls, at least. */
export function createThrottle(clock: Clock, pauseMs: () => number, call: () => void): Throttle {
  let isPausing = false;
  let isAsked = false;
  let cancel = () => {};

  const begin = () => {
    isPausing = true;
    isAsked = false;
    cancel = clock.after(pauseMs(), () => {
      isPausing = false;
      if (isAsked) begin();
    });
    call();
  };
  return {
    ask: () => {
      if (isPausing) isAsked = true;
      else begin();
    },
    close: () => {
      isPausing = true;
      cancel();
    },
  };
}
