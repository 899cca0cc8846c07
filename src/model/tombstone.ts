/** Evidence of deletion: without it the absence of an object proves nothing (rule 2). */
import Type, { type Static } from 'typebox';

/**
 * At `tombstones/prefixes/<family>/<prefix with "/" as "_">`: written in the commit that released the prefix, by a
 * delete or by a replace that dropped it; removed in the commit that takes the prefix again.
 */
export const PrefixTombstone = Type.Object({
  v: Type.Literal(1),
  prefix: Type.String(),
  owner: Type.String({ description: 'project/name of the announcement that had it.' }),
  cause: Type.Union([Type.Literal('deleted'), Type.Literal('prefixRemoved')]),
  at: Type.String({ description: 'RFC 3339.' }),
});
export type PrefixTombstone = Static<typeof PrefixTombstone>;

/** At `tombstones/<collection>/<name…>`: the last record of a deleted object. */
export interface ObjectTombstone {
  readonly v: 1;
  readonly at: string;
  /** Revision of the last spec. */
  readonly revision: number;
  /** As it was stored; null when that was too large to be kept. */
  readonly record: unknown;
}

/** How long a deleted object, and a released prefix, can still be told of. */
export const tombstonesKeptDays = 7;
export const tombstonesKeptMs = tombstonesKeptDays * 86_400_000;

/** @returns undefined when it can't be read; what it holds as `record` may still be unreadable. */
export function decodeObjectTombstone(value: unknown): ObjectTombstone | undefined {
  if (typeof value !== 'object' || value === null || !('at' in value && 'revision' in value && 'record' in value)) {
    return undefined;
  }
  const { at, revision, record } = value;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)) || typeof revision !== 'number') return undefined;
  return { v: 1, at, revision, record };
}

/** @param key of the object's record. */
export const objectTombstoneKey = (key: string): string => `tombstones/${key}`;

/** "/" in a prefix would add a level to the key. */
export const prefixKeyPart = (prefix: string): string => prefix.replace('/', '_');

export const prefixTombstoneKey = (prefix: string): string =>
  `tombstones/prefixes/${prefix.includes(':') ? 'ipv6' : 'ipv4'}/${prefixKeyPart(prefix)}`;

/** At `prefixes/<family>/<prefix>`: whose it is. Created only if absent, in the commit that writes the owner. */
export const prefixOwnerKey = (prefix: string): string =>
  `prefixes/${prefix.includes(':') ? 'ipv6' : 'ipv4'}/${prefixKeyPart(prefix)}`;
