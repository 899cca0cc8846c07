/** The last changes of paths that the speaker acknowledged, for its report. */
import { type Path, pathKey, samePath } from '../model/path.ts';
import { mostPathChanges, type PathChange, type SpeakerStatusRecord } from '../model/speaker.ts';
import type { Withdrawal } from '../planning/diff.ts';
import type { Reason } from '../planning/reasons.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';

/** A path that was put in, or altered, and why it was decided so. */
export interface Announced {
  readonly path: Path;
  readonly action: 'announce' | 'change';
  readonly reason: Reason;
}

export interface PathChanges {
  announced(paths: readonly Announced[]): void;
  withdrawn(withdrawals: readonly Withdrawal[]): void;
  /** The speaker failed while it was told this: it may have taken some of it. The next list shows what. */
  unsure(change: { readonly announced: readonly Announced[] } | { readonly withdrawn: readonly Withdrawal[] }): void;
  /** What is in the speaker now, before it is told anything else. */
  listed(own: readonly Path[]): void;
  /** Undefined before the first. */
  report(): SpeakerStatusRecord['changes'];
}

const nothing = { announced: [], withdrawn: [] } as const;

/** They are counted from now on. */
export function createPathChanges(clock: Clock): PathChanges {
  const since = isoTime(clock);
  let count = 0;
  let last: readonly PathChange[] = [];
  let unsure: { readonly announced: readonly Announced[]; readonly withdrawn: readonly Withdrawal[] } = nothing;
  /** Told as withdrawn from a list; they are told so once more when the pass finds that nothing is left to send. */
  const toldGone = new Set<string>();

  /** Only those that will be named are looked at: a start may announce 100,000. */
  const note = <One>(all: readonly One[], told: (one: One) => Omit<PathChange, 'seq' | 'at'>) => {
    if (all.length === 0) return;
    const at = isoTime(clock);
    const named = all.slice(-mostPathChanges);
    const first = count + all.length - named.length + 1;
    const noted = named.map((one, index): PathChange => ({ seq: first + index, at, ...told(one) }));
    count += all.length;
    last = [...last, ...noted].slice(-mostPathChanges);
  };

  const announced = (paths: readonly Announced[]) => {
    for (const { path } of toldGone.size === 0 ? [] : paths) toldGone.delete(pathKey(path));
    note(paths, ({ path: { prefix, nextHop }, action, reason }) => ({ action, prefix, nextHop, reason }));
  };

  const withdrawn = (withdrawals: readonly Withdrawal[]) => {
    const untold =
      toldGone.size === 0 ? withdrawals : withdrawals.filter(({ path }) => !toldGone.delete(pathKey(path)));
    note(untold, ({ path: { prefix, nextHop }, cause }) => ({ action: 'withdraw', prefix, nextHop, reason: cause }));
  };

  return {
    announced,
    withdrawn,
    unsure: (change) => {
      unsure = { ...nothing, ...change };
    },
    listed: (own) => {
      if (unsure === nothing) return;
      const present = new Map(own.map((path) => [pathKey(path), path]));
      const { announced: sent, withdrawn: unsent } = unsure;
      unsure = nothing;
      announced(
        sent.filter(({ path }) => {
          const there = present.get(pathKey(path));
          return there !== undefined && samePath(there, path);
        }),
      );
      const gone = unsent.filter(({ path }) => !present.has(pathKey(path)));
      withdrawn(gone);
      for (const { path } of gone) toldGone.add(pathKey(path));
    },
    report: () => (count === 0 ? undefined : { since, count, last: [...last] }),
  };
}
