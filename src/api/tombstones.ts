/** The deleted objects that can be restored. */
import { DeletedObject } from '../contract/change-endpoints.ts';
import { type UserKind, userKinds } from '../model/resource.ts';
import { decodeObjectTombstone, objectTombstoneKey, tombstonesKeptMs } from '../model/tombstone.ts';
import { listFunctions } from './lists.ts';

const kindOf: ReadonlyMap<string, UserKind> = new Map(
  (['Announcement', 'Drain', 'Peer', 'Project'] as const).map((kind) => [userKinds[kind].collection, kind]),
);

/** Key that the object had: `announcements/shop/web`. */
const ownKey = (key: string): string => key.slice(objectTombstoneKey('').length);

/** Also of a kind that only a newer version knows, which is then called by its collection. */
function named(key: string): { readonly kind: string; readonly name: string } {
  const own = ownKey(key);
  const slash = own.indexOf('/');
  const collection = own.slice(0, slash);
  return { kind: kindOf.get(collection) ?? collection, name: own.slice(slash + 1) };
}

export const tombstoneLists = listFunctions({
  kind: 'deleted object',
  collection: 'tombstones',
  output: DeletedObject,
  remedy: 'it is what is left of a deleted object, which cannot be restored; create that anew.',
  named,
  /** Not what tells of prefixes, and not what was created anew under the name of the deleted one. */
  includes: (cache, entry, revision) => {
    const { key } = entry;
    if (key.startsWith('tombstones/prefixes/')) return false;
    const present = cache.get(ownKey(key));
    // Deleted once more since then: at the revision it was there.
    return present === undefined ? cache.get(key) === entry : present.createRevision > revision;
  },
  row: ({ key, value }) => {
    const [collection = '', first = '', second] = ownKey(key).split('/');
    const kind = kindOf.get(collection);
    const tombstone = decodeObjectTombstone(value);
    if (kind === undefined || tombstone === undefined) return undefined;
    return {
      kind,
      ...(second === undefined ? { name: first } : { project: first, name: second }),
      deletedAt: tombstone.at,
      keptUntil: new Date(Date.parse(tombstone.at) + tombstonesKeptMs).toISOString(),
      revision: tombstone.revision,
    };
  },
});
