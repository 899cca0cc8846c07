/**
 * Deletes a project that has no announcements, in two commits: mark it, look, delete it. What is created in it depends
 * on its record as it was read. So a create either comes before the mark, and is seen by the look; or it sees the mark.
 */

import { CoreBgpError } from '../model/errors.ts';
import { isObject } from '../model/json-object.ts';
import { isoTime } from '../runtime/clock.ts';
import { commitDecision, contended, type Plan, type Reader, type Seen } from './commit.ts';
import type { ApiContext } from './context.ts';
import { markOf, unchangedSince, unmarked, withMark, withoutMark } from './project-mark.ts';
import { deletion } from './resource-store.ts';
import { existing, keyOf, type ObjectName, type Preconditions } from './stored-objects.ts';

interface Step extends Plan {
  /** What was deleted, when this step does it. */
  readonly deleted?: Seen;
  /** Why it stays, when this step takes the mark away. */
  readonly refusal?: CoreBgpError;
}

const mostSteps = 6;

/** @returns what was deleted. @throws CoreBgpError `notFound`, `conflict`, `inUse`, `unavailable`. */
export async function removeProject(
  context: ApiContext,
  name: ObjectName,
  preconditions: Preconditions,
  signal: AbortSignal,
): Promise<Seen> {
  const key = keyOf('Project', name);
  for (let step = 0; step < mostSteps; step += 1) {
    const { plan } = await commitDecision(
      context,
      key,
      (reader) => nextStep(context, key, name, preconditions, reader, signal),
      signal,
    );
    if (plan.deleted !== undefined) return plan.deleted;
    if (plan.refusal !== undefined) throw plan.refusal;
  }
  throw contended(`project "${name.name}"`);
}

async function nextStep(
  context: ApiContext,
  key: string,
  name: ObjectName,
  preconditions: Preconditions,
  reader: Reader,
  signal: AbortSignal,
): Promise<Step> {
  const before = await existing('Project', name, preconditions, reader);
  const at = isoTime(context.clock);
  const conditions = [{ key, modRevision: before.modRevision }];
  const put = (value: unknown) => [{ op: 'put', key, value: JSON.stringify(value) } as const];
  const mark = markOf(before.value);
  const revision = unchangedSince(before.value) ?? before.modRevision;
  const refusal = await inUse(context, name, signal);
  const { value } = before;
  if (mark === undefined && isObject(value)) {
    if (refusal !== undefined) throw refusal;
    return { conditions, operations: put(withMark(value, { at, revision })) };
  }
  if (mark !== undefined && refusal !== undefined) {
    return { conditions, operations: put(unmarked(value)), refusal };
  }
  // One that is no object at all permits nothing, so nothing can be created in it meanwhile.
  if (refusal !== undefined) throw refusal;
  const deleted = { ...before, value: isObject(value) ? withoutMark(value) : value, modRevision: revision };
  return { conditions, operations: await deletion(context, key, deleted, at, signal), deleted };
}

/** Asks the store itself, after the project was read. */
async function inUse(
  { store }: ApiContext,
  { name }: ObjectName,
  signal: AbortSignal,
): Promise<CoreBgpError | undefined> {
  const { entries } = await store.list(`announcements/${name}/`, { limit: 1 }, signal);
  const [first] = entries;
  if (first === undefined) return undefined;
  const user = first.key.slice('announcements/'.length);
  return new CoreBgpError(
    'inUse',
    `Project "${name}" still has announcements, such as "${user}"; delete them first, then the project.`,
    { reason: 'inUse' },
  );
}
