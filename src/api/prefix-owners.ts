/** Whose a prefix is: taken and released in the commit that writes or deletes its announcement. */
import { CoreBgpError } from '../model/errors.ts';
import { type PrefixTombstone, prefixOwnerKey, prefixTombstoneKey } from '../model/tombstone.ts';
import { decodeAnnouncement } from '../planning/decode.ts';
import type { Condition, Operation } from '../store/store.ts';
import type { Plan, Reader } from './commit.ts';

/** At `prefixes/<family>/<prefix>`. */
interface PrefixOwner {
  readonly v: 1;
  /** project/name */
  readonly owner: string;
}

/** Each prefix has one owner: its key must be absent, or name this one or one that doesn't exist; it is written in the same commit. */
export async function takePrefixes(prefixes: readonly string[], ref: string, reader: Reader): Promise<Plan> {
  const conditions: Condition[] = [];
  const operations: Operation[] = [];
  for (const prefix of prefixes) {
    const key = prefixOwnerKey(prefix);
    const stored = await reader.get(key);
    const owner = ownerOf(stored?.value);
    if (stored !== undefined && owner !== ref) {
      const ownersKey = owner === undefined ? undefined : `announcements/${owner}`;
      if (ownersKey === undefined || (await reader.get(ownersKey)) !== undefined) throw prefixTaken(prefix, owner);
      // Left over: it may be taken as long as its owner does not exist.
      conditions.push({ key: ownersKey, modRevision: 0 });
    }
    const value: PrefixOwner = { v: 1, owner: ref };
    // Its own already, though its record didn't say so: left over from an older one.
    conditions.push({ key, modRevision: stored?.modRevision ?? 0 });
    operations.push(
      { op: 'put', key, value: JSON.stringify(value) },
      { op: 'delete', key: prefixTombstoneKey(prefix) },
    );
  }
  return { conditions, operations };
}

function prefixTaken(prefix: string, owner: string | undefined): CoreBgpError {
  return new CoreBgpError(
    'prefixTaken',
    `Prefix ${prefix} belongs to announcement "${owner ?? 'unknown'}"; a prefix has one owner. Remove it there first, or add the next hops to that announcement.`,
    { reason: 'prefixTaken' },
  );
}

export function releasePrefixes(
  prefixes: readonly string[],
  owner: string,
  cause: PrefixTombstone['cause'],
  at: string,
): readonly Operation[] {
  return prefixes.flatMap((prefix): Operation[] => {
    const tombstone: PrefixTombstone = { v: 1, prefix, owner, cause, at };
    return [
      { op: 'delete', key: prefixOwnerKey(prefix) },
      { op: 'put', key: prefixTombstoneKey(prefix), value: JSON.stringify(tombstone) },
    ];
  });
}

/**
 * What it owns by its record; by the owner keys when that can't be read, so that none is left over. Owner keys change
 * only together with their announcement, so what is seen here holds as long as the record is the one that was read.
 */
export async function heldPrefixes(ref: string, value: unknown, reader: Reader): Promise<ReadonlySet<string>> {
  const decoded = decodeAnnouncement(`announcements/${ref}`, value);
  if (decoded.ok) return new Set(decoded.record.spec.prefixes);
  const held = [...(await reader.list('prefixes/'))].filter(([, entry]) => ownerOf(entry.value) === ref);
  return new Set(held.map(([key]) => (key.split('/')[2] ?? '').replace('_', '/')));
}

/** Of an owner key, or of the tombstone of a prefix: project/name. */
export function ownerOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('owner' in value)) return undefined;
  return typeof value.owner === 'string' ? value.owner : undefined;
}
