/** What a write would change at each speaker, before it is made (dry run). Nothing is applied, nothing is kept. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { attributesKey } from '../model/attributes.ts';
import { healthKey } from '../model/health.ts';
import type { PlannedDrain } from './decode.ts';
import { type Decision, desiredFor, type PlanningContext, planningContext } from './desired.ts';
import { type DrainIndex, indexDrains } from './drains.ts';
import type { Inputs } from './inputs.ts';
import { entitlementOf, keptAnnouncement } from './kept.ts';
import type { Reason } from './reasons.ts';
import type { Stored } from './stored.ts';
import { type PlannedWrites, reachOf } from './write-reach.ts';

export interface PlannedPath {
  readonly prefix: string;
  readonly nextHop: string;
  readonly reason: Reason;
}

type PathList = 'announce' | 'withdraw' | 'change' | 'keep';

export interface PathDiff {
  readonly speaker: string;
  readonly announce: PlannedPath[];
  readonly withdraw: PlannedPath[];
  /** Announced before and after, with other attributes. */
  readonly change: PlannedPath[];
  /** What is there stays, what isn't stays absent, until more is known; listed when that is new. */
  readonly keep: PlannedPath[];
  /** Paths beyond those listed. */
  readonly more: Record<PathList, number>;
}

/** One speaker, before and after the write. */
interface Sight {
  readonly diff: PathDiff;
  readonly before: PlanningContext;
  readonly after: PlanningContext;
  note(list: PathList, decision: Pick<Decision, 'prefix' | 'nextHop'>, reason: Reason): void;
}

/**
 * Stops after each announcement that it looks at, at each speaker, so that who drives it can let others go on.
 *
 * Inputs may change meanwhile. The speakers, the drains and the keys of the announcements are those of the beginning.
 * An announcement, its project and its verdicts are those of the moment at which it is looked at, the same before and
 * after the write, so that nobody else's change is taken for the write's. What is deleted meanwhile is passed over,
 * what is created meanwhile is not looked at.
 * @param now wall milliseconds, for drains.
 * @param most paths that a list holds; further ones are counted.
 * @returns one diff for each speaker that has reported, empty ones too.
 */
export function* pathDiffs(
  writes: PlannedWrites,
  inputs: Inputs,
  now: number,
  most: number,
): Generator<undefined, readonly PathDiff[], undefined> {
  const next = inputs.revision + 1;
  const drainIndex = drainsAfter(writes, inputs, next);
  const sights = [...inputs.speakers.values()].map(({ record: { name, zone, asn } }): Sight => {
    const before = planningContext(inputs, { name, zone, asn }, now);
    return { before, after: contextAfter(writes, before, drainIndex, next), ...diffOf(name, most) };
  });
  const reach = reachOf(writes, inputs);
  for (const key of reach.named) {
    for (const sight of sights) {
      const old = inputs.announcements.get(key);
      if (writes.announcements?.has(key) === true) compareWritten(key, old, writes.announcements.get(key), sight, next);
      else if (old !== undefined) compareStored(old, sight);
      yield;
    }
  }
  for (const key of reach.wide ? [...inputs.announcements.keys()] : []) {
    const found = reach.named.has(key) ? undefined : inputs.announcements.get(key);
    const speakers = found === undefined ? none : reach.speakersOf(found);
    const [first] = sights;
    const isSame = found === undefined || first === undefined || (speakers === 'all' && staysPermitted(found, first));
    for (const sight of isSame ? [] : sights) {
      if (speakers !== 'all' && !speakers.has(sight.diff.speaker)) continue;
      const old = inputs.announcements.get(key);
      if (old !== undefined) compareStored(old, sight);
      yield;
    }
    yield;
  }
  return sights.map(({ diff }) => diff);
}

const none: ReadonlySet<string> = new Set();

function diffOf(speaker: string, most: number): Pick<Sight, 'diff' | 'note'> {
  const more = { announce: 0, withdraw: 0, change: 0, keep: 0 };
  const diff: PathDiff = { speaker, announce: [], withdraw: [], change: [], keep: [], more };
  return {
    diff,
    note: (list, { prefix, nextHop }, reason) => {
      if (diff[list].length < most) diff[list].push({ prefix, nextHop, reason });
      else more[list] += 1;
    },
  };
}

