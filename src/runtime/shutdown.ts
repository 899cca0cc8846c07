/** SIGINT and SIGTERM as one AbortSignal: the first asks to stop, a second one insists. */
import { type Clock, systemClock } from './clock.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Why the signal was aborted: somebody asked the process to stop. */
export class Interrupted extends Error {
  override readonly name = 'AbortError';
  readonly by: StopSignal;
  constructor(by: StopSignal) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}

export interface Shutdown {
  /** Aborted with `Interrupted` at the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening: from then on the signals do what they do by default. */
  close(): void;
}

/** The part of `process` that is needed. */
export interface SignalSource {
  on(event: StopSignal, listener: () => void): unknown;
  off(event: StopSignal, listener: () => void): unknown;
}

/** One wish to stop may arrive several times: from the terminal, and passed on by npm or a launcher. Milliseconds. */
const sameWish = 500;

/**
 * @param insisted called at a second signal that is a wish of its own; should end the process.
 * @param clock tells one wish that arrives twice from two.
 */
export function listenForStop(
  source: SignalSource,
  insisted: (by: StopSignal) => void,
  clock: Pick<Clock, 'now'> = systemClock,
): Shutdown {
  const controller = new AbortController();
  let firstAt = 0;
  const received = (by: StopSignal) => {
    if (controller.signal.aborted) {
      if (clock.now() - firstAt > sameWish) insisted(by);
      return;
    }
    firstAt = clock.now();
    controller.abort(new Interrupted(by));
  };
  const interrupt = () => received('SIGINT');
  const terminate = () => received('SIGTERM');
  source.on('SIGINT', interrupt);
  source.on('SIGTERM', terminate);
  return {
    signal: controller.signal,
    close: () => {
      source.off('SIGINT', interrupt);
      source.off('SIGTERM', terminate);
    },
  };
}

/** Exit code of a process that a signal ended (128 + its number). */
export const stopExitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };
