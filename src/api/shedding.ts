/** When the process is late with everything, people's requests wait outside: checks, verdicts and routes go first. */
import type { Endpoint } from '../contract/endpoint.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

export interface SheddingLimits {
  /** Lateness of the event loop above which reads are refused, milliseconds. */
  readonly lateMs: number;
  /** The same for writes. */
  readonly veryLateMs: number;
  /** So many requests are answered all the same: a few do not make a server late, and must not be the ones who pay. */
  readonly inFlight: number;
}

export const defaultSheddingLimits: SheddingLimits = { lateMs: 200, veryLateMs: 2_000, inFlight: 16 };

/** Logged no oftener, milliseconds. */
const logEveryMs = 10_000;

/** Calls of checkers and updaters, which are the work that the others must not delay. */
const ofComponents: ReadonlySet<string> = new Set(['checker', 'updater']);

export interface Load {
  /** @see Lateness */
  readonly lateMs: number;
  readonly inFlight: number;
}

/**
 * @param shed is called for each that is refused.
 * @returns throws CoreBgpError `limited` unless the request is to be answered; of no endpoint: as a read.
 */
export function createShedding(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  shed: () => void,
  limits = defaultSheddingLimits,
): (endpoint: Pick<Endpoint, 'permission'> | undefined, load: Load) => void {
  let refused = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (endpoint, { lateMs, inFlight }) => {
    if (lateMs <= limits.lateMs || inFlight < limits.inFlight) return;
    const permission = endpoint?.permission ?? 'read';
    if (ofComponents.has(permission) || (permission !== 'read' && lateMs <= limits.veryLateMs)) return;
    shed();
    refused += 1;
    const late = Math.round(lateMs);
    if (clock.now() - loggedAt >= logEveryMs) {
      log.warn({ lateMs: late, refused }, 'the server has more to do than it can: requests of people are refused');
      loggedAt = clock.now();
      refused = 0;
    }
    throw new CoreBgpError(
      'limited',
      `The server has more to do than it can (it is ${late} ms late), and checks and routes go first; try again in 2 s.`,
      { retryAfterMs: 2_000 },
    );
  };
}
