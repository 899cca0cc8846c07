/**
 * What a speaker should announce: for each (prefix, next hop) one of announce, withdraw (with cause and evidence), keep.
 *
 * Three-valued: what is not known for certain is *keep* — a path that is there stays, one that isn't stays absent. The
 * first rule that applies decides; every rule that withdraws names the records that prove it (rule 2).
 *
 * | #  | if                                                            | then                                           |
 * |----|---------------------------------------------------------------|------------------------------------------------|
 * | 1  | a drain names the next hop, its zone, the announcement or the speaker | withdraw `drained`                     |
 * | 2  | the project exists and doesn't permit the prefix or next hop  | withdraw `notEntitled`                         |
 * | 3  | the scope certainly leaves the next hop out at this speaker   | withdraw `outOfScope`                          |
 * | 4  | fresh DOWN, too few healthy, onAllDown hold                   | keep `heldAllDown`                             |
 * | 5  | too few healthy, onAllDown announceAll                        | announce `failOpen`                            |
 * | 6  | fresh DOWN                                                    | withdraw `nextHopDown`                         |
 * | 7  | too few healthy, onAllDown withdraw                           | withdraw `belowMinHealthy`                     |
 * | 8  | stale, suspect or unreadable verdict; none yet, initial down  | keep `verdictStale` `suspect` `verdictUnreadable` `neverChecked` |
 * | 9  | fresh UP, no health check, or none decided yet and initial up | announce `healthy` `unchecked` `initialUp`     |
 * | 10 | (of 5 and 9) the scope is uncertain, or the project is missing | keep `scopeUncertain` `projectUnknown`        |
 *
 * "Too few healthy" is counted for each speaker, family and scope: only what certainly isn't healthy (fresh DOWN, drained,
 * not entitled) is taken off, so the unknown count as healthy. Editing a check changes no path by itself: the new task is
 * undecided, which is *keep*.
 */
import type { AnnouncementRecord } from '../model/announcement.ts';
import type { PathAttributes } from '../model/attributes.ts';
import { healthKey } from '../model/health.ts';
import type { Path } from '../model/path.ts';
import { familyOf } from '../model/prefix.ts';
import type { ProjectRecord } from '../model/project.ts';
import { defaultProject } from '../model/resource.ts';
import { announcementRef } from './decode.ts';
import type { DrainIndex } from './drains.ts';
import type { Permit } from './entitlement.ts';
import type { Inputs, VerdictView } from './inputs.ts';
import { entitlementOf, tasksOfStored } from './kept.ts';
import { pathAttributes } from './path-attributes.ts';
import type { Evidence, Reason, WithdrawalCause } from './reasons.ts';
import { attributesOf, identifiersFor } from './record-paths.ts';
import type { Stored } from './stored.ts';
import { defaultZone, type Task } from './tasks.ts';

/** The speaker that a decision is for; from its node's configuration. */
export interface PlannedSpeaker {
  readonly name: string;
  readonly zone: string;
  readonly asn: number;
}

/** What a decision depends on besides the announcement. */
export interface PlanningContext {
  readonly speaker: PlannedSpeaker;
  /** Wall milliseconds since 1970; only a drain's `until` is compared with it. */
  readonly now: number;
  readonly drainIndex: DrainIndex;
  verdict(task: Task): VerdictView | undefined;
  project(name: string): Stored<ProjectRecord> | undefined;
  /** Only what is decided is asked for: identifiers are 0 and attributes empty, which saves most of the time. */
  readonly pathless?: boolean;
}

export type Outcome =
  | { readonly type: 'announce'; readonly reason: Reason; readonly attributes: PathAttributes }
  | { readonly type: 'withdraw'; readonly reason: WithdrawalCause; readonly evidence: readonly Evidence[] }
  /** `attributes`: what it should carry if it is there. */
  | { readonly type: 'keep'; readonly reason: Reason; readonly attributes: PathAttributes };

export type Decision = Outcome & {
  /** `project/name` of the announcement. */
  readonly owner: string;
  readonly prefix: string;
  readonly nextHop: string;
  readonly identifier: number;
};

export type DesiredFor = (announcement: Stored<AnnouncementRecord>, context: PlanningContext) => readonly Decision[];

export function planningContext(inputs: Inputs, speaker: PlannedSpeaker, now: number): PlanningContext {
  const { drainIndex, verdict, project } = inputs;
  return { speaker, now, drainIndex, verdict, project };
}

/** The path that a decision to announce or to keep stands for. */
export function pathOf(decision: Decision & { readonly type: 'announce' | 'keep' }): Path {
  const { prefix, nextHop, identifier, attributes } = decision;
  return { prefix, nextHop, identifier, attributes };
}

