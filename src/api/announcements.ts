/** Announcements: what a write must hold beyond its schema (entitlement, one owner a prefix), and what it leaves behind. */
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { CoreBgpError } from '../model/errors.ts';
import { healthKey } from '../model/health.ts';
import { defaultProject, recordKey } from '../model/resource.ts';
import { type PrefixTombstone, prefixOwnerKey, prefixTombstoneKey } from '../model/tombstone.ts';
import { announcementProblems } from '../model/validate-announcement.ts';
import { decodeAnnouncement, decodeProject } from '../planning/decode.ts';
import { entitled } from '../planning/entitlement.ts';
import { tasksOf } from '../planning/tasks.ts';
import type { Condition, Operation } from '../store/store.ts';
import type { Plan, Reader } from './commit.ts';
import type { ApiContext } from './context.ts';
import { isInForce, markOf, withoutMark } from './project-mark.ts';
import type { ResourceKind } from './resource-store.ts';

/** At `prefixes/<family>/<prefix>`. */
interface PrefixOwner {
  readonly v: 1;
  /** project/name */
  readonly owner: string;
}

export const announcements: ResourceKind<AnnouncementSpec> = {
  kind: 'Announcement',
  problems: announcementProblems,

  writing: async (context, { ref, record, before, at }, reader) => {
    const permit = await permission(context, record, before === undefined, reader);
    const held = before === undefined ? new Set<string>() : await heldPrefixes(ref, before.value, reader);
    const wanted = new Set(record.spec.prefixes);
    const taken = await take(
      [...wanted].filter((prefix) => !held.has(prefix)),
      ref,
      reader,
    );
    const dropped = [...held].filter((prefix) => !wanted.has(prefix));
    const old = await oldVerdicts(context, record, reader);
    return {
      conditions: [...permit.conditions, ...taken.conditions, ...old.conditions],
      operations: [
        ...permit.operations,
        ...taken.operations,
        ...release(dropped, ref, 'prefixRemoved', at),
        ...old.operations,
      ],
    };
  },

  deleting: async (_context, { ref, before, at }, reader) => ({
    conditions: [],
    operations: release([...(await heldPrefixes(ref, before.value, reader))], ref, 'deleted', at),
  }),
};

/** The project as it is read here must still be the same when the write happens. */
async function permission(
  { clock }: ApiContext,
  record: AnnouncementRecord,
  isNew: boolean,
  reader: Reader,
): Promise<Plan> {
  const name = record.metadata.project ?? defaultProject;
  const key = recordKey('Project', name, undefined);
  const stored = await reader.get(key);
  if (stored === undefined) {
    throw new CoreBgpError(
      'notEntitled',
      `There is no project "${name}", so nothing may be announced for it. Create it, with the prefixes and the next hops' CIDRs it may use: corebgp apply -f with kind: Project, metadata: { name: ${name} }, spec: { prefixes: [{ prefix: … }], nextHops: [ … ] }.`,
      { field: 'metadata.project', reason: 'projectUnknown' },
    );
  }
  const project = decodeProject(key, stored.value);
  if (!project.ok) {
    throw new CoreBgpError(
      'internal',
      `The record of project "${name}" can't be read (${project.problem}); apply it again.`,
    );
  }
  const entitlement = entitled(project.record, record);
  if (!entitlement.ok) throw refusal(name, record.spec, entitlement);
  const conditions = [{ key, modRevision: stored.modRevision }];
  const mark = markOf(stored.value);
  if (!isNew || mark === undefined) return { conditions, operations: [] };
  if (isInForce(mark, clock)) {
    throw new CoreBgpError(
      'inUse',
      `Project "${name}" is being deleted, so nothing can be created in it. Create the project again first, or use another.`,
      { field: 'metadata.project', reason: 'projectDeleting' },
    );
  }
  return { conditions, operations: [{ op: 'put', key, value: JSON.stringify(withoutMark(stored.value)) }] };
}

/**
 * Nobody has probed for a task that no announcement asked for: what was once found out about it is no verdict any more,
 * though a live claim stands behind its shard. So a task that is asked for anew begins undecided.
 */
