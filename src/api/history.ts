/** The versions of an object that are kept, read from the store itself: no server keeps a copy of them. */
import type { Static } from 'typebox';
import type { History, prefixHistoryEndpoint } from '../contract/change-endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { formatPrefix, parsePrefix } from '../model/prefix.ts';
import type { UserKind } from '../model/resource.ts';
import { prefixOwnerKey, prefixTombstoneKey, tombstonesKeptDays } from '../model/tombstone.ts';
import { type KeptVersion, versionKey } from '../model/version.ts';
import { type StoredVersion, type VersionStep, versionSteps } from '../planning/versions.ts';
import type { Entry } from '../store/store.ts';
import { decodeJson } from './commit.ts';
import type { ApiContext, EndpointFunction } from './context.ts';
import { ownerOf } from './prefix-owners.ts';
import { contentOf, isRecord, keyOf, type ObjectName, refOf } from './stored-objects.ts';

/** @throws CoreBgpError `notFound` when nothing is known of it. */
export async function historyOf(
  { store }: ApiContext,
  kind: UserKind,
  name: ObjectName,
  signal: AbortSignal,
): Promise<Static<typeof History>> {
  const key = keyOf(kind, name);
  const kept = await store.list(versionKey(key), {}, signal);
  // Of the same moment. The object's own key is the first that begins with it.
  const [present] = (await store.list(key, { limit: 1, at: kept.revision }, signal)).entries;
  const current = present?.key === key ? present : undefined;
  const versions = kept.entries.map((entry) => formerVersion(kind, entry));
  if (current !== undefined) versions.push(storedVersion(kind, current.modRevision, decodeJson(current.value)));
  if (versions.length === 0) {
    throw new CoreBgpError(
      'notFound',
      `There is no ${kind} "${refOf(name)}", and none was deleted in the last 30 days.`,
    );
  }
  return { kind, ...name, exists: current !== undefined, versions: versionSteps(versions).map(answerOf) };
}

export const prefixHistory: EndpointFunction<typeof prefixHistoryEndpoint> = async (context, { query }, signal) => {
  const parsed = parsePrefix(query.prefix);
  if (!parsed.ok) throw new CoreBgpError('invalid', `${parsed.problem}.`, { field: 'prefix' });
  const prefix = formatPrefix(parsed.value);
  const read = async (key: string) => {
    const { entry } = await context.store.get(key, signal);
    return entry === null ? undefined : ownerOf(decodeJson(entry.value));
  };
  const owner = (await read(prefixOwnerKey(prefix))) ?? (await read(prefixTombstoneKey(prefix)));
  const [project, name] = owner?.split('/') ?? [];
  if (project === undefined || name === undefined) {
    throw new CoreBgpError(
      'notFound',
      `No announcement has the prefix ${prefix}, and none gave it up in the last ${tombstonesKeptDays} days.`,
    );
  }
  return await historyOf(context, 'Announcement', { project, name }, signal);
};

function formerVersion(kind: UserKind, { key, value, modRevision }: Entry): StoredVersion {
  const revision = Number(key.slice(key.lastIndexOf('/') + 1));
  const kept = decodeJson(value);
  if (!isKept(kept)) return { revision, end: { how: 'changed', at: '', revision: modRevision } };
  const end = { how: kept.ended, at: kept.at, revision: modRevision };
  return { ...storedVersion(kind, revision, kept.record), end };
}

function storedVersion(kind: UserKind, revision: number, value: unknown): StoredVersion {
  if (!isRecord(kind, value)) return { revision };
  const { uid, createdAt, updatedAt } = value.metadata;
  return { revision, record: { uid, createdAt, updatedAt, content: contentOf(value) } };
}

function isKept(value: unknown): value is KeptVersion {
  if (typeof value !== 'object' || value === null || !('ended' in value && 'at' in value && 'record' in value)) {
    return false;
  }
  return typeof value.at === 'string' && (value.ended === 'changed' || value.ended === 'deleted');
}

function answerOf({ revision, at, action, changes, content, unreadable }: VersionStep) {
  return {
    revision,
    ...(at === undefined || at === '' ? {} : { at }),
    action,
    ...(changes === undefined ? {} : { changes: [...changes] }),
    ...(content === undefined ? {} : { ...content.metadata, spec: content.spec }),
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}