/** Decisions on every (prefix, next hop of its family) of the announcement, at one speaker. */
export function desiredFor(announcement: Stored<AnnouncementRecord>, context: PlanningContext): readonly Decision[] {
  const { spec } = announcement.record;
  const owner = announcementRef(announcement.record);
  const project = context.project(announcement.record.metadata.project ?? defaultProject);
  const entitlement = project && entitlementOf(announcement, project.record);
  const candidates = candidatesOf(announcement, owner, context);
  return spec.prefixes.flatMap((prefix) => {
    const family = familyOf(prefix);
    const permits = (address: string): readonly (Permit | undefined)[] =>
      entitlement === undefined || entitlement.ok
        ? []
        : [entitlement.prefixes.get(prefix), entitlement.nextHops.get(address)];
    const group = candidates
      .filter(({ nextHop }) => familyOf(nextHop) === family)
      .map(({ nextHop, zone, standing, attributes }) => ({
        nextHop,
        zone,
        standing: entitledStanding(standing, project, permits(nextHop)),
        attributes,
      }));
    const identifiers = context.pathless === true ? noIdentifiers : identifiersFor(announcement.record, prefix);
    const decide = groupDecider(announcement, context.speaker, group, project !== undefined);
    return group.map((candidate) => {
      const { nextHop } = candidate;
      return decisionOf(decide(candidate), owner, prefix, nextHop, identifiers.get(nextHop) ?? 0);
    });
  });
}

/** Field by field: spreading objects of different shapes costs as much as everything else here together. */
function decisionOf(outcome: Outcome, owner: string, prefix: string, nextHop: string, identifier: number): Decision {
  if (outcome.type === 'withdraw') {
    const { type, reason, evidence } = outcome;
    return { type, reason, evidence, owner, prefix, nextHop, identifier };
  }
  const { reason, attributes } = outcome;
  return outcome.type === 'keep'
    ? { type: 'keep', reason, attributes, owner, prefix, nextHop, identifier }
    : { type: 'announce', reason, attributes, owner, prefix, nextHop, identifier };
}

/** Whether a next hop can serve: certainly, perhaps, or certainly not. */
type Standing =
  | { readonly serves: 'yes'; readonly reason: 'healthy' | 'unchecked'; readonly evidence: readonly Evidence[] }
  | { readonly serves: 'perhaps'; readonly reason: Reason; readonly announces: boolean }
  | {
      readonly serves: 'no';
      readonly cause: 'nextHopDown' | 'drained' | 'notEntitled';
      readonly evidence: readonly Evidence[];
    };

interface Candidate {
  readonly nextHop: string;
  readonly zone: string;
  readonly standing: Standing;
  readonly attributes: PathAttributes;
}

function candidatesOf(
  announcement: Stored<AnnouncementRecord>,
  owner: string,
  { speaker, now, drainIndex, verdict, pathless }: PlanningContext,
): readonly Candidate[] {
  const { record } = announcement;
  const { spec } = record;
  const tasks = tasksOfStored(announcement);
  const carried = pathless === true ? undefined : attributesOf(record, speaker.asn);
  return spec.nextHops.map(({ address: nextHop, zone = defaultZone }, index) => {
    const drain = drainIndex.inEffect({ nextHop, zone, announcement: owner, speaker: speaker.name }, now);
    const task = tasks[index];
    const standing: Standing =
      drain !== undefined
        ? { serves: 'no', cause: 'drained', evidence: [{ kind: 'drain', key: drain.key, revision: drain.revision }] }
        : task === undefined
          ? { serves: 'yes', reason: 'unchecked', evidence: [] }
          : healthStanding(task, verdict(task), spec.healthCheck?.initial ?? 'down');
    return { nextHop, zone, standing, attributes: carried?.[index] ?? noAttributes };
  });
}

function healthStanding(task: Task, verdict: VerdictView | undefined, initial: 'up' | 'down'): Standing {
  if (verdict === undefined) {
    return initial === 'up'
      ? { serves: 'perhaps', reason: 'initialUp', announces: true }
      : { serves: 'perhaps', reason: 'neverChecked', announces: false };
  }
  const { state, fresh, epoch, revision } = verdict;
  if (state === 'unreadable') return { serves: 'perhaps', reason: 'verdictUnreadable', announces: false };
  if (!fresh) return { serves: 'perhaps', reason: 'verdictStale', announces: false };
  if (state === 'suspect') return { serves: 'perhaps', reason: 'suspect', announces: false };
  const evidence: readonly Evidence[] = [{ kind: 'verdict', key: healthKey(task.taskId), revision, epoch }];
  return state === 'up'
    ? { serves: 'yes', reason: 'healthy', evidence }
    : { serves: 'no', cause: 'nextHopDown', evidence };
}

