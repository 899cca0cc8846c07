/** SIGINT and SIGTERM as one AbortSignal: the first asks to stop, a second one insists. */

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

/** @param insisted called at the second signal; should end the process. */
export function listenForStop(source: SignalSource, insisted: (by: StopSignal) => void): Shutdown {
  const controller = new AbortController();
  const received = (by: StopSignal) => {
    if (controller.signal.aborted) insisted(by);
    else controller.abort(new Interrupted(by));
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
