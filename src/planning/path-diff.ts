/** What a write would change at each speaker, before it is made (dry run). Nothing is applied, nothing is kept. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { attributesKey } from '../model/attributes.ts';
import type { DrainRecord } from '../model/drain.ts';
import type { ProjectRecord } from '../model/project.ts';
import type { PlannedDrain } from './decode.ts';
import { type Decision, desiredFor, type PlannedSpeaker, type PlanningContext, planningContext } from './desired.ts';
import { indexDrains } from './drains.ts';
import type { Inputs } from './inputs.ts';
import type { Reason } from './reasons.ts';
import type { Stored } from './stored.ts';

/** Records as they would be, by store key; undefined = deleted. */
export interface PlannedWrites {
  readonly announcements?: ReadonlyMap<string, AnnouncementRecord | undefined>;
  readonly drains?: ReadonlyMap<string, DrainRecord | undefined>;
  readonly projects?: ReadonlyMap<string, ProjectRecord | undefined>;
}

export interface PlannedPath {
  readonly prefix: string;
  readonly nextHop: string;
  readonly reason: Reason;
}

export interface PathDiff {
  readonly speaker: string;
  readonly announce: PlannedPath[];
  readonly withdraw: PlannedPath[];
  /** Announced before and after, with other attributes. */
  readonly change: PlannedPath[];
  /** What is there stays, what isn't stays absent, until more is known; listed when that is new. */
  readonly keep: PlannedPath[];
}

/** @param now wall milliseconds, for drains. @returns one diff for each speaker that has reported, empty ones too. */
export function pathDiff(writes: PlannedWrites, inputs: Inputs, now: number): readonly PathDiff[] {
  const next = inputs.revision + 1;
  return [...inputs.speakers.values()].map(({ record: { name, zone, asn } }) => {
    const speaker: PlannedSpeaker = { name, zone, asn };
    const before = planningContext(inputs, speaker, now);
    const after = contextAfter(writes, inputs, before, next);
    const diff: PathDiff = { speaker: name, announce: [], withdraw: [], change: [], keep: [] };
    for (const key of concerned(writes, inputs)) {
      const old = inputs.announcements.get(key);
      const isWritten = writes.announcements?.has(key) ?? false;
      const record = isWritten ? writes.announcements?.get(key) : old?.record;
      const kept = isWritten ? { createRevision: old?.createRevision ?? next, revision: next } : old;
      compare(
        old === undefined ? [] : desiredFor(old, before),
        record === undefined || kept === undefined ? [] : desiredFor({ ...kept, key, record }, after),
        record === undefined ? 'deleted' : 'nextHopRemoved',
        new Set(record?.spec.prefixes ?? []),
        diff,
      );
    }
    return diff;
  });
}

function concerned({ announcements, drains, projects }: PlannedWrites, inputs: Inputs): Iterable<string> {
  const reachesAll = (drains?.size ?? 0) + (projects?.size ?? 0) > 0;
  return new Set([...(announcements?.keys() ?? []), ...(reachesAll ? inputs.announcements.keys() : [])]);
}

function contextAfter(
  { drains, projects }: PlannedWrites,
  inputs: Inputs,
  before: PlanningContext,
  revision: number,
): PlanningContext {
  const later = <Item>(key: string, record: Item): Stored<Item> => ({
    key,
    record,
    createRevision: revision,
    revision,
  });
  const drained = new Map<string, Stored<PlannedDrain>>(inputs.drains);
  for (const [key, record] of drains ?? []) {
    if (record === undefined) drained.delete(key);
    else drained.set(key, later(key, record.spec));
  }
  return {
    ...before,
    drainIndex: drains === undefined ? before.drainIndex : indexDrains(drained.values()),
    project: (name) => {
      const key = `projects/${name}`;
      if (!projects?.has(key)) return before.project(name);
      const record = projects.get(key);
      return record && later(key, record);
    },
  };
}

function compare(
  before: readonly Decision[],
  after: readonly Decision[],
  goneReason: 'deleted' | 'nextHopRemoved',
  prefixesAfter: ReadonlySet<string>,
  diff: PathDiff,
): void {
  const nameOf = ({ prefix, nextHop }: Decision) => `${prefix} ${nextHop}`;
  const was = new Map(before.map((decision) => [nameOf(decision), decision]));
  for (const decision of after) {
    const { prefix, nextHop, reason } = decision;
    const old = was.get(nameOf(decision));
    was.delete(nameOf(decision));
    const path = { prefix, nextHop, reason };
    if (decision.type === 'announce') {
      if (old?.type !== 'announce') diff.announce.push(path);
      else if (attributesKey(old.attributes) !== attributesKey(decision.attributes)) diff.change.push(path);
    } else if (decision.type === 'keep') {
      if (old?.type !== 'keep' || old.reason !== reason) diff.keep.push(path);
    } else if (old !== undefined && old.type !== 'withdraw') diff.withdraw.push(path);
  }
  for (const { prefix, nextHop, type } of was.values()) {
    if (type === 'withdraw') continue;
    const prefixGone = goneReason !== 'deleted' && !prefixesAfter.has(prefix);
    diff.withdraw.push({ prefix, nextHop, reason: prefixGone ? 'prefixRemoved' : goneReason });
  }
}
