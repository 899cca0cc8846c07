/** The five calls that every kind has: admitted input in, resource out. */
import type { Static, TSchema } from 'typebox';
import type { EndpointInput } from '../contract/endpoint.ts';
import { fits, refusalOf } from '../contract/refusal.ts';
import type { UnreadableResource } from '../contract/resource-endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import {
  apiVersion,
  type Metadata,
  type MetadataInput,
  type ResourceRecord,
  recordKey,
  type UserKind,
  userKinds,
} from '../model/resource.ts';
import { breathe } from '../runtime/breathe.ts';
import type { Seen } from './commit.ts';
import type { ApiContext } from './context.ts';
import {
  isRecord,
  notFound,
  type ObjectName,
  objectName,
  type Preconditions,
  type ResourceKind,
  refOf,
  remove,
  write,
} from './resource-store.ts';

export interface ServedKind<Kind extends UserKind, Spec, Status> extends ResourceKind<Spec> {
  readonly kind: Kind;
  /** The contract's schema of what is answered. */
  readonly output: TSchema;
  /** Computed when read. Absent: the kind has none. */
  status?(context: ApiContext, name: ObjectName): Status;
}

export interface Served<Kind extends UserKind, Spec, Status> {
  apiVersion: typeof apiVersion;
  kind: Kind;
  metadata: Metadata;
  spec: Spec;
  status?: Status;
}

interface Body<Spec> {
  readonly metadata: MetadataInput;
  readonly spec: Spec;
}
type Conditional = Pick<EndpointInput<never>, 'ifMatch' | 'ifAbsent'>;

/** A slice of a long list may take this long before other work gets its turn, milliseconds. */
const sliceMs = 5;

export function resourceFunctions<Kind extends UserKind, Spec, Status>(kind: ServedKind<Kind, Spec, Status>) {
  const nameOf = (params: { readonly name: string; readonly project?: string }): ObjectName => params;

  const served = (record: ResourceRecord<Spec>, revision: number): Served<Kind, Spec, Status> => ({
    apiVersion,
    kind: kind.kind,
    metadata: { ...record.metadata, revision },
    spec: record.spec,
  });
  const withStatus = (context: ApiContext, record: ResourceRecord<Spec>, revision: number) => {
    const resource = served(record, revision);
    if (kind.status === undefined) return resource;
    const { name, project } = record.metadata;
    const status = kind.status(context, project === undefined ? { name } : { name, project });
    return { ...resource, status };
  };
  const readable = (stored: Seen, name: ObjectName): ResourceRecord<Spec> => {
    if (isRecord<Spec>(kind.kind, stored.value)) return stored.value;
    throw new CoreBgpError(
      'internal',
      `The stored record of ${kind.kind} "${refOf(name)}" can't be read; apply it again, or delete it.`,
      { reason: 'undecodable' },
    );
  };

  return {
    list: async (
      context: ApiContext,
      { query }: { readonly query: { readonly project?: string; readonly labels?: string } },
      signal: AbortSignal,
    ) => {
      const { cache, clock } = context;
      const position = loadedPosition(context);
      const { collection } = userKinds[kind.kind];
      const below = query.project === undefined ? '' : `${collection}/${query.project}/`;
      const matches = labelFilter(query.labels);
      const entries = [...cache.under(collection).values()].filter((entry) => entry.key.startsWith(below));
      entries.sort((a, b) => (a.key < b.key ? -1 : 1));
      const resources: Served<Kind, Spec, Status>[] = [];
      let sliceEnd = clock.now() + sliceMs;
      for (const { value, modRevision, key } of entries) {
        if (!isRecord<Spec>(kind.kind, value)) {
          context.log.warn({ key }, 'a stored record cannot be read and is left out of the list');
          continue;
        }
        if (!matches(value.metadata.labels ?? {})) continue;
        resources.push(withStatus(context, value, modRevision));
        if (clock.now() < sliceEnd) continue;
        await breathe();
        signal.throwIfAborted();
        sliceEnd = clock.now() + sliceMs;
      }
      return { revision: position.revision, ...(cache.isFresh() ? {} : { stale: true }), resources };
    },

    get: async (
      context: ApiContext,
      { params }: { readonly params: { readonly name: string; readonly project?: string } },
    ) => {
      loadedPosition(context);
      const name = nameOf(params);
      const entry = context.cache.get(recordKey(kind.kind, name.name, name.project));
      if (entry === undefined) throw notFound(kind.kind, name);
      return withStatus(context, readable(entry, name), entry.modRevision);
    },

    create: async (context: ApiContext, { body }: { readonly body: Body<Spec> }, signal: AbortSignal) => {
      const { record, revision } = await write(context, kind, body, { absent: 'create' }, signal);
      return served(record, revision);
    },

    replace: async (
      context: ApiContext,
      input: Conditional & {
        readonly params: { readonly name: string; readonly project?: string };
        readonly body: Body<Spec>;
      },
      signal: AbortSignal,
    ) => {
      checkSameName(kind.kind, nameOf(input.params), input.body.metadata);
      const preconditions = preconditionsOf(input, input.body.metadata);
      const { record, revision } = await write(context, kind, input.body, preconditions, signal);
      return served(record, revision);
    },

    delete: async (
      context: ApiContext,
      input: Conditional & { readonly params: { readonly name: string; readonly project?: string } },
      signal: AbortSignal,
    ) => {
      const name = nameOf(input.params);
      const deleted = await remove(context, kind, name, preconditionsOf(input, {}), signal);
      if (isRecord<Spec>(kind.kind, deleted.value)) {
        const resource = served(deleted.value, deleted.modRevision);
        if (fits(kind.output, resource)) return resource;
        return unreadable(kind.kind, name, deleted, refusalOf(kind.output, resource)?.field);
      }
      return unreadable(kind.kind, name, deleted, undefined);
    },
  };
}

