/** The objects that users write, as the store keeps them: what they are called, what of them can be read, what a write may depend on. */
import { CoreBgpError } from '../model/errors.ts';
import { isObject } from '../model/json-object.ts';
import {
  defaultProject,
  type MetadataInput,
  type ResourceRecord,
  recordKey,
  type UserKind,
  userKinds,
} from '../model/resource.ts';
import type { Reader, Seen } from './commit.ts';
import { unchangedSince } from './project-mark.ts';

export interface ObjectName {
  readonly name: string;
  readonly project?: string;
}

/** What the caller makes the write depend on. */
export interface Preconditions {
  /** The object must not exist: `alreadyExists` for a create, `conflict` for a replace. */
  readonly absent?: 'create' | 'replace';
  /** The object must exist at this revision. */
  readonly revision?: number;
}

/** What a change goes on from. @throws CoreBgpError `internal` when it is no record of the kind, in the format of this version. */
export function readable<Spec>(kind: UserKind, name: ObjectName, stored: Seen): ResourceRecord<Spec> {
  if (isRecord<Spec>(kind, stored.value) && stored.value.v === 1) return stored.value;
  throw new CoreBgpError(
    'internal',
    `The stored record of ${kind} "${refOf(name)}" can't be read; apply it again, or delete it.`,
    { reason: 'undecodable' },
  );
}

export function notFound(kind: UserKind, name: ObjectName): CoreBgpError {
  return new CoreBgpError('notFound', `There is no ${kind} "${refOf(name)}".`);
}

/** The object that a call is about. @throws CoreBgpError `notFound`, `alreadyExists`, `conflict`. */
export async function existing(
  kind: UserKind,
  name: ObjectName,
  preconditions: Preconditions,
  reader: Reader,
): Promise<Seen> {
  const before = await reader.get(keyOf(kind, name));
  if (before === undefined) throw notFound(kind, name);
  checkPreconditions(kind, name, before, preconditions);
  return before;
}

export const keyOf = (kind: UserKind, { name, project }: ObjectName) => recordKey(kind, name, project);

/** `shop/web`, or `rr1`. */
export function refOf({ name, project }: ObjectName): string {
  return project === undefined ? name : `${project}/${name}`;
}

export function objectName(kind: UserKind, { name, project }: Pick<MetadataInput, 'name' | 'project'>): ObjectName {
  if (userKinds[kind].inProject) return { name, project: project ?? defaultProject };
  if (project === undefined) return { name };
  throw new CoreBgpError('invalid', `A ${kind} belongs to no project; remove metadata.project.`, {
    field: 'metadata.project',
  });
}

/** @throws CoreBgpError `alreadyExists`, `conflict`. */
export function checkPreconditions(
  kind: UserKind,
  name: ObjectName,
  before: Seen | undefined,
  wanted: Preconditions,
): void {
  const what = `${kind} "${refOf(name)}"`;
  if (wanted.absent !== undefined && before !== undefined) {
    const code = wanted.absent === 'create' ? 'alreadyExists' : 'conflict';
    throw new CoreBgpError(
      code,
      `${what} exists already, at revision ${before.modRevision}; to replace it use PUT (corebgp apply) without If-None-Match.`,
    );
  }
  if (wanted.revision === undefined || wanted.revision === (before?.modRevision ?? 0)) return;
  // Deletions that mark a project, and perhaps give up, change nothing for whoever has read it before or meanwhile.
  const since = kind === 'Project' ? unchangedSince(before?.value) : undefined;
  if (before !== undefined && since !== undefined && wanted.revision >= since && wanted.revision < before.modRevision) {
    return;
  }
  throw new CoreBgpError(
    'conflict',
    before === undefined
      ? `${what} does not exist, so it is not at revision ${wanted.revision} as asked; to create it, leave the revision out.`
      : `${what} is at revision ${before.modRevision}, not at revision ${wanted.revision} as asked; read it again, then repeat the change on what it is now.`,
  );
}

/** What users write of it, beside its name: what versions are compared by. */
export function contentOf({ metadata: { labels = {}, annotations = {} }, spec }: ResourceRecord<unknown>) {
  return { metadata: { labels, annotations }, spec };
}

/**
 * Whether a stored value is a record of the kind at all. What it says in its spec was validated when written; whoever
 * decides on it decodes it strictly (planning/decode).
 */
export function isRecord<Spec>(kind: UserKind, value: unknown): value is ResourceRecord<Spec> {
  if (!isObject(value) || !isObject(value['metadata']) || !isObject(value['spec'])) return false;
  const { name, uid, createdAt, updatedAt } = value['metadata'];
  return value['kind'] === kind && [name, uid, createdAt, updatedAt].every((field) => typeof field === 'string');
}
