/** The status of an announcement, as planning computes it from what the cache holds now. */
import type { AnnouncementSpec, AnnouncementStatus } from '../model/announcement.ts';
import { type ResourceRecord, recordKey } from '../model/resource.ts';
import { decodeAnnouncement } from '../planning/decode.ts';
import { statusOf } from '../planning/status.ts';
import { statusText } from '../planning/status-text.ts';
import type { Stored } from '../planning/stored.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext } from './context.ts';
import { isRecord, type ObjectName } from './stored-objects.ts';

/** An announcement that can't be decoded keeps whatever paths it has. */
const unreadable: AnnouncementStatus = {
  state: 'held',
  reason: 'undecodable',
  message: 'The stored record cannot be read; its paths are kept. Apply it again.',
  nextHops: [],
  speakers: [],
};

type Sources = Pick<ApiContext, 'inputs' | 'clock'>;

/** Of the announcement as it is now. */
export function announcementStatus({ inputs, clock }: Sources, { name, project }: ObjectName): AnnouncementStatus {
  const stored = inputs.announcements.get(recordKey('Announcement', name, project));
  return stored === undefined ? unreadable : statusOf(stored, inputs, clock.wall());
}

/** Of the announcement as it was read: of a list, it may be another one, or none, by now. */
export function announcementStatusOf(
  { inputs, clock }: Sources,
  stored: Stored<ResourceRecord<AnnouncementSpec>>,
): AnnouncementStatus {
  const now = inputs.announcements.get(stored.key);
  if (now?.revision === stored.revision) return statusOf(now, inputs, clock.wall());
  const decoded = decodeAnnouncement(stored.key, stored.record);
  return decoded.ok ? statusOf({ ...stored, record: decoded.record }, inputs, clock.wall()) : unreadable;
}

/** The same as JSON; what is still as it was read needs not be decoded for it. */
export function announcementStatusText(sources: Sources, entry: CachedEntry): string {
  const { key, createRevision, modRevision: revision } = entry;
  const now = sources.inputs.announcements.get(key);
  if (now?.revision === revision) return statusText(statusOf(now, sources.inputs, sources.clock.wall()));
  const { value } = entry;
  if (!isRecord<AnnouncementSpec>('Announcement', value)) return JSON.stringify(unreadable);
  return JSON.stringify(announcementStatusOf(sources, { key, record: value, createRevision, revision }));
}
