/** Create, replace and delete of the kinds that users write: one conditional commit each, with all that belongs to it. */
import { isDeepStrictEqual } from 'node:util';
import { CoreBgpError } from '../model/errors.ts';
import type { Problem } from '../model/problem.ts';
import type { MetadataInput, ResourceRecord, UserKind } from '../model/resource.ts';
import { type ObjectTombstone, objectTombstoneKey } from '../model/tombstone.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Operation } from '../store/store.ts';
import { commitDecision, type Plan, type Reader, type Seen } from './commit.ts';
import type { ApiContext } from './context.ts';
import { keptVersion } from './kept-version.ts';
import { withoutMark } from './project-mark.ts';
import { keepingText, mostTombstoneBytes, recordText } from './record-size.ts';
import {
  checkPreconditions,
  contentOf,
  existing,
  isRecord,
  keyOf,
  type ObjectName,
  objectName,
  type Preconditions,
  refOf,
} from './stored-objects.ts';

/** What a kind does beyond keeping its record. */
export interface ResourceKind<Spec> {
  readonly kind: UserKind;
  /** What no schema can say. */
  problems(spec: Spec): readonly Problem[];
  /** Conditions and operations that belong to a write. @throws CoreBgpError when it isn't allowed. */
  writing?(context: ApiContext, write: Write<Spec>, reader: Reader): Promise<Plan>;
  deleting?(context: ApiContext, deletion: Deletion, reader: Reader): Promise<Plan>;
  /** Instead of the one commit that deletes other kinds. @returns what was deleted. */
  removing?(context: ApiContext, name: ObjectName, preconditions: Preconditions, signal: AbortSignal): Promise<Seen>;
}

export interface Write<Spec> {
  /** `shop/web`, or `rr1`. */
  readonly ref: string;
  readonly record: ResourceRecord<Spec>;
  /** What is stored now; unknown, as it may not be readable. */
  readonly before: Seen | undefined;
  readonly at: string;
}

export interface Deletion {
  readonly ref: string;
  readonly before: Seen;
  readonly at: string;
}

export interface WritePlan<Spec> extends Plan {
  readonly key: string;
  /** As it is to be stored; for an unchanged one as it is. */
  readonly record: ResourceRecord<Spec>;
  readonly result: 'created' | 'changed' | 'unchanged';
  /** The object as it was; for an unchanged one it still is. */
  readonly before: Seen | undefined;
}

/** Plans one write on what the reader shows; writes nothing. */
export async function planWrite<Spec>(
  context: ApiContext,
  kind: ResourceKind<Spec>,
  input: ResourceInput<Spec>,
  preconditions: Preconditions,
  reader: Reader,
): Promise<WritePlan<Spec>> {
  const name = objectName(kind.kind, input.metadata);
  const before = await reader.get(keyOf(kind.kind, name));
  checkPreconditions(kind.kind, name, before, preconditions);
  return await planOn(context, kind, input, before, reader);
}

/**
 * The same on a version that was read already, which is among the conditions.
 * @param former what the object goes on from, with its uid and all that a newer version wrote beside what this one
 * knows. Default: the version before.
 * @throws CoreBgpError `tooLarge`, and what the kind refuses.
 */
export async function planOn<Spec>(
  context: ApiContext,
  kind: ResourceKind<Spec>,
  input: ResourceInput<Spec>,
  before: Seen | undefined,
  reader: Reader,
  former?: ResourceRecord<Spec>,
): Promise<WritePlan<Spec>> {
  const name = objectName(kind.kind, input.metadata);
  const key = keyOf(kind.kind, name);
  const at = isoTime(context.clock);
  const stored = before !== undefined && isRecord<Spec>(kind.kind, before.value) ? before.value : undefined;
  const record = recordOf(context, kind.kind, name, input, former ?? stored, at);
  if (stored !== undefined && sameContent(stored, record)) {
    return { key, before, record: stored, result: 'unchanged', conditions: [], operations: [] };
  }
  const value = recordText(name, record);
  const write = { ref: refOf(name), record, before, at };
  const more = (await kind.writing?.(context, write, reader)) ?? { conditions: [], operations: [] };
  return {
    key,
    before,
    record,
    result: before === undefined ? 'created' : 'changed',
    conditions: [{ key, modRevision: before?.modRevision ?? 0 }, ...more.conditions],
    operations: [{ op: 'put', key, value }, ...more.operations],
  };
}

export interface ResourceInput<Spec> {
  readonly metadata: MetadataInput;
  readonly spec: Spec;
}

export interface Written<Spec> {
  readonly record: ResourceRecord<Spec>;
  readonly revision: number;
  readonly result: WritePlan<Spec>['result'];
}

/** @throws CoreBgpError `invalid`, `alreadyExists`, `conflict`, and what the kind refuses. */
export async function write<Spec>(
  context: ApiContext,
  kind: ResourceKind<Spec>,
  input: ResourceInput<Spec>,
  preconditions: Preconditions,
  signal: AbortSignal,
): Promise<Written<Spec>> {
  checkSpec(kind, input.spec);
  const name = objectName(kind.kind, input.metadata);
  return await commitWrite(
    context,
    keyOf(kind.kind, name),
    (reader) => planWrite(context, kind, input, preconditions, reader),
    signal,
  );
}

