/** Waiting in tests: until something holds, with the last failure in the message when it never does. */
import { setTimeout as pause } from 'node:timers/promises';

export const never = new AbortController().signal;

/** Calls until it no longer throws. Default: within 15 s. */
export async function eventually<T>(look: () => T | Promise<T>, what: string, withinMs = 15_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`, { cause: error });
    }
    await pause(20);
  }
}
