/** Each change of an object keeps the version before it, in the same commit. A create costs nothing: the record is the newest version. */
import { type KeptVersion, mostVersions, versionKey } from '../model/version.ts';
import type { Operation } from '../store/store.ts';
import type { Seen } from './commit.ts';
import type { ApiContext } from './context.ts';
import { keepingText, mostVersionBytes } from './record-size.ts';

/** Of a full commit of an announcement (model/announcement) so many operations are left, beside the version itself. */
const mostRemoved = 2;

/**
 * What keeps `before`, and takes away the oldest above the limit. Versions change only together with their object, so
 * what is listed here holds as long as the object is the one that was read.
 * @param key of the object. @param ended how this version ended.
 */
export async function keptVersion(
  { store }: ApiContext,
  key: string,
  before: Seen,
  ended: KeptVersion['ended'],
  at: string,
  signal: AbortSignal,
): Promise<readonly Operation[]> {
  const own = versionKey(key, before.modRevision);
  const { entries } = await store.list(versionKey(key), { limit: mostVersions + mostRemoved }, signal);
  const others = entries.filter((entry) => entry.key !== own);
  const surplus = Math.min(Math.max(0, others.length + 1 - mostVersions), mostRemoved);
  const version: KeptVersion = { v: 1, at, ended, record: before.value };
  const value = keepingText(version, mostVersionBytes);
  return [
    { op: 'put', key: own, value },
    ...others.slice(0, surplus).map((entry): Operation => ({ op: 'delete', key: entry.key })),
  ];
}
