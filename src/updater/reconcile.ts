/**
 * One pass: ask for the actual paths, decide the desired ones, compare, let the guard judge the withdrawals, apply.
 * It reads from top to bottom in that order; when a pass runs is decided elsewhere (loop.ts).
 */
import { CoreBgpError } from '../model/errors.ts';
import { type Path, pathKey } from '../model/path.ts';
import type { PathException } from '../model/speaker.ts';
import { desiredFor, type PlannedSpeaker, type PlanningContext, planningContext } from '../planning/desired.ts';
import { type Diff, decisionsOn, diff, orderedOperations } from '../planning/diff.ts';
import { guard, type HeldWithdrawal } from '../planning/guard.ts';
import { breathe } from '../runtime/breathe.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { PathOperation, Speaker } from '../speaker/speaker.ts';
import type { Announced, PathChanges } from './path-changes.ts';
import type { Rib } from './rib.ts';
import type { View } from './view.ts';

export interface Reconciler {
  /** Brings the RIB to what is wanted, as far as evidence allows. Throws when the daemon failed; the RIB is then unknown. */
  pass(signal: AbortSignal): Promise<PassResult>;
  /** What is not as wanted, over all prefixes. */
  exceptions(): Iterable<PathException>;
  exceptionCount(): number;
  /** Whether a path is absent only because nobody has decided on its next hop yet, or stands behind the verdict. */
  hasUndecided(): boolean;
}

export interface PassResult {
  /** The store revision that the RIB now agrees with, but for the exceptions. */
  readonly revision: number;
  readonly announced: number;
  readonly withdrawn: number;
  readonly held: number;
}

export interface ReconcilerOptions {
  readonly speaker: Speaker;
  readonly planned: PlannedSpeaker;
  readonly view: View;
  readonly rib: Rib;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told what the speaker acknowledged. */
  readonly changes?: PathChanges;
}

/** Prefixes decided on in one go: what a change in between has to wait for, at most. */
const sliceSize = 2_000;

