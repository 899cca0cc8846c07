/** The status of an announcement, computed from the same inputs as the decisions and from what the speakers reported. */
import type { AnnouncementRecord, AnnouncementState, AnnouncementStatus } from '../model/announcement.ts';
import { defaultProject } from '../model/resource.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { announcementRef } from './decode.ts';
import { type Decision, desiredFor, type PlannedSpeaker, type PlanningContext, planningContext } from './desired.ts';
import type { Inputs } from './inputs.ts';
import { tasksOfStored } from './kept.ts';
import { isReason, type Reason, reasons } from './reasons.ts';
import type { Stored } from './stored.ts';
import { defaultZone } from './tasks.ts';

/** How the announcement looks from one speaker. */
export interface Viewpoint {
  readonly speaker: PlannedSpeaker;
  readonly context: PlanningContext;
  readonly decisions: readonly Decision[];
  /** Undefined when no speaker has reported: then there is a viewpoint for each zone of a next hop. */
  readonly report: SpeakerStatusRecord | undefined;
  /** Whether the report covers the last change of everything the decisions were made from. */
  readonly current: boolean;
}

/** @param now wall milliseconds, for drains. */
export function viewpoints(
  announcement: Stored<AnnouncementRecord>,
  inputs: Inputs,
  now: number,
): readonly Viewpoint[] {
  const reports = [...inputs.speakers.values()].map(({ record }) => record);
  const speakers = reports.map((report) => ({ speaker: report, report }));
  const zones = new Set(announcement.record.spec.nextHops.map(({ zone }) => zone ?? defaultZone));
  const imagined = [...zones].map((zone) => ({ speaker: { name: '', zone, asn: 0 }, report: undefined }));
  return (speakers.length > 0 ? speakers : imagined).map(({ speaker: { name, zone, asn }, report }) => {
    const context = { ...planningContext(inputs, { name, zone, asn }, now), pathless: true };
    const current = report !== undefined && report.appliedRevision >= inputRevision(announcement, context);
    return { speaker: context.speaker, context, decisions: desiredFor(announcement, context), report, current };
  });
}

/** The highest revision among the records that decide on the announcement: what a speaker must have applied. */
export function inputRevision(announcement: Stored<AnnouncementRecord>, context: PlanningContext): number {
  const { record, revision } = announcement;
  const owner = announcementRef(record);
  const verdicts = tasksOfStored(announcement).map((task) => context.verdict(task)?.revision ?? 0);
  const drains = record.spec.nextHops.map(({ address: nextHop, zone = defaultZone }) => {
    const subject = { nextHop, zone, announcement: owner, speaker: context.speaker.name };
    return context.drainIndex.inEffect(subject, context.now)?.revision ?? 0;
  });
  const project = context.project(record.metadata.project ?? defaultProject)?.revision ?? 0;
  return Math.max(revision, project, ...verdicts, ...drains);
}

/** @param now wall milliseconds, for drains. */
export function statusOf(announcement: Stored<AnnouncementRecord>, inputs: Inputs, now: number): AnnouncementStatus {
  const views = viewpoints(announcement, inputs, now);
  const nextHops = nextHopStatus(announcement, inputs, views);
  const speakers = views.flatMap(({ report, current }) =>
    report === undefined
      ? []
      : [
          {
            name: report.name,
            appliedRevision: report.appliedRevision,
            current,
            exceptions: exceptionsOf(announcement, report).map(({ prefix, nextHop, reason }) => ({
              prefix,
              nextHop,
              reason,
            })),
          },
        ],
  );
  const { state, reason } = stateOf(announcement, views, nextHops);
  return {
    state,
    ...(reason === undefined ? {} : { reason, message: isReason(reason) ? reasons[reason] : reason }),
    nextHops,
    speakers,
  };
}

type NextHopStatus = AnnouncementStatus['nextHops'][number];

function nextHopStatus(
  announcement: Stored<AnnouncementRecord>,
  inputs: Inputs,
  views: readonly Viewpoint[],
): NextHopStatus[] {
  const tasks = tasksOfStored(announcement);
  return announcement.record.spec.nextHops.map(({ address }, index) => {
    const task = tasks[index];
    const verdict = task && inputs.verdict(task);
    const found = verdict?.record;
    const decisions = views.flatMap((view) => view.decisions.filter(({ nextHop }) => nextHop === address));
    const decision = leadingDecision(decisions);
    return {
      address,
      health: task === undefined ? 'unchecked' : (found?.state ?? 'unknown'),
      fresh: verdict?.fresh ?? false,
      ...(found === undefined ? {} : { since: found.since, reason: found.reason, checker: found.checker }),
      ...(found?.code === undefined ? {} : { code: found.code }),
      path: decision?.type ?? 'keep',
      why: decision?.reason ?? 'noSpeaker',
    };
  });
}

/** Of several decisions on one next hop (by prefix and speaker) the one that keeps it in service most. */
function leadingDecision(decisions: readonly Decision[]): Decision | undefined {
  const find = (type: Decision['type']) => decisions.find((decision) => decision.type === type);
  return find('announce') ?? find('keep') ?? find('withdraw');
}

/** What the speaker reported on paths of the announcement's prefixes that isn't as wanted. */
export function exceptionsOf({ record }: Stored<AnnouncementRecord>, report: SpeakerStatusRecord) {
  return report.exceptions.filter(({ prefix }) => record.spec.prefixes.includes(prefix));
}

/** Kept for want of a first decision: nothing has been held against anything. */
const undecided: readonly string[] = ['neverChecked'] satisfies Reason[];

function stateOf(
  announcement: Stored<AnnouncementRecord>,
  views: readonly Viewpoint[],
  nextHops: readonly NextHopStatus[],
): { readonly state: AnnouncementState; readonly reason?: string } {
  const reported = views.filter(({ report }) => report !== undefined);
  if (reported.length === 0) return { state: 'pending', reason: 'noSpeaker' };
  const current = reported.filter((view) => view.current);
  if (current.length === 0) return { state: 'pending', reason: 'notApplied' };

  const exceptions = current.flatMap(({ report }) => (report === undefined ? [] : exceptionsOf(announcement, report)));
  const held = exceptions.find(({ kind }) => kind === 'held' || kind === 'unexplained');
  if (held !== undefined) return { state: 'held', reason: held.reason };
  const heldDown = nextHops.find(({ path, why }) => path === 'keep' && why === 'heldAllDown');
  if (heldDown !== undefined) return { state: 'held', reason: heldDown.why };

  const failed = exceptions[0];
  const announced = nextHops.filter(({ path }) => path === 'announce');
  const firstOther = nextHops.find(({ path }) => path !== 'announce');
  if (announced.length > 0) {
    if (failed !== undefined) return { state: 'degraded', reason: failed.reason };
    return firstOther === undefined ? { state: 'announced' } : { state: 'degraded', reason: firstOther.why };
  }
  const kept = nextHops.filter(({ path }) => path === 'keep');
  const notUndecided = kept.find(({ why }) => !undecided.includes(why));
  if (notUndecided !== undefined) return { state: 'held', reason: notUndecided.why };
  if (kept[0] !== undefined) return { state: 'pending', reason: kept[0].why };
  return { state: 'withdrawn', reason: firstOther?.why ?? 'nextHopDown' };
}
