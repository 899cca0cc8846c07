/**
 * What to change at a speaker: decisions against the paths of ours in its RIB (rule 8). The unit is one prefix, so that a
 * change reconciles only the prefixes it concerns; the whole is the union of the units.
 */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { type Path, pathKey, samePath } from '../model/path.ts';
import type { PrefixTombstone } from '../model/tombstone.ts';
import { announcementRef } from './decode.ts';
import { type Decision, desiredFor, type PlanningContext, pathOf } from './desired.ts';
import type { Inputs } from './inputs.ts';
import type { Evidence, Reason, WithdrawalCause } from './reasons.ts';
import type { Stored } from './stored.ts';

export interface Withdrawal {
  readonly path: Path;
  readonly cause: WithdrawalCause;
  readonly evidence: readonly Evidence[];
  /** `project/name` of the announcement that has, or had, the path. */
  readonly owner: string;
}

/** The path as it should be, over the one that is there under the same identifier. */
export interface Replacement {
  readonly path: Path;
  readonly was: Path;
}

/** A path that nothing accounts for; kept and alarmed. */
export interface UnexplainedPath {
  readonly path: Path;
  readonly reason: 'unexplained' | 'undecodable' | 'prefixContested';
}

/** A path that is added or replaced, and the decision's word on why. */
export interface AnnouncedPath {
  readonly path: Path;
  readonly reason: Reason;
}

/** A path that stays though it isn't simply wanted: the decision says why. */
export interface KeptPath {
  readonly path: Path;
  readonly reason: Reason;
}

export interface Diff {
  readonly adds: readonly Path[];
  readonly replaces: readonly Replacement[];
  /** Why, of all that is added or replaced. */
  readonly announced: readonly AnnouncedPath[];
  readonly withdrawals: readonly Withdrawal[];
  readonly unexplained: readonly UnexplainedPath[];
  readonly kept: readonly KeptPath[];
}

/** What is known of a prefix besides the decisions on its paths. */
export interface PrefixFacts {
  /** The announcements that have it, the oldest first. */
  readonly owners: readonly Stored<AnnouncementRecord>[];
  readonly tombstone: Stored<PrefixTombstone> | undefined;
  /** Whether any announcement can't be read: it might own the prefix. */
  readonly anyUndecodable: boolean;
}

/** All three arguments concern one prefix. */
export function diffPrefix(decisions: readonly Decision[], actual: readonly Path[], facts: PrefixFacts): Diff {
  const byNextHop = new Map(decisions.map((decision) => [decision.nextHop, decision]));
  const actualByKey = new Map(actual.map((path) => [pathKey(path), path]));
  const present = new Set(actual.map(({ nextHop }) => nextHop));
  const adds: Path[] = [];
  const replaces: Replacement[] = [];
  const announced: AnnouncedPath[] = [];
  const withdrawals: Withdrawal[] = [];
  const unexplained: UnexplainedPath[] = [];
  const kept: KeptPath[] = [];

  /** Keys that are to stand at the end; nothing under them may be withdrawn. */
  const standing = new Set<string>();
  for (const decision of decisions) {
    if (decision.type === 'withdraw') continue;
    const isPresent = present.has(decision.nextHop);
    if (decision.type === 'keep' && !isPresent) continue;
    const path = pathOf(decision);
    standing.add(pathKey(path));
    const was = actualByKey.get(pathKey(path));
    const differs = was === undefined || !samePath(was, path);
    if (differs) announced.push({ path, reason: decision.reason });
    if (was === undefined) adds.push(path);
    else if (differs) replaces.push({ path, was });
    if (decision.type === 'keep') kept.push({ path, reason: decision.reason });
  }

  for (const path of actual) {
    if (standing.has(pathKey(path))) continue;
    const decision = byNextHop.get(path.nextHop);
    const leaving = decision === undefined ? orphan(path, facts) : leftover(path, decision, facts);
    if ('cause' in leaving) withdrawals.push(leaving);
    else unexplained.push(leaving);
  }
  return { adds, replaces, announced, withdrawals, unexplained, kept };
}