function entitledStanding(
  standing: Standing,
  project: Stored<ProjectRecord> | undefined,
  permits: readonly (Permit | undefined)[],
): Standing {
  const isDrained = standing.serves === 'no' && standing.cause === 'drained';
  if (isDrained || project === undefined || permits.every((permit) => permit?.ok === true)) return standing;
  const evidence: readonly Evidence[] = [{ kind: 'project', key: project.key, revision: project.revision }];
  return { serves: 'no', cause: 'notEntitled', evidence };
}

/** `unknown`: in scope or not, depending on what isn't known. */
type ScopeAnswer =
  | { readonly inScope: 'yes' | 'unknown' }
  | { readonly inScope: 'no'; readonly evidence: readonly Evidence[] };

function groupDecider(
  announcement: Stored<AnnouncementRecord>,
  speaker: PlannedSpeaker,
  group: readonly Candidate[],
  projectKnown: boolean,
): (candidate: Candidate) => Outcome {
  const { minHealthy = 1, onAllDown = 'withdraw' } = announcement.record.spec.policy ?? {};
  const spec: Evidence = { kind: 'spec', key: announcement.key, revision: announcement.revision };
  const scopeOf = scopeDecider(announcement.record.spec.scope ?? 'all', speaker, group, spec);
  const shortOf = (counted: readonly Candidate[]) => shortage(counted, minHealthy, spec);
  const inScope = shortOf(group.filter((candidate) => scopeOf(candidate).inScope === 'yes'));
  const perhapsInScope = shortOf(group.filter((candidate) => scopeOf(candidate).inScope !== 'no'));

  return (candidate) => {
    const { standing, attributes } = candidate;
    const scope = scopeOf(candidate);
    const keep = (reason: Reason): Outcome => ({ type: 'keep', reason, attributes });
    const announce = (reason: Reason): Outcome => {
      if (scope.inScope === 'unknown') return keep('scopeUncertain');
      return projectKnown ? { type: 'announce', reason, attributes } : keep('projectUnknown');
    };
    const ownReason = standing.serves === 'no' ? undefined : standing.reason;

    if (standing.serves === 'no' && standing.cause !== 'nextHopDown')
      return withdraw(standing.cause, standing.evidence);
    if (scope.inScope === 'no') return withdraw('outOfScope', scope.evidence);
    const tooFew = scope.inScope === 'yes' ? inScope : perhapsInScope;
    if (tooFew !== undefined && onAllDown === 'hold' && standing.serves === 'no') return keep('heldAllDown');
    if (tooFew !== undefined && onAllDown === 'announceAll') {
      return announce(standing.serves === 'yes' ? standing.reason : 'failOpen');
    }
    if (standing.serves === 'no') return withdraw('nextHopDown', standing.evidence);
    if (tooFew !== undefined && onAllDown === 'withdraw') return withdraw('belowMinHealthy', tooFew);
    if (standing.serves === 'perhaps' && !standing.announces) return keep(standing.reason);
    return announce(ownReason ?? 'healthy');
  };
}

/** @returns the evidence that fewer than `minHealthy` can be healthy, counting the unknown ones; undefined = enough. */
function shortage(
  counted: readonly Candidate[],
  minHealthy: number | string,
  spec: Evidence,
): readonly Evidence[] | undefined {
  const notServing = counted.flatMap(({ standing }) => (standing.serves === 'no' ? [standing] : []));
  const wanted =
    typeof minHealthy === 'number' ? minHealthy : Math.ceil((counted.length * Number.parseInt(minHealthy, 10)) / 100);
  if (counted.length - notServing.length >= wanted) return undefined;
  return [spec, ...notServing.flatMap(({ evidence }) => evidence)];
}

function scopeDecider(
  scope: 'all' | 'speakerZone' | 'speakerZoneElseAll',
  speaker: PlannedSpeaker,
  group: readonly Candidate[],
  spec: Evidence,
): (candidate: Candidate) => ScopeAnswer {
  if (scope === 'all') return () => ({ inScope: 'yes' });
  const isLocal = ({ zone }: Candidate) => zone === speaker.zone;
  if (scope === 'speakerZone') {
    return (candidate) => (isLocal(candidate) ? { inScope: 'yes' } : { inScope: 'no', evidence: [spec] });
  }
  const local = group.filter(isLocal).map(({ standing }) => standing);
  if (local.every(({ serves }) => serves === 'no')) return () => ({ inScope: 'yes' });
  const serving = local.find((standing) => standing.serves === 'yes');
  const remote: ScopeAnswer =
    serving === undefined ? { inScope: 'unknown' } : { inScope: 'no', evidence: [spec, ...serving.evidence] };
  return (candidate) => (isLocal(candidate) ? { inScope: 'yes' } : remote);
}

function withdraw(reason: WithdrawalCause, evidence: readonly Evidence[]): Outcome {
  return { type: 'withdraw', reason, evidence };
}

const noIdentifiers: ReadonlyMap<string, number> = new Map();
const noAttributes = pathAttributes(undefined, undefined, 0);
