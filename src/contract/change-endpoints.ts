/** The calls of each kind that go from one version of an object to another, or tell of them: patch, undelete, history. */
import Type, { type TObject, type TSchema } from 'typebox';
import { FieldChange } from '../model/field-changes.ts';
import { oneOf } from '../model/one-of.ts';
import { apiVersion, MetadataInput, Name, type UserKind, userKinds } from '../model/resource.ts';
import { endpoint, jsonType, mergePatchType, none, type Permission } from './endpoint.ts';
import { listEndpoints } from './lists.ts';

/** What a merge patch may hold. What the merge makes of the object is admitted as if it had been put. */
function resourcePatch<Kind extends UserKind>(kind: Kind) {
  const merged = 'merged into what is stored: null removes a field, a list is replaced whole';
  return Type.Object(
    {
      apiVersion: Type.Optional(Type.Literal(apiVersion, { description: 'May be left out.' })),
      kind: Type.Optional(Type.Literal(kind, { description: 'May be left out.' })),
      metadata: Type.Optional(
        Type.Object(
          {
            ...MetadataInput.properties,
            name: Type.Optional(Name),
            labels: Type.Optional(Type.Unknown({ description: `Labels, ${merged}.` })),
            annotations: Type.Optional(Type.Unknown({ description: `Annotations, ${merged}.` })),
          },
          { additionalProperties: false, description: 'Only labels and annotations can be changed.' },
        ),
      ),
      spec: Type.Optional(Type.Unknown({ description: `The spec, ${merged}.` })),
      status: Type.Optional(Type.Unknown({ description: 'System field, ignored.' })),
    },
    { additionalProperties: false, title: `${kind}Patch`, description: 'A JSON merge patch (RFC 7396).' },
  );
}

export const versionActions = ['created', 'changed', 'deleted', 'undeleted'] as const;

export const Version = Type.Object(
  {
    revision: Type.Integer({ description: 'Store revision of the change.' }),
    at: Type.Optional(Type.String({ description: 'When, RFC 3339; absent when the version cannot be read.' })),
    action: oneOf(versionActions, { description: 'What made this version of the one before.' }),
    changes: Type.Optional(
      Type.Array(FieldChange, {
        description: 'How it differs from the version before; absent when that is not kept, or cannot be read.',
      }),
    ),
    labels: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Of this version.' })),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Of this version.' })),
    spec: Type.Optional(Type.Unknown({ description: 'Of this version; absent when the object was deleted.' })),
    unreadable: Type.Optional(
      Type.Literal(true, {
        description: 'This server cannot read the stored version, or it was too large to be kept.',
      }),
    ),
  },
  { title: 'Version', description: 'One version of an object, and how it came about.' },
);

export const History = Type.Object(
  {
    kind: Type.String({ description: 'What kind of object it is.' }),
    project: Type.Optional(Name),
    name: Name,
    exists: Type.Boolean({ description: 'False when the object is deleted.' }),
    versions: Type.Array(Version, {
      description: 'Newest first: the present one and the last ten before it, for 30 days.',
    }),
  },
  { title: 'History', description: 'The versions of one object that are still kept.' },
);

export function changeEndpoints<Kind extends UserKind, Params extends TObject, Output extends TSchema>(row: {
  readonly kind: Kind;
  readonly noun: string;
  readonly writes: Permission;
  readonly params: Params;
  readonly output: Output;
}) {
  const { collection, inProject } = userKinds[row.kind];
  const name = inProject ? '{project}/{name}' : '{name}';
  return {
    patch: endpoint({
      id: `${collection}.patch`,
      method: 'PATCH',
      path: `/v1/${collection}/${name}`,
      summary: `Change some fields of one ${row.noun}: a JSON merge patch (RFC 7396) on labels, annotations and spec.`,
      permission: row.writes,
      params: row.params,
      body: resourcePatch(row.kind),
      bodyTypes: [mergePatchType, jsonType],
      output: row.output,
      conditional: true,
      errors: ['notFound', 'conflict', 'prefixTaken', 'notEntitled', 'inUse', 'unsupportedMediaType'],
    }),
    undelete: endpoint({
      id: `${collection}.undelete`,
      method: 'POST',
      path: `/v1/${collection}/${name}/undelete`,
      summary: `Restore one ${row.noun} as it was when it was deleted; possible for 7 days. If-Match is the revision that it had then.`,
      permission: row.writes,
      params: row.params,
      output: row.output,
      conditional: true,
      errors: ['notFound', 'alreadyExists', 'conflict', 'tooLarge', 'prefixTaken', 'notEntitled', 'inUse'],
    }),
    history: endpoint({
      id: `${collection}.history`,
      method: 'GET',
      path: `/v1/history/${collection}/${name}`,
      summary: `The last versions of one ${row.noun}, also of a deleted one, and what changed with each.`,
      permission: 'read',
      params: row.params,
      output: History,
      errors: ['notFound'],
    }),
  };
}

export const DeletedObject = Type.Object(
  {
    kind: Type.String({ description: 'What kind of object it was.' }),
    project: Type.Optional(Name),
    name: Name,
    deletedAt: Type.String({ description: 'RFC 3339.' }),
    keptUntil: Type.String({ description: 'It can be restored until then, RFC 3339.' }),
    revision: Type.Integer({ description: 'Store revision of its last version.' }),
  },
  { title: 'DeletedObject', description: 'An object that was deleted and can be restored.' },
);

export const tombstoneEndpoints = listEndpoints({
  collection: 'tombstones',
  path: '/v1/tombstones',
  plural: 'deleted objects that can be restored, which they can for 7 days',
  filters: none,
  row: DeletedObject,
});

export const prefixHistoryEndpoint = endpoint({
  id: 'history.prefix',
  method: 'GET',
  path: '/v1/history',
  summary: 'The history of the announcement that has the prefix, or was the last one to have it within 7 days.',
  permission: 'read',
  query: Type.Object(
    { prefix: Type.String({ minLength: 2, maxLength: 49, description: 'CIDR, as announced: 203.0.113.10/32.' }) },
    { additionalProperties: false },
  ),
  output: History,
  errors: ['notFound'],
});
