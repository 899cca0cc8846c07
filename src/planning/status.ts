/** The status of an announcement, computed from the same inputs as the decisions and from what the speakers reported. */
import type { AnnouncementRecord, AnnouncementState, AnnouncementStatus } from '../model/announcement.ts';
import { defaultProject } from '../model/resource.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { announcementRef } from './decode.ts';
import { type Decision, desiredFor, type PlannedSpeaker, type PlanningContext, planningContext } from './desired.ts';
import type { Inputs, VerdictView } from './inputs.ts';
import { entitlementOf, type KeptAnnouncement, keptAnnouncement, tasksOfStored } from './kept.ts';
import { decidedIn, type NextHopDecision } from './outline.ts';
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

/** How it looks from one speaker, as far as its status says so. */
interface Sight {
  readonly decisions: readonly (NextHopDecision | undefined)[];
  readonly report: SpeakerStatusRecord | undefined;
  readonly current: boolean;
}

/** @param now wall milliseconds, for drains. */
export function statusOf(announcement: Stored<AnnouncementRecord>, inputs: Inputs, now: number): AnnouncementStatus {
  const kept = keptAnnouncement(announcement);
  const verdicts = kept.tasks.map(inputs.verdict);
  const sights = sightsOf(kept, verdicts, inputs, now);
  const nextHops = kept.addresses.map((address, index) =>
    nextHopStatus(address, kept.tasks[index] !== undefined, verdicts[index], leadingDecision(sights, index)),
  );
  const speakers: AnnouncementStatus['speakers'] = [];
  for (const { report, current } of sights) {
    if (report === undefined) continue;
    const exceptions = exceptionsOf(kept, report).map(({ prefix, nextHop, reason }) => ({ prefix, nextHop, reason }));
    speakers.push({ name: report.name, appliedRevision: report.appliedRevision, current, exceptions });
  }
  const { state, reason } = stateOf(kept, sights, nextHops);
  if (reason === undefined) return { state, nextHops, speakers };
  return { state, reason, message: isReason(reason) ? reasons[reason] : reason, nextHops, speakers };
}

type Verdicts = readonly (VerdictView | undefined)[];

/** From each speaker; without any, from one imagined in each zone of a next hop. */
function sightsOf(kept: KeptAnnouncement, verdicts: Verdicts, inputs: Inputs, now: number): readonly Sight[] {
  const sights: Sight[] = [];
  for (const { record: report } of inputs.speakers.values()) {
    const { name, zone, asn } = report;
    sights.push(sightOf(kept, verdicts, planningContext(inputs, { name, zone, asn }, now), report));
  }
  if (sights.length > 0) return sights;
  return kept.outline.distinctZones.map((zone) =>
    sightOf(kept, verdicts, planningContext(inputs, { name: '', zone, asn: 0 }, now), undefined),
  );
}

/** Decides as `desiredFor`, but each situation once: see outline.ts. */
function sightOf(
  kept: KeptAnnouncement,
  verdicts: Verdicts,
  context: PlanningContext,
  report: SpeakerStatusRecord | undefined,
): Sight {
  const { outline, ref, addresses } = kept;
  const { speaker, drainIndex, now } = context;
  const project = context.project(kept.project);
  let last = Math.max(kept.revision, project?.revision ?? 0);
  let situation = project === undefined ? '? ' : '! ';
  for (const [index, zone] of outline.zones.entries()) {
    const verdict = verdicts[index];
    const subject = { nextHop: addresses[index] ?? '', zone, announcement: ref, speaker: speaker.name };
    const drain = drainIndex.inEffect(subject, now);
    last = Math.max(last, verdict?.revision ?? 0, drain?.revision ?? 0);
    situation += drain === undefined ? standingWord(kept.tasks[index] !== undefined, verdict) : 'drained ';
  }
  const decide = () => decisionsByNextHop(kept, context);
  const isPermitted = project === undefined || entitlementOf(kept, project.record).ok;
  const decisions = isPermitted ? decidedIn(outline, situation + speaker.zone, decide) : decide();
  return { decisions, report, current: report !== undefined && report.appliedRevision >= last };
}

/** All that decisions depend on of a verdict. */
function standingWord(isChecked: boolean, verdict: VerdictView | undefined): string {
  if (!isChecked) return 'unchecked ';
  if (verdict === undefined) return 'unknown ';
  return verdict.fresh ? `${verdict.state} ` : `stale-${verdict.state} `;
}

function decisionsByNextHop(kept: KeptAnnouncement, context: PlanningContext): Sight['decisions'] {
  const decisions = desiredFor(kept, { ...context, pathless: true });
  return kept.addresses.map((address) =>
    leading(decisions.filter(({ nextHop }) => nextHop === address).map(nextHopDecision)),
  );
}

const nextHopDecision = ({ type, reason }: Decision): NextHopDecision => ({ path: type, why: reason });

type NextHopStatus = AnnouncementStatus['nextHops'][number];

function nextHopStatus(
  address: string,
  isChecked: boolean,
  verdict: VerdictView | undefined,
  decision: NextHopDecision | undefined,
): NextHopStatus {
  const found = verdict?.record;
  const path = decision?.path ?? 'keep';
  const why = decision?.why ?? 'noSpeaker';
  if (found === undefined) {
    return { address, health: isChecked ? 'unknown' : 'unchecked', fresh: verdict?.fresh ?? false, path, why };
  }
  const { state: health, since, reason, code, checker } = found;
  const fresh = verdict?.fresh ?? false;
  return code === undefined
    ? { address, health, fresh, since, reason, checker, path, why }
    : { address, health, fresh, since, reason, checker, code, path, why };
}

function leadingDecision(sights: readonly Sight[], index: number): NextHopDecision | undefined {
  const [only, ...others] = sights;
  if (others.length === 0) return only?.decisions[index];
  return leading(sights.map(({ decisions }) => decisions[index]));
}

/** Of several decisions on one next hop (by prefix and speaker) the one that keeps it in service most. */
function leading(decisions: readonly (NextHopDecision | undefined)[]): NextHopDecision | undefined {
  const find = (path: Decision['type']) => decisions.find((decision) => decision?.path === path);
  return find('announce') ?? find('keep') ?? find('withdraw');
}

const exceptedPrefixes = new WeakMap<SpeakerStatusRecord, ReadonlySet<string>>();

/** What the speaker reported on paths of the announcement's prefixes that isn't as wanted. */
export function exceptionsOf(announcement: Stored<AnnouncementRecord>, report: SpeakerStatusRecord) {
  if (report.exceptions.length === 0) return [];
  const excepted = exceptedPrefixes.get(report) ?? new Set(report.exceptions.map(({ prefix }) => prefix));
  exceptedPrefixes.set(report, excepted);
  const { prefixes } = keptAnnouncement(announcement);
  if (!prefixes.some((prefix) => excepted.has(prefix))) return [];
  return report.exceptions.filter(({ prefix }) => prefixes.includes(prefix));
}

/** Kept for want of a first decision: nothing has been held against anything. */
const undecided: readonly string[] = ['neverChecked'] satisfies Reason[];

function stateOf(
  announcement: KeptAnnouncement,
  views: readonly Sight[],
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
