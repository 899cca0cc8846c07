/** The deleted objects that can be restored. */
import type { Static } from 'typebox';
import type { DeletedObject, tombstoneEndpoint } from '../contract/change-endpoints.ts';
import { type UserKind, userKinds } from '../model/resource.ts';
import { decodeObjectTombstone, objectTombstoneKey, tombstonesKeptMs } from '../model/tombstone.ts';
import type { EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';

const kindOf: ReadonlyMap<string, UserKind> = new Map(
  (['Announcement', 'Drain', 'Peer', 'Project'] as const).map((kind) => [userKinds[kind].collection, kind]),
);

/** Not listed: what was created anew under the name of the deleted one. */
export const listTombstones: EndpointFunction<typeof tombstoneEndpoint> = async (context) => {
  const { cache } = context;
  const { revision } = loadedPosition(context);
  const resources: Static<typeof DeletedObject>[] = [];
  for (const { key, value } of cache.under('tombstones').values()) {
    const own = key.slice(objectTombstoneKey('').length);
    const [collection = '', ...names] = own.split('/');
    const kind = kindOf.get(collection);
    const tombstone = decodeObjectTombstone(value);
    if (kind === undefined || tombstone === undefined || cache.get(own) !== undefined) continue;
    const [first = '', second] = names;
    resources.push({
      kind,
      ...(second === undefined ? { name: first } : { project: first, name: second }),
      deletedAt: tombstone.at,
      keptUntil: new Date(Date.parse(tombstone.at) + tombstonesKeptMs).toISOString(),
      revision: tombstone.revision,
    });
  }
  resources.sort((a, b) => (a.deletedAt < b.deletedAt ? 1 : -1));
  return { revision, ...(cache.isFresh() ? {} : { stale: true }), resources };
};
