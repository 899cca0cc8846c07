/** The last changes of paths that the speaker acknowledged, for its report. */
import { type Path, pathKey } from '../model/path.ts';
import { mostPathChanges, type PathChange, type SpeakerStatusRecord } from '../model/speaker.ts';
import type { PlanningContext } from '../planning/desired.ts';
import { decisionsOn, type Replacement, type Withdrawal } from '../planning/diff.ts';
import type { Inputs } from '../planning/inputs.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';

export interface PathChanges {
  /** @param replaced those of the paths that were there, other than they are now. */
  announced(paths: readonly Path[], replaced: readonly Replacement[], inputs: Inputs, context: PlanningContext): void;
  withdrawn(withdrawals: readonly Withdrawal[]): void;
  /** Undefined before the first. */
  report(): SpeakerStatusRecord['changes'];
}

/** They are counted from now on. */
export function createPathChanges(clock: Clock): PathChanges {
  const since = isoTime(clock);
  let count = 0;
  let last: readonly PathChange[] = [];

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

  return {
    announced: (paths, replaced, inputs, context) => {
      const keys = new Set(replaced.map(({ path }) => pathKey(path)));
      note(paths, (path) => {
        const { prefix, nextHop } = path;
        const decision = decisionsOn(prefix, inputs, context).find((one) => one.nextHop === nextHop);
        const action = keys.has(pathKey(path)) ? 'change' : 'announce';
        return { action, prefix, nextHop, reason: decision?.reason ?? 'declared' };
      });
    },
    withdrawn: (withdrawals) =>
      note(withdrawals, ({ path: { prefix, nextHop }, cause }) => ({
        action: 'withdraw',
        prefix,
        nextHop,
        reason: cause,
      })),
    report: () => (count === 0 ? undefined : { since, count, last: [...last] }),
  };
}