export function createReconciler({
  speaker,
  planned,
  view,
  rib,
  clock,
  log,
  changes: noted,
}: ReconcilerOptions): Reconciler {
  const exceptions = new Map<string, readonly PathException[]>();
  /** Prefixes with a held withdrawal: looked at in every pass, since what releases them may be time, not a change. */
  const heldPrefixes = new Set<string>();

  async function ensureListed(signal: AbortSignal): Promise<void> {
    if (rib.known()) return;
    rib.listing();
    const picture = await speaker.list(signal);
    noted?.listed(picture.own);
    if (picture.otherMarks.length > 0) {
      throw new CoreBgpError(
        'conflict',
        `The speaker at this address carries paths of another CoreBGP speaker (${picture.otherMarks.join(', ')}): two updaters must not share a gobgpd. Nothing is changed; check speaker.url and speaker.name.`,
        { reason: 'speakerShared' },
      );
    }
    const { lost, differing } = rib.listed(picture);
    if (lost.length > 0)
      log.warn({ paths: lost.length }, 'own paths are missing from the speaker and are announced again');
    if (picture.unreadable.length > 0)
      log.warn({ paths: picture.unreadable }, 'own paths in the speaker cannot be read and are left alone');
    // What the list has as we knew it has been decided on; the timer looks at everything all the same.
    view.markDirty(differing);
  }

  async function reconcile(prefixes: ReadonlySet<string>, signal: AbortSignal): Promise<Omit<PassResult, 'revision'>> {
    const context = planningContext(view.inputs, planned, clock.wall());
    const actual = new Map([...prefixes].map((prefix) => [prefix, rib.under(prefix)]));
    const changes = diff(view.inputs, context, actual, prefixes);
    const { allowed, held } = guard(changes.withdrawals, view.condition());
    const { announcements, withdrawals, vanished } = operationsOf(changes, allowed, prefixes, rib);
    noteExceptions(exceptions, prefixes, changes, held);
    for (const prefix of prefixes) heldPrefixes.delete(prefix);
    for (const { withdrawal } of held) heldPrefixes.add(withdrawal.path.prefix);

    // What is told of them was decided with them: while the speaker takes them, the view moves on.
    const announced = noted && announcedBy(announcements, changes, view, context);
    await apply(speaker, rib, announcements, signal, () => announced && noted?.unsure({ announced }));
    if (announced) noted?.announced(announced);
    const still = announcements.length === 0 ? withdrawals : stillAllowed(withdrawals);
    await apply(speaker, rib, still, signal, () => noted?.unsure({ withdrawn: those(allowed, still) }));
    rib.acknowledged(vanished);
    const withdrawn = those(allowed, [...still, ...vanished]);
    noted?.withdrawn(withdrawn);
    logChanges(log, view.inputs.revision, announcements, withdrawn, held);
    return { announced: announcements.length, withdrawn: still.length, held: held.length };
  }

  /**
   * While the daemon took the announcements, the evidence may have gone (a drain lifted, the store another one): what
   * would not be withdrawn any more is not, and is decided on anew.
   */
  function stillAllowed(withdrawals: readonly PathOperation[]): readonly PathOperation[] {
    if (withdrawals.length === 0) return withdrawals;
    const prefixes = new Set(withdrawals.map(({ path }) => path.prefix));
    const context = planningContext(view.inputs, planned, clock.wall());
    const actual = new Map([...prefixes].map((prefix) => [prefix, rib.under(prefix)]));
    const { allowed } = guard(diff(view.inputs, context, actual, prefixes).withdrawals, view.condition());
    const keys = new Set(allowed.map(({ path }) => pathKey(path)));
    const still = withdrawals.filter(({ path }) => keys.has(pathKey(path)));
    if (still.length < withdrawals.length) view.markDirty(prefixes);
    return still;
  }

  return {
    pass: async (signal) => {
      try {
        await ensureListed(signal);
        const total = { revision: 0, announced: 0, withdrawn: 0, held: 0 };
        const pending = new Set<string>(heldPrefixes);
        let wasUrgent = false;
        for (;;) {
          const dirty = view.takeDirty();
          total.revision = view.inputs.revision;
          // What changes while a long pass runs does not wait for its end; nor does the rest wait for changes to cease.
          const isUrgent = dirty !== 'all' && dirty.size > 0 && dirty.size <= sliceSize;
          if (!isUrgent) for (const prefix of dirty === 'all' ? everyPrefix(view, rib) : dirty) pending.add(prefix);
          const urgent: ReadonlySet<string> = isUrgent ? dirty : new Set();
          const slice = isUrgent && !wasUrgent ? urgent : firstOf(chain(urgent, pending), sliceSize);
          wasUrgent = isUrgent && !wasUrgent;
          if (slice.size === 0) return total;
          for (const prefix of slice) pending.delete(prefix);
          const done = await reconcile(slice, signal);
          total.announced += done.announced;
          total.withdrawn += done.withdrawn;
          total.held += done.held;
          await breathe();
        }
      } catch (error) {
        rib.forget();
        view.markDirty('all');
        throw error;
      }
    },
    exceptions: function* () {
      for (const ofPrefix of exceptions.values()) yield* ofPrefix;
    },
    exceptionCount: () => [...exceptions.values()].reduce((sum, ofPrefix) => sum + ofPrefix.length, 0),
    hasUndecided: () => {
      const context = planningContext(view.inputs, planned, clock.wall());
      for (const announcement of view.inputs.announcements.values()) {
        const waiting = desiredFor(announcement, context).some(
          ({ type, reason, prefix, nextHop }) =>
            type === 'keep' &&
            (reason === 'verdictStale' || reason === 'neverChecked') &&
            !rib.under(prefix).some((path) => path.nextHop === nextHop),
        );
        if (waiting) return true;
      }
      return false;
    },
  };
}

function* everyPrefix(view: View, rib: Rib): Iterable<string> {
  yield* view.inputs.prefixes();
  yield* rib.prefixes();
}

function* chain(first: Iterable<string>, then: Iterable<string>): Iterable<string> {
  yield* first;
  yield* then;
}

function firstOf(prefixes: Iterable<string>, count: number): ReadonlySet<string> {
  const first = new Set<string>();
  for (const prefix of prefixes) {
    if (first.size === count) break;
    first.add(prefix);
  }
  return first;
}

