/**
 * From results of probes to a state, pure. `rise` successes in a row make up, `fall` failures in a row make down; without
 * any earlier verdict the first result decides. After a takeover the stored state stands and the counters start anew, so
 * a handover alone never flips a state.
 */
import type { VerdictState } from '../model/health.ts';
import type { CheckTiming } from '../model/health-check.ts';

export interface TaskHealth {
  readonly state: VerdictState | 'unknown';
  /** Reason word that stands for the state; undefined before the first result that agrees with it. */
  readonly reason: string | undefined;
  /** Results in a row that speak against the state, or (while down) give another reason for it. */
  readonly against: number;
  /** The reason word of those. */
  readonly otherReason: string | undefined;
}

/** The part of a probe's result that decides. */
export interface Finding {
  readonly ok: boolean;
  readonly reason: string;
}

export interface Decided {
  readonly health: TaskHealth;
  /** The state or its reason is another than before. */
  readonly changed: boolean;
  /** The next probe is due after `fastInterval`. */
  readonly undecided: boolean;
}

/** @param stored the verdict found in the store when the task is taken over; `suspect` also for one that can't be read. */
export function healthFrom(stored: { readonly state: VerdictState; readonly reason: string } | undefined): TaskHealth {
  return { state: stored?.state ?? 'unknown', reason: stored?.reason, against: 0, otherReason: undefined };
}

export function decide(health: TaskHealth, finding: Finding, { rise, fall }: CheckTiming): Decided {
  const { state, reason, otherReason } = health;
  const target: VerdictState = finding.ok ? 'up' : 'down';
  if (state === target) return confirm(health, finding, fall);
  // A run of failures counts whatever their reasons; a success ends it, and the other way round.
  const isSameRun = otherReason !== undefined && (otherReason === 'ok') === finding.ok;
  const against = isSameRun ? health.against + 1 : 1;
  const needed = state === 'unknown' ? 1 : finding.ok ? rise : fall;
  if (against >= needed) return settled(target, finding.reason, true);
  return { health: { state, reason, against, otherReason: finding.reason }, changed: false, undecided: true };
}

/** While down, another reason has to come `fall` times in a row before it is told: else two that alternate would write for ever. */
function confirm(health: TaskHealth, finding: Finding, fall: number): Decided {
  const { state, reason, otherReason } = health;
  if (finding.reason === reason || reason === undefined || finding.ok) {
    return settled(state, finding.reason, reason !== undefined && reason !== finding.reason);
  }
  const against = otherReason === finding.reason ? health.against + 1 : 1;
  if (against >= fall) return settled(state, finding.reason, true);
  return { health: { state, reason, against, otherReason: finding.reason }, changed: false, undecided: false };
}

function settled(state: TaskHealth['state'], reason: string, changed: boolean): Decided {
  return { health: { state, reason, against: 0, otherReason: undefined }, changed, undecided: false };
}
