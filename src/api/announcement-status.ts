/** The status of an announcement, as planning computes it from what the cache holds now. */
import type { AnnouncementSpec, AnnouncementStatus } from '../model/announcement.ts';
import { type ResourceRecord, recordKey } from '../model/resource.ts';
import { decodeAnnouncement } from '../planning/decode.ts';
import { statusOf } from '../planning/status.ts';
import type { Stored } from '../planning/stored.ts';
import type { ApiContext } from './context.ts';
import type { ObjectName } from './stored-objects.ts';

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

/** Of the announcement as it was read: of a pinned list, it may be another one, or none, by now. */
export function announcementStatusOf(
  { inputs, clock }: Sources,
  stored: Stored<ResourceRecord<AnnouncementSpec>>,
): AnnouncementStatus {
  const now = inputs.announcements.get(stored.key);
  if (now?.revision === stored.revision) return statusOf(now, inputs, clock.wall());
  const decoded = decodeAnnouncement(stored.key, stored.record);
  return decoded.ok ? statusOf({ ...stored, record: decoded.record }, inputs, clock.wall()) : unreadable;
}
