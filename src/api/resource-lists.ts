/** Reading the kinds that users write: one by its name, all of them in pages or lines. */
import type { TSchema } from 'typebox';
import {
  apiVersion,
  type Metadata,
  type ResourceRecord,
  recordKey,
  type UserKind,
  userKinds,
} from '../model/resource.ts';
import type { Stored } from '../planning/stored.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext } from './context.ts';
import { listFunctions } from './lists.ts';
import { loadedPosition } from './loaded.ts';
import { servedText } from './record-text.ts';
import type { ResourceKind } from './resource-store.ts';
import { isRecord, notFound, type ObjectName } from './stored-objects.ts';

export interface ServedKind<Kind extends UserKind, Spec, Status> extends ResourceKind<Spec> {
  readonly kind: Kind;
  /** The contract's schema of what is answered. */
  readonly output: TSchema;
  /** Computed when read, of the record as it was asked for; it may have changed since. Absent: the kind has none. */
  status?(context: ApiContext, stored: Stored<ResourceRecord<Spec>>): Status;
  /** The same as JSON, without decoding the record where that can be; for kinds with many objects. */
  statusText?(context: ApiContext, entry: CachedEntry): string;
}

export interface Served<Kind extends UserKind, Spec, Status> {
  apiVersion: typeof apiVersion;
  kind: Kind;
  metadata: Metadata;
  spec: Spec;
  status?: Status;
}

/** A record as it is answered, without its status. */
export function served<Kind extends UserKind, Spec, Status>(
  kind: Kind,
  record: ResourceRecord<Spec>,
  revision: number,
): Served<Kind, Spec, Status> {
  return { apiVersion, kind, metadata: { ...record.metadata, revision }, spec: record.spec };
}

export function readFunctions<Kind extends UserKind, Spec, Status>(kind: ServedKind<Kind, Spec, Status>) {
  type Resource = Served<Kind, Spec, Status>;

  const complete = (context: ApiContext, resource: Resource, entry: CachedEntry): Resource => {
    const { key, value, createRevision, modRevision: revision } = entry;
    if (kind.status === undefined || !isRecord<Spec>(kind.kind, value)) return resource;
    return { ...resource, status: kind.status(context, { key, record: value, createRevision, revision }) };
  };

  const { list, all, one } = listFunctions<Resource>({
    kind: kind.kind,
    collection: userKinds[kind.kind].collection,
    output: kind.output,
    remedy: 'if a newer version of CoreBGP wrote it, ask a server of that version; else apply it again, or delete it.',
    row: ({ value, modRevision }) =>
      isRecord<Spec>(kind.kind, value) ? served(kind.kind, value, modRevision) : undefined,
    complete,
    text: (context, entry) => {
      if (kind.status === undefined) return servedText(kind.kind, entry, undefined);
      return kind.statusText && servedText(kind.kind, entry, kind.statusText(context, entry));
    },
  });

  return {
    list,
    all,

    get: async (
      context: ApiContext,
      { params }: { readonly params: { readonly name: string; readonly project?: string } },
    ): Promise<Resource> => {
      loadedPosition(context);
      const name: ObjectName = params;
      const entry = context.cache.get(recordKey(kind.kind, name.name, name.project));
      if (entry === undefined) throw notFound(kind.kind, name);
      return one(context, entry);
    },
  };
}
