/**
 * What a passive neighbour's RIB holds, told by its own event stream: a gobgpd that only receives. Its events come some
 * hundred microseconds after the change; BIRD's log has a resolution of one millisecond, and asking by poll has its period.
 */
import { connectGobgp } from '../../src/speaker/gobgp/connection.ts';

export interface RoutesSeen {
  readonly size: number;
  /** Milliseconds of performance.now() when the prefix had left, or come; at once if it is so already. */
  gone(prefix: string, withinMs?: number): Promise<number>;
  present(prefix: string, withinMs?: number): Promise<number>;
  close(): Promise<void>;
}

/** @param url of the neighbour's gRPC. Each prefix has one path at most: a withdrawal of the best is reported, others are not. */
export function watchRoutes(url: string): RoutesSeen {
  const connection = connectGobgp(url);
  const controller = new AbortController();
  const held = new Set<string>();
  const waiting = new Map<string, (at: number) => void>();

  async function follow(): Promise<void> {
    for await (const events of connection.forever((codec) => codec.watchEvent, undefined, controller.signal)) {
      const at = performance.now();
      for (const event of events) {
        if (event.type !== 'path') continue;
        const { prefix, withdrawn } = event.path;
        if (withdrawn) held.delete(prefix);
        else held.add(prefix);
        const key = `${withdrawn ? 'gone' : 'present'} ${prefix}`;
        waiting.get(key)?.(at);
        waiting.delete(key);
      }
    }
  }
  const following = follow().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });

  const wait = (key: string, holds: boolean, withinMs: number): Promise<number> => {
    if (holds) return Promise.resolve(performance.now());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(key);
        reject(new Error(`the neighbour did not see "${key}" within ${withinMs} ms`));
      }, withinMs);
      waiting.set(key, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  };
  return {
    get size() {
      return held.size;
    },
    gone: (prefix, withinMs = 20_000) => wait(`gone ${prefix}`, !held.has(prefix), withinMs),
    present: (prefix, withinMs = 20_000) => wait(`present ${prefix}`, held.has(prefix), withinMs),
    close: async () => {
      controller.abort();
      connection.close();
      await following;
    },
  };
}
