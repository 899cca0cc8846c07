/** The five calls that every kind users write has. */
import Type, { type TObject, type TProperties, type TSchema } from 'typebox';
import { oneOf } from '../model/one-of.ts';
import { apiVersion, Name, type UserKind, userKinds } from '../model/resource.ts';
import { changeEndpoints } from './change-endpoints.ts';
import { endpoint, type Permission } from './endpoint.ts';
import { listEndpoints } from './lists.ts';

export const projectParams = Type.Object({ project: Name, name: Name }, { additionalProperties: false });
export const nameParams = Type.Object({ name: Name }, { additionalProperties: false });

const LabelSelector = Type.String({
  pattern: '^[A-Za-z0-9][-A-Za-z0-9_./]*=[^,]*(,[A-Za-z0-9][-A-Za-z0-9_./]*=[^,]*)*$',
  description: 'Only objects with these labels: "team=edge,tier=1".',
});
export const clusterListQuery = Type.Object({ labels: Type.Optional(LabelSelector) }, { additionalProperties: false });
export const projectListQuery = Type.Object(
  { project: Type.Optional(Name), labels: Type.Optional(LabelSelector) },
  { additionalProperties: false },
);

export interface ResourceKind<
  Params extends TObject,
  Filters extends TProperties,
  Input extends TSchema,
  Output extends TSchema,
> {
  readonly kind: UserKind;
  /** For sentences: `an announcement`. */
  readonly noun: string;
  readonly writes: Permission;
  readonly params: Params;
  readonly listQuery: TObject<Filters>;
  readonly input: Input;
  readonly output: Output;
}

export const kindWord = (description: string) =>
  oneOf(['Announcement', 'Drain', 'Peer', 'Project'] as const satisfies readonly UserKind[], { description });

/** Said of a deleted object whose record this version can't read. */
export const UnreadableResource = Type.Object(
  {
    apiVersion: Type.Literal(apiVersion, { description: `The only version there is: ${apiVersion}.` }),
    kind: kindWord('What kind of resource it was.'),
    metadata: Type.Object(
      {
        name: Name,
        project: Type.Optional(Name),
        revision: Type.Integer({ description: 'Store revision of its last change.' }),
      },
      { description: 'Names the object.' },
    ),
    unreadable: Type.Literal(true, { description: 'Tells it from a resource.' }),
    message: Type.String({ description: 'What was deleted, and what could not be read.' }),
    stored: Type.Unknown({ description: 'What was stored; null when it was not even JSON.' }),
  },
  { title: 'UnreadableResource', description: "Said of a deleted object whose record this version can't read." },
);

/** List, get, create, replace, delete; patch, undelete, history. */
export function resourceEndpoints<
  Kind extends UserKind,
  Params extends TObject,
  Filters extends TProperties,
  Input extends TSchema,
  Output extends TSchema,
>(row: ResourceKind<Params, Filters, Input, Output> & { readonly kind: Kind }) {
  const { collection, inProject } = userKinds[row.kind];
  const all = `/v1/${collection}`;
  const one = inProject ? `${all}/{project}/{name}` : `${all}/{name}`;
  return {
    ...listEndpoints({ collection, path: all, plural: collection, filters: row.listQuery, row: row.output }),
    get: endpoint({
      id: `${collection}.get`,
      method: 'GET',
      path: one,
      summary: `Get one ${row.noun}, with its status.`,
      permission: 'read',
      params: row.params,
      output: row.output,
      errors: ['notFound'],
    }),
    create: endpoint({
      id: `${collection}.create`,
      method: 'POST',
      path: all,
      summary: `Create a new ${row.noun}.`,
      permission: row.writes,
      body: row.input,
      output: row.output,
      status: 201,
      errors: ['alreadyExists', 'conflict', 'prefixTaken', 'notEntitled', 'inUse'],
    }),
    replace: endpoint({
      id: `${collection}.replace`,
      method: 'PUT',
      path: one,
      summary: `Create or replace one ${row.noun}.`,
      permission: row.writes,
      params: row.params,
      body: row.input,
      output: row.output,
      conditional: true,
      errors: ['conflict', 'prefixTaken', 'notEntitled', 'inUse'],
    }),
    delete: endpoint({
      id: `${collection}.delete`,
      method: 'DELETE',
      path: one,
      summary: `Delete one ${row.noun}; answers what was deleted.`,
      permission: row.writes,
      params: row.params,
      output: Type.Union([row.output, UnreadableResource]),
      conditional: true,
      errors: ['notFound', 'conflict', 'inUse'],
    }),
    ...changeEndpoints(row),
  };
}