/** @param failed called when the speaker may have taken some, or none. */
async function apply(
  speaker: Speaker,
  rib: Rib,
  operations: readonly PathOperation[],
  signal: AbortSignal,
  failed: () => void,
): Promise<void> {
  if (operations.length === 0) return;
  try {
    await speaker.apply(operations, signal);
  } catch (error) {
    failed();
    throw error;
  }
  rib.acknowledged(operations);
}

/** Those of the withdrawals that the operations make. */
function those(withdrawals: GuardedWithdrawals, operations: readonly PathOperation[]): GuardedWithdrawals {
  const keys = new Set(operations.map(({ path }) => pathKey(path)));
  return withdrawals.filter(({ path }) => keys.has(pathKey(path)));
}

function announcedBy(
  announcements: readonly PathOperation[],
  changes: Diff,
  { inputs }: View,
  context: PlanningContext,
): readonly Announced[] {
  const replaced = new Set(changes.replaces.map(({ path }) => path));
  const reasons = new Map(changes.announced.map(({ path, reason }) => [path, reason]));
  const pathless = { ...context, pathless: true };
  /** What is announced again because the speaker lost it is as it was, so that no difference says why. */
  const again = ({ prefix, nextHop }: Path) =>
    decisionsOn(prefix, inputs, pathless).find((one) => one.nextHop === nextHop)?.reason;
  return announcements.map(({ path }) => ({
    path,
    action: replaced.has(path) ? 'change' : 'announce',
    reason: reasons.get(path) ?? again(path) ?? 'declared',
  }));
}

/**
 * Paths that were ours and have vanished from the RIB count as present when deciding, so here they are announced again,
 * unless they are to be withdrawn: then there is nothing left to send.
 */
function operationsOf(changes: Diff, allowed: GuardedWithdrawals, concerned: ReadonlySet<string>, rib: Rib) {
  const missing = new Map<string, Path>();
  for (const prefix of concerned) for (const path of rib.missing(prefix)) missing.set(pathKey(path), path);
  const ordered = orderedOperations(changes, allowed);
  const touched = new Set(ordered.map(({ path }) => pathKey(path)));
  const again = [...missing.values()].filter((path) => !touched.has(pathKey(path)));
  const withdrawals = ordered.filter(({ op }) => op === 'withdraw');
  return {
    announcements: [
      ...ordered.filter(({ op }) => op === 'announce'),
      ...again.map((path): PathOperation => ({ op: 'announce', path })),
    ],
    withdrawals: withdrawals.filter(({ path }) => !missing.has(pathKey(path))),
    vanished: withdrawals.filter(({ path }) => missing.has(pathKey(path))),
  };
}

type GuardedWithdrawals = ReturnType<typeof guard>['allowed'];

function noteExceptions(
  exceptions: Map<string, readonly PathException[]>,
  concerned: ReadonlySet<string>,
  { unexplained }: Diff,
  held: readonly HeldWithdrawal[],
): void {
  for (const prefix of concerned) exceptions.delete(prefix);
  const note = (kind: PathException['kind'], { prefix, nextHop }: Path, reason: string) =>
    exceptions.set(prefix, [...(exceptions.get(prefix) ?? []), { prefix, nextHop, kind, reason }]);
  for (const { withdrawal, reason } of held) note('held', withdrawal.path, reason);
  for (const { path, reason } of unexplained) note('unexplained', path, reason);
}

function logChanges(
  log: Log,
  revision: number,
  announcements: readonly PathOperation[],
  allowed: GuardedWithdrawals,
  held: readonly HeldWithdrawal[],
): void {
  for (const { path, cause, owner, evidence } of allowed.slice(0, 100)) {
    log.info({ prefix: path.prefix, nextHop: path.nextHop, cause, owner, evidence, revision }, 'path withdrawn');
  }
  for (const { path } of announcements.slice(0, 100)) {
    log.info({ prefix: path.prefix, nextHop: path.nextHop, revision }, 'path announced');
  }
  for (const { withdrawal, reason } of held.slice(0, 100)) {
    const { path, cause } = withdrawal;
    log.warn({ prefix: path.prefix, nextHop: path.nextHop, cause, reason, revision }, 'withdrawal held');
  }
  const more =
    Math.max(0, allowed.length - 100) + Math.max(0, announcements.length - 100) + Math.max(0, held.length - 100);
  if (more > 0) log.info({ more, revision }, 'and further paths not listed one by one');
}