/** A path whose next hop is decided on, but not under this identifier, or not to stay. */
function leftover(path: Path, decision: Decision, { owners }: PrefixFacts): Withdrawal | UnexplainedPath {
  const { owner } = decision;
  if (decision.type === 'withdraw') return { path, cause: decision.reason, evidence: decision.evidence, owner };
  const [announcement] = owners;
  if (announcement === undefined) return { path, reason: 'unexplained' };
  return { path, cause: 'identifierChanged', evidence: [specOf(announcement)], owner };
}

/** A path whose next hop nobody decides on. */
function orphan(path: Path, { owners, tombstone, anyUndecodable }: PrefixFacts): Withdrawal | UnexplainedPath {
  const [owner, other] = owners;
  if (other !== undefined) return { path, reason: 'prefixContested' };
  if (owner !== undefined) {
    return { path, cause: 'nextHopRemoved', evidence: [specOf(owner)], owner: announcementRef(owner.record) };
  }
  if (tombstone !== undefined) {
    const { key, revision, record } = tombstone;
    return { path, cause: record.cause, evidence: [{ kind: 'tombstone', key, revision }], owner: record.owner };
  }
  return { path, reason: anyUndecodable ? 'undecodable' : 'unexplained' };
}

function specOf({ key, revision }: Stored<AnnouncementRecord>): Evidence {
  return { kind: 'spec', key, revision };
}

export function prefixFacts(prefix: string, inputs: Inputs): PrefixFacts {
  return {
    owners: inputs.owners(prefix),
    tombstone: inputs.tombstone(prefix),
    anyUndecodable: inputs.undecodableAnnouncements > 0,
  };
}

/** Decisions on one prefix: those of its oldest owner. */
export function decisionsOn(prefix: string, inputs: Inputs, context: PlanningContext): readonly Decision[] {
  const [owner] = inputs.owners(prefix);
  if (owner === undefined) return [];
  const decisions = desiredFor(owner, context);
  return owner.record.spec.prefixes.length === 1
    ? decisions
    : decisions.filter((decision) => decision.prefix === prefix);
}

/**
 * The diff of some prefixes, or of all that are announced or present.
 * @param actual our own paths in the RIB, by prefix: all of them, or at least those of `prefixes`.
 */
export function diff(
  inputs: Inputs,
  context: PlanningContext,
  actual: ReadonlyMap<string, readonly Path[]>,
  prefixes: Iterable<string> | 'all' = 'all',
): Diff {
  const concerned = new Set(prefixes === 'all' ? [...inputs.prefixes(), ...actual.keys()] : prefixes);
  const units: Diff[] = [];
  for (const prefix of concerned) {
    units.push(diffPrefix(decisionsOn(prefix, inputs, context), actual.get(prefix) ?? [], prefixFacts(prefix, inputs)));
  }
  return joinDiffs(units);
}

export function joinDiffs(units: readonly Diff[]): Diff {
  return {
    adds: units.flatMap(({ adds }) => adds),
    replaces: units.flatMap(({ replaces }) => replaces),
    announced: units.flatMap(({ announced }) => announced),
    withdrawals: units.flatMap(({ withdrawals }) => withdrawals),
    unexplained: units.flatMap(({ unexplained }) => unexplained),
    kept: units.flatMap(({ kept }) => kept),
  };
}

export function byPrefix(paths: Iterable<Path>): Map<string, Path[]> {
  const grouped = new Map<string, Path[]>();
  for (const path of paths) {
    const group = grouped.get(path.prefix);
    if (group === undefined) grouped.set(path.prefix, [path]);
    else group.push(path);
  }
  return grouped;
}

/** As speaker/speaker.ts takes it. */
export type PlannedOperation =
  | { readonly op: 'announce'; readonly path: Path }
  | { readonly op: 'withdraw'; readonly path: Path };

/**
 * Make before break (rule 9): every add and replacement comes before every withdrawal, so that no prefix passes through
 * zero paths on its way to some. The speaker must have acknowledged the former before it gets the latter.
 */
export function orderedOperations(
  changes: Pick<Diff, 'adds' | 'replaces'>,
  allowed: readonly Withdrawal[],
): readonly PlannedOperation[] {
  const announce = (path: Path): PlannedOperation => ({ op: 'announce', path });
  return [
    ...changes.adds.map(announce),
    ...changes.replaces.map(({ path }) => announce(path)),
    ...allowed.map(({ path }): PlannedOperation => ({ op: 'withdraw', path })),
  ];
}