function drainsAfter({ drains }: PlannedWrites, inputs: Inputs, revision: number): DrainIndex {
  if (drains === undefined || drains.size === 0) return inputs.drainIndex;
  const after = new Map<string, Stored<PlannedDrain>>(inputs.drains);
  for (const [key, record] of drains) {
    if (record === undefined) after.delete(key);
    else after.set(key, later(key, record.spec, revision));
  }
  return indexDrains(after.values());
}

function contextAfter(
  { projects, removes }: PlannedWrites,
  before: PlanningContext,
  drainIndex: DrainIndex,
  revision: number,
): PlanningContext {
  const written = new Map(
    [...(projects ?? [])].map(([key, record]) => [key, record && later(key, record, revision)] as const),
  );
  return {
    ...before,
    drainIndex,
    verdict: (task) => (removes?.(healthKey(task.taskId)) === true ? undefined : before.verdict(task)),
    project: (name) => {
      const key = `projects/${name}`;
      return written.has(key) ? written.get(key) : before.project(name);
    },
  };
}

function later<Item>(key: string, record: Item, revision: number): Stored<Item> {
  return { key, record, createRevision: revision, revision };
}

function compareWritten(
  key: string,
  old: Stored<AnnouncementRecord> | undefined,
  record: AnnouncementRecord | undefined,
  sight: Sight,
  revision: number,
): void {
  const before = old === undefined ? [] : desiredFor(old, sight.before);
  if (record === undefined) {
    compare(before, [], () => 'deleted', sight);
    return;
  }
  const written = { key, record, createRevision: old?.createRevision ?? revision, revision };
  const prefixes = new Set(record.spec.prefixes);
  const goneReason = (prefix: string) => (prefixes.has(prefix) ? 'nextHopRemoved' : 'prefixRemoved');
  compare(before, desiredFor(written, sight.after), goneReason, sight);
}

/**
 * One that isn't written itself. It is passed on as it is kept, since what is remembered with it saves most of the work;
 * its paths carry what they carried, so that only what is decided on them is asked for.
 */
function compareStored(announcement: Stored<AnnouncementRecord>, sight: Sight): void {
  const before = desiredFor(announcement, { ...sight.before, pathless: true });
  const after = desiredFor(announcement, { ...sight.after, pathless: true });
  compare(before, after, () => 'deleted', sight);
}

/** Whether no drain is written and its project permits all of it before and after, which is the same for every speaker. */
function staysPermitted(announcement: Stored<AnnouncementRecord>, { before, after }: Sight): boolean {
  if (before.drainIndex !== after.drainIndex) return false;
  const { project } = keptAnnouncement(announcement);
  const [was, is] = [before.project(project), after.project(project)];
  if (was === undefined || is === undefined) return false;
  // The one in force last: what is remembered with the announcement is the last answer.
  return entitlementOf(announcement, is.record).ok && entitlementOf(announcement, was.record).ok;
}

function compare(
  before: readonly Decision[],
  after: readonly Decision[],
  goneReason: (prefix: string) => 'deleted' | 'nextHopRemoved' | 'prefixRemoved',
  { note }: Sight,
): void {
  const nameOf = ({ prefix, nextHop }: Decision) => `${prefix} ${nextHop}`;
  const was = new Map(before.map((decision) => [nameOf(decision), decision]));
  for (const decision of after) {
    const { reason } = decision;
    const old = was.get(nameOf(decision));
    was.delete(nameOf(decision));
    if (decision.type === 'announce') {
      if (old?.type !== 'announce') note('announce', decision, reason);
      else if (attributesKey(old.attributes) !== attributesKey(decision.attributes)) note('change', decision, reason);
    } else if (decision.type === 'keep') {
      if (old?.type !== 'keep' || old.reason !== reason) note('keep', decision, reason);
    } else if (old !== undefined && old.type !== 'withdraw') note('withdraw', decision, reason);
  }
  for (const decision of was.values()) {
    if (decision.type !== 'withdraw') note('withdraw', decision, goneReason(decision.prefix));
  }
}
