/** What needs BIRD ends when BIRD does, and says so: not by what it then fails at. */
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Bird } from './bird.ts';

/** A refused connection may be noticed before the end of the process that caused it; milliseconds. */
const noticedWithinMs = 1_000;

/**
 * Runs `work` with a signal that is aborted when `signal` is, or when BIRD ends.
 * @throws CoreBgpError `unavailable` when BIRD has ended; the signal's reason when that was aborted, whatever the work threw.
 */
export async function whileBirdRuns<T>(
  bird: Pick<Bird, 'ended' | 'pid'>,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const pass = () => controller.abort(signal.reason);
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  const ended = bird.ended.then((how) => {
    controller.abort(
      new CoreBgpError('unavailable', `BIRD, the router (pid ${bird.pid}), has ended (${how}); start anew.`),
    );
  });
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    if (!controller.signal.aborted) await Promise.race([ended, clock.sleep(noticedWithinMs, signal).catch(() => {})]);
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', pass);
  }
}