async function oldVerdicts({ inputs }: ApiContext, record: AnnouncementRecord, reader: Reader): Promise<Plan> {
  const conditions: Condition[] = [];
  const operations: Operation[] = [];
  for (const { taskId } of tasksOf(record)) {
    if (inputs.announcementsOf(taskId).length > 0) continue;
    const key = healthKey(taskId);
    const stored = await reader.get(key);
    if (stored === undefined) continue;
    conditions.push({ key, modRevision: stored.modRevision });
    operations.push({ op: 'delete', key });
  }
  return { conditions, operations };
}

function refusal(project: string, spec: AnnouncementSpec, entitlement: ReturnType<typeof entitled>): CoreBgpError {
  const fields = [
    ...spec.prefixes.map((prefix, index) => ({
      field: `spec.prefixes[${index}]`,
      permit: entitlement.prefixes.get(prefix),
    })),
    ...spec.nextHops.map(({ address }, index) => ({
      field: `spec.nextHops[${index}].address`,
      permit: entitlement.nextHops.get(address),
    })),
  ];
  for (const { field, permit } of fields) {
    if (permit === undefined || permit.ok) continue;
    // No project can permit that one.
    const how =
      permit.reason === 'prefixTooShort'
        ? ''
        : ` To change the project: corebgp get project ${project} -o yaml > project.yaml, edit it, corebgp apply -f project.yaml.`;
    const sentence = permit.message.charAt(0).toUpperCase() + permit.message.slice(1);
    return new CoreBgpError('notEntitled', `${sentence}.${how}`, { field, reason: permit.reason });
  }
  return new CoreBgpError('notEntitled', `Project "${project}" does not permit this announcement.`);
}

/** Each prefix has one owner: its key must be absent, or name this one or one that doesn't exist; it is written in the same commit. */
async function take(prefixes: readonly string[], ref: string, reader: Reader): Promise<Plan> {
  const conditions: Condition[] = [];
  const operations: Operation[] = [];
  for (const prefix of prefixes) {
    const key = prefixOwnerKey(prefix);
    const stored = await reader.get(key);
    const owner = ownerOf(stored?.value);
    if (stored !== undefined && owner !== ref) {
      const ownersKey = owner === undefined ? undefined : `announcements/${owner}`;
      if (ownersKey === undefined || (await reader.get(ownersKey)) !== undefined) throw prefixTaken(prefix, owner);
      // Left over: it may be taken as long as its owner does not exist.
      conditions.push({ key: ownersKey, modRevision: 0 });
    }
    const value: PrefixOwner = { v: 1, owner: ref };
    // Its own already, though its record didn't say so: left over from an older one.
    conditions.push({ key, modRevision: stored?.modRevision ?? 0 });
    operations.push(
      { op: 'put', key, value: JSON.stringify(value) },
      { op: 'delete', key: prefixTombstoneKey(prefix) },
    );
  }
  return { conditions, operations };
}

function prefixTaken(prefix: string, owner: string | undefined): CoreBgpError {
  return new CoreBgpError(
    'prefixTaken',
    `Prefix ${prefix} belongs to announcement "${owner ?? 'unknown'}"; a prefix has one owner. Remove it there first, or add the next hops to that announcement.`,
    { reason: 'prefixTaken' },
  );
}

function release(prefixes: readonly string[], owner: string, cause: PrefixTombstone['cause'], at: string): Operation[] {
  return prefixes.flatMap((prefix): Operation[] => {
    const tombstone: PrefixTombstone = { v: 1, prefix, owner, cause, at };
    return [
      { op: 'delete', key: prefixOwnerKey(prefix) },
      { op: 'put', key: prefixTombstoneKey(prefix), value: JSON.stringify(tombstone) },
    ];
  });
}

/**
 * What it owns by its record; by the owner keys when that can't be read, so that none is left over. Owner keys change
 * only together with their announcement, so what is seen here holds as long as the record is the one that was read.
 */
async function heldPrefixes(ref: string, value: unknown, reader: Reader): Promise<ReadonlySet<string>> {
  const decoded = decodeAnnouncement(`announcements/${ref}`, value);
  if (decoded.ok) return new Set(decoded.record.spec.prefixes);
  const held = [...(await reader.list('prefixes/'))].filter(([, entry]) => ownerOf(entry.value) === ref);
  return new Set(held.map(([key]) => (key.split('/')[2] ?? '').replace('_', '/')));
}

/** Of an owner key, or of the tombstone of a prefix: project/name. */
export function ownerOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('owner' in value)) return undefined;
  return typeof value.owner === 'string' ? value.owner : undefined;
}
