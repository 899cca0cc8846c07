/** Objects of the status view: as `get` answers them, and what tells whether they differ from what was sent before. */
import { hash } from 'node:crypto';
import { type StatusCollection, statusCollections, type WatchedObject, type WatchedRef } from '../contract/stream.ts';
import type { AnnouncementStatus } from '../model/announcement.ts';
import { apiVersion, type UserKind, userKinds } from '../model/resource.ts';
import { announcementStatus } from './announcement-status.ts';
import type { CachedEntry, WatchedText } from './cached.ts';
import type { ApiContext } from './context.ts';
import { peerStatus } from './peers.ts';
import { isRecord, type ObjectName, refOf } from './stored-objects.ts';

export type StatusContext = Pick<ApiContext, 'cache' | 'inputs' | 'clock'>;

export interface StatusObject {
  /** Equal for what looks equal to people; short, for one is kept of each object. */
  readonly mark: string;
  /** Whether a speaker's next report may change it, though nothing else does. */
  readonly unsettled: boolean;
  encoded(): WatchedText;
}

const kindOf = new Map<string, UserKind>();
for (const kind of Object.keys(userKinds) as readonly UserKind[]) kindOf.set(userKinds[kind].collection, kind);

export function isStatusCollection(word: string): word is StatusCollection {
  return (statusCollections as readonly string[]).includes(word);
}

/** Undefined when the key is none of an object that users write. */
export function watchedRef(key: string): WatchedRef | undefined {
  const [collection = '', first = '', second] = key.split('/');
  const kind = kindOf.get(collection);
  if (kind === undefined) return undefined;
  return second === undefined ? { kind, name: first } : { kind, project: first, name: second };
}

/** As it is now; undefined when there is none. */
export function statusObject(context: StatusContext, key: string): StatusObject | undefined {
  const entry = context.cache.get(key);
  const ref = watchedRef(key);
  if (entry === undefined || ref === undefined) return undefined;
  const { kind, ...name } = ref;
  const { value, modRevision } = entry;
  if (!isRecord<never>(kind, value)) {
    return {
      mark: String(modRevision),
      unsettled: false,
      encoded: () => encoded(unreadable(ref, name, modRevision)),
    };
  }
  if (kind === 'Announcement') {
    const status = announcementStatus(context, name);
    return {
      mark: `${modRevision} ${hash('sha1', markOf(status), 'base64')}`,
      unsettled: status.speakers.some(({ current }) => !current),
      encoded: () => encoded({ apiVersion, kind, ...contentOf(entry), status }),
    };
  }
  if (kind === 'Peer') {
    const status = peerStatus(context, name);
    return {
      mark: `${modRevision} ${JSON.stringify(status)}`,
      unsettled: false,
      encoded: () => encoded({ apiVersion, kind, ...contentOf(entry), status }),
    };
  }
  return {
    mark: String(modRevision),
    unsettled: false,
    // One kind at a time, so that the compiler sees which.
    encoded: () =>
      kind === 'Drain'
        ? encoded({ apiVersion, kind, ...contentOf(entry) })
        : encoded({ apiVersion, kind, ...contentOf(entry) }),
  };
}

/** All but how far each speaker is: that grows with every change of anything, and says nothing of this object. */
function markOf(status: AnnouncementStatus): string {
  return JSON.stringify({ ...status, speakers: status.speakers.map((one) => ({ ...one, appliedRevision: 0 })) });
}

/** What the record says beyond its name was validated when it was written. */
function contentOf({ value, modRevision }: CachedEntry) {
  const { metadata, spec } = Object(value);
  return { metadata: { ...metadata, revision: modRevision }, spec };
}

function unreadable(ref: WatchedRef, name: ObjectName, revision: number): WatchedObject {
  return {
    apiVersion,
    kind: ref.kind,
    metadata: { ...name, revision },
    unreadable: true,
    message: `The stored record of ${ref.kind} "${refOf(name)}" can't be read; apply it again, or delete it.`,
  };
}

function encoded(resource: WatchedObject): WatchedText {
  return { resource, text: JSON.stringify(resource) };
}
