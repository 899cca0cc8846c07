/** What every resource has: kind, metadata, spec; and the kinds there are. */
import Type, { type Static, type TSchema } from 'typebox';

export const apiVersion = 'corebgp/v1';

/** RFC 1123 label: what a resource, a project or a zone may be called. */
export const namePattern = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';
export const Name = Type.String({
  title: 'Name',
  pattern: namePattern,
  description: 'Lower-case letters, digits and "-"; at most 63 characters.',
});

export const defaultProject = 'default';

/** Kinds that users write, with the collection their records live in and whether they belong to a project. */
export const userKinds = {
  Announcement: { collection: 'announcements', inProject: true },
  Drain: { collection: 'drains', inProject: false },
  Peer: { collection: 'peers', inProject: false },
  Project: { collection: 'projects', inProject: false },
} as const;
export type UserKind = keyof typeof userKinds;

/** Every collection of records: the first part of a key, and what a watch may ask for. */
export const collections = [
  'announcements',
  'projects',
  'peers',
  'drains',
  'tombstones',
  'health',
  'claims',
  'checkers',
  'speaker-status',
  'events',
] as const;
/** A collection of records, as a watch or a mirror may ask for it. */
export type Collection = (typeof collections)[number];

/** Labels, and annotations, of one object. A name has up to 253 characters, a value 1,024: up to 78 KiB, and thrice that when no value is ASCII. */
export const mostWords = 64;

/**
 * Largest stored record of an object that users write, bytes of its JSON as UTF-8. A deletion stores it twice, as
 * tombstone and as former version, and must fit into one commit (store/limits). An older version may have written larger ones.
 */
export const mostRecordBytes = 256 * 1024;

const Words = (description: string, most?: number) =>
  Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9]([-A-Za-z0-9_./]{0,251}[A-Za-z0-9])?$' }),
    Type.String({ maxLength: 1024 }),
    { description, additionalProperties: false, ...(most === undefined ? {} : { maxProperties: most }) },
  );

/** What a user may write in metadata. System fields are accepted, so that get | edit | apply round-trips, and ignored. */
export const MetadataInput = Type.Object(
  {
    name: Name,
    project: Type.Optional(Name),
    labels: Type.Optional(Words('For people and selectors.', mostWords)),
    annotations: Type.Optional(Words('For people and tools; never interpreted.', mostWords)),
    uid: Type.Optional(Type.String({ description: 'System field, ignored.' })),
    revision: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'When present: the write succeeds only if this is still the revision (as If-Match).',
      }),
    ),
    createdAt: Type.Optional(Type.String({ description: 'System field, ignored.' })),
    updatedAt: Type.Optional(Type.String({ description: 'System field, ignored.' })),
  },
  {
    title: 'MetadataInput',
    description: 'Name, project, labels and annotations; system fields are accepted and ignored.',
    additionalProperties: false,
  },
);
export type MetadataInput = Static<typeof MetadataInput>;

export const Metadata = Type.Object(
  {
    name: Name,
    project: Type.Optional(Name),
    labels: Type.Optional(Words('For people and selectors.')),
    annotations: Type.Optional(Words('For people and tools; never interpreted.')),
    uid: Type.String({ description: 'Unique for ever; a recreated object has another.' }),
    revision: Type.Integer({ description: 'Store revision of the last change of spec or labels; the ETag.' }),
    createdAt: Type.String({ description: 'When the object was created, RFC 3339.' }),
    updatedAt: Type.String({ description: 'When its spec or metadata last changed, RFC 3339.' }),
  },
  {
    title: 'Metadata',
    description: 'Names the object; all but names, labels and annotations is written by the system.',
  },
);
export type Metadata = Static<typeof Metadata>;

/** As the store keeps it. The revision is the key's, not the record's; unknown fields are kept (a newer version wrote them). */
export interface ResourceRecord<Spec> {
  readonly v: 1;
  readonly kind: UserKind;
  readonly metadata: Omit<Metadata, 'revision'>;
  readonly spec: Spec;
}

export interface Resource<Spec, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: UserKind;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: Status;
}

const apiVersionText = `The only version there is: ${apiVersion}.`;
const article = (kind: UserKind) => (kind === 'Announcement' ? 'An' : 'A');
const kindText = 'What kind of resource it is.';

/** Schema of a resource as users write it: strict, unknown fields are errors. */
export function resourceInput<Kind extends UserKind, Spec extends TSchema>(kind: Kind, spec: Spec) {
  return Type.Object(
    {
      apiVersion: Type.Optional(Type.Literal(apiVersion, { description: apiVersionText })),
      kind: Type.Literal(kind, { description: kindText }),
      metadata: MetadataInput,
      spec,
      status: Type.Optional(Type.Unknown({ description: 'System field, ignored.' })),
    },
    { title: `${kind}Input`, description: `${article(kind)} ${kind} as users write it.`, additionalProperties: false },
  );
}

/** Schema of a resource as the API answers it. */
export function resourceOutput<Kind extends UserKind, Spec extends TSchema, Status extends TSchema>(
  kind: Kind,
  spec: Spec,
  status: Status,
) {
  return Type.Object(
    {
      apiVersion: Type.Literal(apiVersion, { description: apiVersionText }),
      kind: Type.Literal(kind, { description: kindText }),
      metadata: Metadata,
      spec,
      status: Type.Optional(status),
    },
    { title: kind, description: `${article(kind)} ${kind} as the API answers it.` },
  );
}

/** Key of a record below the root: `announcements/shop/web`, `peers/rr1`. */
export function recordKey(kind: UserKind, name: string, project: string | undefined): string {
  const { collection, inProject } = userKinds[kind];
  return inProject ? `${collection}/${project ?? defaultProject}/${name}` : `${collection}/${name}`;
}