/** A deleted record that nobody could read: what can be said of it. */
function unreadable(
  kind: UserKind,
  name: ObjectName,
  { value, modRevision }: Seen,
  field: string | undefined,
): Static<typeof UnreadableResource> {
  const at = field === undefined || field === '' ? '' : ` (at ${field})`;
  return {
    apiVersion,
    kind,
    metadata: { ...name, revision: modRevision },
    unreadable: true,
    message: `${kind} "${refOf(name)}" was deleted, with all it held; its stored record could not be read${at}.`,
    stored: value,
  };
}

export function loadedPosition({ cache }: ApiContext) {
  const position = cache.position();
  if (position !== undefined) return position;
  throw new CoreBgpError('unavailable', 'The server has not loaded the store yet; try again shortly.', {
    retryAfterMs: 1_000,
  });
}

function checkSameName(kind: UserKind, inPath: ObjectName, metadata: MetadataInput): void {
  const inBody = objectName(kind, metadata);
  for (const field of ['name', 'project'] as const) {
    if (inBody[field] === inPath[field]) continue;
    throw new CoreBgpError(
      'invalid',
      `metadata.${field} is "${inBody[field]}", but the path says "${inPath[field]}"; they must be the same.`,
      { field: `metadata.${field}` },
    );
  }
}

function preconditionsOf({ ifMatch, ifAbsent }: Conditional, metadata: Pick<MetadataInput, 'revision'>): Preconditions {
  const { revision } = metadata;
  if (ifMatch !== undefined && revision !== undefined && ifMatch !== revision) {
    throw new CoreBgpError(
      'invalid',
      `metadata.revision is ${revision}, but If-Match says ${ifMatch}; give one of them, or the same.`,
      { field: 'metadata.revision' },
    );
  }
  const wanted = ifMatch ?? revision;
  return {
    ...(wanted === undefined ? {} : { revision: wanted }),
    ...(ifAbsent === true ? { absent: 'replace' as const } : {}),
  };
}

/** Of "team=edge,tier=1"; everything without a selector. */
function labelFilter(selector: string | undefined): (labels: Readonly<Record<string, string>>) => boolean {
  const wanted = (selector ?? '')
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
    });
  return (labels) => wanted.every(([name, value]) => labels[name] === value);
}
