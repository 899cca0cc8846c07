/** Deadlines and linked signals that leave no listener behind. */
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from './clock.ts';

/**
 * Runs `work` with a signal that is aborted when `signal` is, or after `ms` milliseconds.
 * @throws CoreBgpError `timeout` when the time ran out; the signal's reason when that was aborted.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  doing: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const pass = () => controller.abort(signal.reason);
  if (signal.aborted) pass();
  else signal.addEventListener('abort', pass, { once: true });
  const cancel = clock.after(ms, () =>
    controller.abort(new CoreBgpError('timeout', `${doing} took longer than ${ms} ms`)),
  );
  try {
    return await rejectOnAbort(work(controller.signal), controller.signal);
  } finally {
    cancel();
    signal.removeEventListener('abort', pass);
  }
}

/** The promise's result, or the signal's reason as soon as it is aborted, though the work itself goes on unheard. */
export function rejectOnAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // By hand: each call and each commit goes through it, and Promise.race takes several times as long.
  return new Promise((resolve, reject) => {
    const fail = () => reject(signal.reason);
    const stop = () => signal.removeEventListener('abort', fail);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
    work.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

/** Whether the error is only the echo of this signal's abort. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
