/** The calls that every kind has, and those that write: admitted input in, resource out. */
import type { Static, TSchema } from 'typebox';
import type { EndpointInput } from '../contract/endpoint.ts';
import { fits, refusalOf } from '../contract/refusal.ts';
import type { UnreadableResource } from '../contract/resource-endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { apiVersion, type MetadataInput, type ResourceRecord, type UserKind } from '../model/resource.ts';
import type { Seen } from './commit.ts';
import type { ApiContext } from './context.ts';
import { historyOf } from './history.ts';
import { patch, type ResourcePatch } from './patch.ts';
import { readFunctions, type ServedKind, served } from './resource-lists.ts';
import { remove, write } from './resource-store.ts';
import { isRecord, type ObjectName, objectName, type Preconditions, refOf } from './stored-objects.ts';
import { undelete } from './undelete.ts';

interface Body<Spec> {
  readonly metadata: MetadataInput;
  readonly spec: Spec;
}
type Conditional = Pick<EndpointInput<never>, 'ifMatch' | 'ifAbsent'>;

/** @param kind with the schema of the resource as users write it. */
export function resourceFunctions<Kind extends UserKind, Spec, Status>(
  kind: ServedKind<Kind, Spec, Status> & { readonly input: TSchema },
) {
  const nameOf = (params: { readonly name: string; readonly project?: string }): ObjectName => params;

  const answer = (record: ResourceRecord<Spec>, revision: number) =>
    served<Kind, Spec, Status>(kind.kind, record, revision);

  return {
    ...readFunctions(kind),

    create: async (context: ApiContext, { body }: { readonly body: Body<Spec> }, signal: AbortSignal) => {
      const { record, revision } = await write(
        context,
        kind,
        body,
        { ...preconditionsOf({}, body.metadata), absent: 'create' },
        signal,
      );
      return answer(record, revision);
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
      return answer(record, revision);
    },

    patch: async (
      context: ApiContext,
      input: Conditional & {
        readonly params: { readonly name: string; readonly project?: string };
        readonly body: ResourcePatch;
      },
      signal: AbortSignal,
    ) => {
      const name = nameOf(input.params);
      const { metadata = {} } = input.body;
      checkSameName(kind.kind, name, { ...name, ...metadata });
      const preconditions = preconditionsOf(input, metadata);
      const { record, revision } = await patch(context, kind, kind.input, name, input.body, preconditions, signal);
      return answer(record, revision);
    },

    undelete: async (
      context: ApiContext,
      input: Conditional & { readonly params: { readonly name: string; readonly project?: string } },
      signal: AbortSignal,
    ) => {
      const name = nameOf(input.params);
      const { record, revision } = await undelete(context, kind, kind.input, name, preconditionsOf(input, {}), signal);
      return answer(record, revision);
    },

    history: (
      context: ApiContext,
      { params }: { readonly params: { readonly name: string; readonly project?: string } },
      signal: AbortSignal,
    ) => historyOf(context, kind.kind, nameOf(params), signal),

    delete: async (
      context: ApiContext,
      input: Conditional & { readonly params: { readonly name: string; readonly project?: string } },
      signal: AbortSignal,
    ) => {
      const name = nameOf(input.params);
      const deleted = await remove(context, kind, name, preconditionsOf(input, {}), signal);
      if (isRecord<Spec>(kind.kind, deleted.value)) {
        const resource = answer(deleted.value, deleted.modRevision);
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

function checkSameName(kind: UserKind, inPath: ObjectName, metadata: Pick<MetadataInput, 'name' | 'project'>): void {
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