/** Commits what is planned, and with it the version that it replaces. */
export async function commitWrite<Spec>(
  context: ApiContext,
  key: string,
  decide: (reader: Reader) => Promise<WritePlan<Spec>>,
  signal: AbortSignal,
): Promise<Written<Spec>> {
  const { plan, revision } = await commitDecision(
    context,
    key,
    async (reader) => {
      const planned = await decide(reader);
      if (planned.result !== 'changed' || planned.before === undefined) return planned;
      const at = planned.record.metadata.updatedAt;
      const version = await keptVersion(context, key, planned.before, 'changed', at, signal);
      return { ...planned, operations: [...planned.operations, ...version] };
    },
    signal,
  );
  const { record, result } = plan;
  return { record, result, revision: revision ?? plan.before?.modRevision ?? 0 };
}

/** @throws CoreBgpError `invalid` with the first problem's field. */
export function checkSpec<Spec>(kind: ResourceKind<Spec>, spec: Spec): void {
  const [first, ...others] = kind.problems(spec);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` Also wrong: ${others.map(({ field }) => field).join(', ')}.`;
  const stop = /[.?]$/.test(first.problem) ? '' : '.';
  throw new CoreBgpError('invalid', `${first.field}: ${first.problem}${stop}${more}`, { field: first.field });
}

/** @returns what was deleted. @throws CoreBgpError `notFound`, `conflict`, `inUse`. */
export async function remove(
  context: ApiContext,
  kind: Omit<ResourceKind<never>, 'problems' | 'writing'>,
  name: ObjectName,
  preconditions: Preconditions,
  signal: AbortSignal,
): Promise<Seen> {
  if (kind.removing !== undefined) return await kind.removing(context, name, preconditions, signal);
  const key = keyOf(kind.kind, name);
  const { plan } = await commitDecision(
    context,
    key,
    async (reader) => {
      const before = await existing(kind.kind, name, preconditions, reader);
      const at = isoTime(context.clock);
      const more = await kind.deleting?.(context, { ref: refOf(name), before, at }, reader);
      return {
        before,
        conditions: [{ key, modRevision: before.modRevision }, ...(more?.conditions ?? [])],
        operations: [...(await deletion(context, key, before, at, signal)), ...(more?.operations ?? [])],
      };
    },
    signal,
  );
  return plan.before;
}

/**
 * Deletes the record, and keeps it: as the tombstone, and as a version. However large it is, it can be deleted: what
 * would not fit into the commit is not kept.
 * @param before as it was for its users.
 */
export async function deletion(
  context: ApiContext,
  key: string,
  before: Seen,
  at: string,
  signal: AbortSignal,
): Promise<readonly Operation[]> {
  const tombstone: ObjectTombstone = { v: 1, at, revision: before.modRevision, record: before.value };
  return [
    { op: 'delete', key },
    { op: 'put', key: objectTombstoneKey(key), value: keepingText(tombstone, mostTombstoneBytes) },
    ...(await keptVersion(context, key, before, 'deleted', at, signal)),
  ];
}

/**
 * Fields that this version doesn't know stay as they are, outside of the spec: a newer version wrote them. Of a record in
 * another format nothing but its identity stays, as nobody here knows what the rest means beside a spec of this one.
 */
function recordOf<Spec>(
  context: ApiContext,
  kind: UserKind,
  { name, project }: ObjectName,
  { metadata, spec }: ResourceInput<Spec>,
  former: ResourceRecord<unknown> | undefined,
  at: string,
): ResourceRecord<Spec> {
  const rest = former?.v === 1 ? former : undefined;
  const { labels: _, annotations: __, ...kept } = rest?.metadata ?? {};
  return {
    ...(kind === 'Project' ? withoutMark({ ...rest }) : rest),
    v: 1,
    kind,
    metadata: {
      ...kept,
      name,
      ...(project === undefined ? {} : { project }),
      ...words('labels', metadata.labels),
      ...words('annotations', metadata.annotations),
      uid: former?.metadata.uid ?? context.newId(),
      createdAt: former?.metadata.createdAt ?? at,
      updatedAt: at,
    },
    spec,
  };
}

function words<Field extends string>(field: Field, given: Record<string, string> | undefined) {
  return given === undefined || Object.keys(given).length === 0 ? {} : { [field]: given };
}

function sameContent<Spec>(stored: ResourceRecord<Spec>, record: ResourceRecord<Spec>): boolean {
  const { name, project } = stored.metadata;
  // In another format planning can't read it, whatever it says: writing it again mends that.
  if (stored.v !== 1 || name !== record.metadata.name || project !== record.metadata.project) return false;
  return isDeepStrictEqual(contentOf(stored), contentOf(record));
}
