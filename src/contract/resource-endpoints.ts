/** The five calls that every kind users write has. */
import Type, { type TObject, type TSchema } from 'typebox';
import { apiVersion, Name, type UserKind, userKinds } from '../model/resource.ts';
import { endpoint, type Permission } from './endpoint.ts';

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
  Query extends TObject,
  Input extends TSchema,
  Output extends TSchema,
> {
  readonly kind: UserKind;
  /** For sentences: `an announcement`. */
  readonly noun: string;
  readonly writes: Permission;
  readonly params: Params;
  readonly listQuery: Query;
  readonly input: Input;
  readonly output: Output;
}

/** Said of a deleted object whose record this version can't read. */
export const UnreadableResource = Type.Object({
  apiVersion: Type.Literal(apiVersion),
  kind: Type.String(),
  metadata: Type.Object({
    name: Name,
    project: Type.Optional(Name),
    revision: Type.Integer({ description: 'Store revision of its last change.' }),
  }),
  unreadable: Type.Literal(true),
  message: Type.String({ description: 'What was deleted, and what could not be read.' }),
  stored: Type.Unknown({ description: 'What was stored; null when it was not even JSON.' }),
});

/** List, get, create, replace, delete. */
export function resourceEndpoints<
  Params extends TObject,
  Query extends TObject,
  Input extends TSchema,
  Output extends TSchema,
>(row: ResourceKind<Params, Query, Input, Output>) {
  const { collection, inProject } = userKinds[row.kind];
  const all = `/v1/${collection}`;
  const one = inProject ? `${all}/{project}/{name}` : `${all}/{name}`;
  const list = Type.Object({
    revision: Type.Integer({ description: 'Store revision at which the list is true.' }),
    stale: Type.Optional(
      Type.Boolean({ description: 'True while the store cannot be reached: answered from the cache.' }),
    ),
    resources: Type.Array(row.output),
  });
  return {
    list: endpoint({
      id: `${collection}.list`,
      method: 'GET',
      path: all,
      summary: `List every ${row.noun}.`,
      permission: 'read',
      query: row.listQuery,
      output: list,
    }),
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
      errors: ['alreadyExists', 'prefixTaken', 'notEntitled'],
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
  };
}
