/** Apply: several resources, each created or replaced for itself, in order. A dry run decides the same and writes nothing. */

import type { Static, TSchema } from 'typebox';
import { type ApplyResult, applyEndpoint, mostPathsListed } from '../contract/apply-endpoint.ts';
import { AnnouncementInput, type AnnouncementRecord } from '../model/announcement.ts';
import { DrainInput, type DrainRecord } from '../model/drain.ts';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { type FieldChange, fieldChanges } from '../model/field-changes.ts';
import { isObject } from '../model/json-object.ts';
import { nearest } from '../model/nearest.ts';
import { PeerInput } from '../model/peer.ts';
import { ProjectInput, type ProjectRecord } from '../model/project.ts';
import { type MetadataInput, type UserKind, userKinds } from '../model/resource.ts';
import { type PathDiff, pathDiffs } from '../planning/path-diff.ts';
import { withDeadline } from '../runtime/abort.ts';
import { admittedResource } from './admitted.ts';
import { announcements } from './announcements.ts';
import { cacheReader, type Reader, type Seen } from './commit.ts';
import type { ApiContext, EndpointFunction } from './context.ts';
import { drains } from './drains.ts';
import { loadedPosition } from './loaded.ts';
import { peers } from './peers.ts';
import { projects } from './projects.ts';
import { planWrite, type ResourceKind, type WritePlan, write } from './resource-store.ts';
import { createSlices, inSlices } from './slices.ts';
import { contentOf, isRecord } from './stored-objects.ts';

type Result = Static<typeof ApplyResult>;

/** The rest of the call's time is for the answer: what was written by then must not go unsaid, milliseconds. */
const writeWithinMs = applyEndpoint.answerWithinMs - 2_000;

/** One resource, by its kind: admitted, then written or only planned. */
interface Applied {
  readonly result: WritePlan<unknown>['result'];
  readonly revision: number | undefined;
  readonly changes?: readonly FieldChange[];
}
interface Appliable {
  write(context: ApiContext, resource: unknown, signal: AbortSignal): Promise<Applied>;
  plan(context: ApiContext, resource: unknown, rehearsal: Rehearsal): Promise<Applied>;
}

const appliable: Record<UserKind, Appliable> = {
  Announcement: appliableKind(AnnouncementInput, announcements, (rehearsal, key, record) =>
    rehearsal.announcements.set(key, record),
  ),
  Drain: appliableKind(DrainInput, drains, (rehearsal, key, record) => rehearsal.drains.set(key, record)),
  Peer: appliableKind(PeerInput, peers, () => {}),
  Project: appliableKind(ProjectInput, projects, (rehearsal, key, record) => rehearsal.projects.set(key, record)),
};

export const apply: EndpointFunction<typeof applyEndpoint> = async (context, { query, body }, signal) => {
  loadedPosition(context);
  const dryRun = query.dryRun ?? false;
  const rehearsal = createRehearsal(context);
  const end = context.clock.now() + writeWithinMs;
  const slices = createSlices(context.clock, signal);
  const results: Result[] = [];
  for (const [index, resource] of body.resources.entries()) {
    signal.throwIfAborted();
    const named = { kind: kindOf(resource), name: nameOf(resource) };
    try {
      const kind = appliableOf(resource);
      const { result, revision, changes } = dryRun
        ? await kind.plan(context, resource, rehearsal)
        : await withinTime(context, end, signal, (inner) => kind.write(context, resource, inner));
      results.push({
        ...named,
        result,
        ...(revision === undefined ? {} : { revision }),
        ...(changes === undefined ? {} : { changes: [...changes] }),
      });
    } catch (caught) {
      signal.throwIfAborted();
      results.push({ ...named, result: 'failed', error: errorOf(caught, index) });
    }
    if (slices.over()) await slices.rest();
  }
  if (!dryRun) return { dryRun, results, paths: [] };
  const work = pathDiffs(rehearsal, context.inputs, context.clock.wall(), mostPathsListed);
  const paths = (await inSlices(work, slices)).map(answeredDiff);
  return { dryRun, results, paths };
};

function answeredDiff({ more: { announce, withdraw, change, keep }, ...listed }: PathDiff) {
  const more = {
    ...(announce === 0 ? {} : { announce }),
    ...(withdraw === 0 ? {} : { withdraw }),
    ...(change === 0 ? {} : { change }),
    ...(keep === 0 ? {} : { keep }),
  };
  return Object.keys(more).length === 0 ? listed : { ...listed, more };
}

/** @throws CoreBgpError `timeout` when the time for the whole call is over, which says whether this write had begun. */
async function withinTime<T>(
  { clock }: ApiContext,
  end: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const left = end - clock.now();
  const took = `The call took ${writeWithinMs / 1_000} s`;
  if (left <= 0) throw new CoreBgpError('timeout', `${took} before this resource's turn came; apply it again.`);
  try {
    return await withDeadline(clock, left, 'applying', signal, work);
  } catch (caught) {
    const isOver = caught instanceof CoreBgpError && caught.code === 'timeout' && clock.now() >= end;
    if (!isOver) throw caught;
    const detail = `${took} while this resource was being written, which may or may not have happened; apply it again.`;
    throw new CoreBgpError('timeout', detail, { cause: caught });
  }
}

