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
  signal.addEventListener('abort', pass, { once: true });
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
export async function rejectOnAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
    stop = () => signal.removeEventListener('abort', fail);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop();
    work.catch(() => {});
  }
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
