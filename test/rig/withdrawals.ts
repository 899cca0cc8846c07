/** The account of withdrawals: what the driver did that may make a path leave, against what the neighbour's log says left. */
import { type BirdEvent, nextHopChanges } from '../../src/playground/bird-log.ts';

export interface Cause {
  /** For the message: `delete s3-1`, `death of 127.0.0.11`. */
  readonly what: string;
  /** Wall milliseconds. */
  readonly from: number;
}

export interface Loss {
  readonly time: number;
  readonly prefix: string;
  readonly nextHop: string;
}

export interface Withdrawals {
  /** Call before doing it. Each path may leave once for it. */
  expect(what: string, concerns: (prefix: string, nextHop: string) => boolean): Cause;
  /** It turned out not to have happened. */
  cancel(cause: Cause): void;
  /** Compares what the log gained since the last call. @returns what left without a cause. */
  check(events: readonly BirdEvent[]): readonly Loss[];
  /** Everything has come true that was to come: no cause stands any more. */
  settle(): void;
  /** Since the start. */
  counts(): { readonly seen: number; readonly causes: number };
  /** What was done, for a message: the causes that concern the path, of all time. */
  historyOf(prefix: string, nextHop: string): readonly string[];
}

interface OpenCause extends Cause {
  readonly concerns: (prefix: string, nextHop: string) => boolean;
  readonly used: Set<string>;
}

/** BIRD writes whole milliseconds of the same clock. */
const toleranceMs = 2;

/** @param lossesOf `lossesOverRestarts` where the daemon itself restarts. */
export function createWithdrawals(lossesOf: (events: readonly BirdEvent[]) => readonly Loss[] = lossesIn): Withdrawals {
  let open: OpenCause[] = [];
  const all: OpenCause[] = [];
  let accounted = 0;
  let causes = 0;

  const explained = ({ time, prefix, nextHop }: Loss): boolean => {
    const path = `${prefix} ${nextHop}`;
    const cause = open.find(
      (one) => one.from <= time + toleranceMs && !one.used.has(path) && one.concerns(prefix, nextHop),
    );
    cause?.used.add(path);
    return cause !== undefined;
  };

  return {
    expect: (what, concerns) => {
      const cause = { what, from: Date.now(), concerns, used: new Set<string>() };
      open.push(cause);
      all.push(cause);
      causes += 1;
      return cause;
    },
    cancel: (cause) => {
      open = open.filter((one) => one !== cause);
    },
    check: (events) => {
      const losses = lossesOf(events);
      const fresh = losses.slice(accounted);
      accounted = losses.length;
      return fresh.filter((loss) => !explained(loss));
    },
    settle: () => {
      open = [];
    },
    counts: () => ({ seen: accounted, causes }),
    historyOf: (prefix, nextHop) =>
      all
        .filter(({ concerns }) => concerns(prefix, nextHop))
        .map(({ what, from }) => `${new Date(from).toISOString()} ${what}`),
  };
}

/**
 * Every withdrawal in the log, and every next hop that another silently took the place of (the same path identifier for
 * another next hop), in the order of time.
 */
export function lossesIn(events: readonly BirdEvent[]): readonly Loss[] {
  const losses = events.flatMap((event): Loss[] =>
    event.kind === 'withdraw' ? [{ time: event.time, prefix: event.prefix, nextHop: event.nextHop ?? 'unknown' }] : [],
  );
  const withdrawn = new Set(losses.map(textOf));
  const replaced = nextHopLosses(events).filter((loss) => !withdrawn.has(textOf(loss)));
  return [...losses, ...replaced].sort((a, b) => a.time - b.time);
}

/** Next hops that a prefix lost, whatever path identifier carried them. */
export function nextHopLosses(events: readonly BirdEvent[]): readonly Loss[] {
  return nextHopChanges(events).flatMap(({ kind, time, prefix, nextHop }) =>
    kind === 'lost' ? [{ time, prefix, nextHop }] : [],
  );
}

/** How soon a next hop is back that another has taken the path identifier of, milliseconds. */
const renumberedWithinMs = 200;

/**
 * The same where the daemon itself restarts. GoBGP gives out path identifiers anew, so over the paths that the neighbour
 * kept in graceful restart, a prefix's next hops change places; an identifier that carries another next hop is no loss if
 * the first is back under its own at once. A withdrawal is one, whatever follows.
 */
export function lossesOverRestarts(events: readonly BirdEvent[]): readonly Loss[] {
  const changes = nextHopChanges(events);
  const withdrawn = new Set(
    events.flatMap((event) =>
      event.kind === 'withdraw'
        ? [textOf({ time: event.time, prefix: event.prefix, nextHop: event.nextHop ?? 'unknown' })]
        : [],
    ),
  );
  return nextHopLosses(events).filter((loss) => {
    if (withdrawn.has(textOf(loss))) return true;
    const { time, prefix, nextHop } = loss;
    return !changes.some(
      (change) =>
        change.kind === 'gained' &&
        change.prefix === prefix &&
        change.nextHop === nextHop &&
        change.time > time &&
        change.time <= time + renumberedWithinMs,
    );
  });
}

const textOf = ({ time, prefix, nextHop }: Loss) => `${time} ${prefix} ${nextHop}`;