/** What a dry run would have written, over the cache: later resources see earlier ones. */
interface Rehearsal {
  readonly reader: Reader;
  readonly written: Map<string, Seen | undefined>;
  readonly announcements: Map<string, AnnouncementRecord>;
  readonly drains: Map<string, DrainRecord>;
  readonly projects: Map<string, ProjectRecord>;
  removes(key: string): boolean;
}

function createRehearsal(context: ApiContext): Rehearsal {
  const written = new Map<string, Seen | undefined>();
  const cached = cacheReader(context);
  const reader: Reader = {
    get: async (key) => (written.has(key) ? written.get(key) : cached.get(key)),
    list: async (prefix) => {
      const seen = new Map(await cached.list(prefix));
      for (const [key, value] of written) {
        if (value === undefined) seen.delete(key);
        else if (key.startsWith(prefix)) seen.set(key, value);
      }
      return seen;
    },
  };
  const removes = (key: string) => written.has(key) && written.get(key) === undefined;
  return { reader, written, removes, announcements: new Map(), drains: new Map(), projects: new Map() };
}

function appliableKind<S extends TSchema & { readonly static?: unknown }, Spec>(
  schema: S,
  kind: ResourceKind<Spec>,
  note: (rehearsal: Rehearsal, key: string, record: WritePlan<Spec>['record']) => void,
): Appliable {
  const admitted = (resource: unknown) => admittedResource(kind, schema, resource);
  return {
    write: async (context, resource, signal) => {
      const input = admitted(resource);
      return await write(context, kind, input, preconditionsOf(input.metadata), signal);
    },
    plan: async (context, resource, rehearsal) => {
      const input = admitted(resource);
      const plan = await planWrite(context, kind, input, preconditionsOf(input.metadata), rehearsal.reader);
      for (const operation of plan.operations) {
        const before = await rehearsal.reader.get(operation.key);
        rehearsal.written.set(
          operation.key,
          operation.op === 'delete' ? undefined : rehearsed(operation.value, before),
        );
      }
      if (plan.result !== 'unchanged') note(rehearsal, plan.key, plan.record);
      return { result: plan.result, revision: plan.before?.modRevision, changes: changesOf(kind, plan) };
    },
  };
}

/** Of a new object, and of one whose stored record can't be read: all that is to be stored. */
function changesOf<Spec>({ kind }: ResourceKind<Spec>, { before, record, result }: WritePlan<Spec>) {
  if (result === 'unchanged') return [];
  const stored = before !== undefined && isRecord<Spec>(kind, before.value) ? contentOf(before.value) : empty;
  return fieldChanges(stored, contentOf(record));
}

const empty = { metadata: { labels: {}, annotations: {} }, spec: {} };

function rehearsed(text: string, before: Seen | undefined): Seen {
  const { createRevision = 0, modRevision = 0 } = before ?? {};
  const value: unknown = JSON.parse(text);
  return { value, createRevision, modRevision };
}

const preconditionsOf = ({ revision }: MetadataInput) => (revision === undefined ? {} : { revision });

function appliableOf(resource: unknown): Appliable {
  const kinds = Object.keys(userKinds);
  if (!isObject(resource))
    throw new CoreBgpError('invalid', 'A resource must be an object with kind, metadata and spec.');
  const kind = resource['kind'];
  if (isUserKind(kind)) return appliable[kind];
  const meant = typeof kind === 'string' ? nearest(kind, kinds) : undefined;
  const hint = meant === undefined ? `there are ${kinds.join(', ')}` : `did you mean "${meant}"?`;
  const what = kind === undefined ? 'kind is missing' : `There is no kind ${JSON.stringify(kind)} that can be applied`;
  throw new CoreBgpError('invalid', `${what}; ${hint}`, { field: 'kind' });
}

/** For the answer, also when the resource is not even well formed. */
function kindOf(resource: unknown): string {
  return isObject(resource) && typeof resource['kind'] === 'string' ? resource['kind'] : '';
}

function nameOf(resource: unknown): string {
  const metadata = isObject(resource) ? resource['metadata'] : undefined;
  if (!isObject(metadata) || typeof metadata['name'] !== 'string') return '';
  const { project, name } = { project: metadata['project'], name: metadata['name'] };
  if (kindOf(resource) !== 'Announcement') return name;
  return `${typeof project === 'string' ? project : 'default'}/${name}`;
}

function errorOf(caught: unknown, index: number): NonNullable<Result['error']> {
  const { code, message, field, reason } = toCoreBgpError(caught, `applying resources[${index}]`);
  return {
    code,
    detail: message,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function isUserKind(kind: unknown): kind is UserKind {
  return typeof kind === 'string' && Object.hasOwn(userKinds, kind);
}
