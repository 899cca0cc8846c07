/**
 * Reads that cost milliseconds each, and come from as many clients as like: a few are worked out at a time, a few wait in
 * order, the others are told to come again. So that checks, verdicts and routes, which share the process, stay in time.
 */
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ApiRequest } from './dispatch.ts';

export interface Gate {
  /** @throws CoreBgpError `limited` while no more may wait. */
  refuseIfFull(): void;
  /** Work with its answer encoded, not sent: no slow reader is waited for. @throws CoreBgpError `limited` */
  through<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export interface GateLimits {
  /** They share one processor: more of them would each take longer, and none be done sooner. */
  readonly atOnce: number;
  readonly waiting: number;
  /** How long one may wait, milliseconds. */
  readonly waitMs: number;
}

export const defaultGateLimits: GateLimits = { atOnce: 2, waiting: 64, waitMs: 5_000 };

const costly: ReadonlySet<string> = new Set(['explain.get', 'explain.address', 'history.prefix']);

/** Lists, histories, explanations, and what an apply would change. */
export function isCostly({ endpoint, query }: Pick<ApiRequest, 'endpoint' | 'query'>): boolean {
  if (costly.has(endpoint) || /\.(list|all|history)$/.test(endpoint)) return true;
  return endpoint === 'apply' && query['dryRun'] === 'true';
}

/** A place rests for as long as it was worked in, but no longer than this, milliseconds. */
const longestRestMs = 100;

/** @param refused is called for each that is told to come again. */
export function createGate(clock: Clock, refused: () => void, limits = defaultGateLimits): Gate {
  const waiting = new Set<() => void>();
  let running = 0;

  const limited = () => {
    refused();
    return new CoreBgpError(
      'limited',
      `The server is working out ${limits.atOnce} lists, explanations and dry runs already, and others wait; try again in a second.`,
      { retryAfterMs: 1_000 },
    );
  };

  const refuseIfFull = () => {
    if (waiting.size >= limits.waiting) throw limited();
  };

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (running < limits.atOnce) {
      running += 1;
      return;
    }
    refuseIfFull();
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(go);
        cancel();
        signal.removeEventListener('abort', gone);
      };
      // Takes over the place of one that is done.
      const go = () => {
        leave();
        resolve();
      };
      const gone = () => {
        leave();
        reject(signal.reason);
      };
      const cancel = clock.after(limits.waitMs, () => {
        leave();
        reject(limited());
      });
      waiting.add(go);
      if (signal.aborted) gone();
      else signal.addEventListener('abort', gone, { once: true });
    });
  };

  /**
   * Not at once: all that arrives in one turn of the event loop would be worked out in it, one after another. And only a
   * part of the turns may be this work: the loop accepts no more than one connection in each.
   */
  const leave = (workedMs: number) => {
    clock.after(Math.min(workedMs, longestRestMs), () => {
      const [next] = waiting;
      if (next === undefined) running -= 1;
      else next();
    });
  };

  return {
    refuseIfFull,
    through: async (work, signal) => {
      await enter(signal);
      const since = clock.now();
      try {
        return await work();
      } finally {
        leave(clock.now() - since);
      }
    },
  };
}

/** An answer in parts: what comes before its first one, as choosing and sorting, goes through the gate. */
export async function* firstThrough<Part>(
  gate: Gate,
  parts: AsyncGenerator<Part, void>,
  signal: AbortSignal,
): AsyncGenerator<Part, void> {
  try {
    const first = await gate.through(() => parts.next(), signal);
    if (first.done === true) return;
    yield first.value;
    yield* parts;
  } finally {
    await parts.return();
  }
}
