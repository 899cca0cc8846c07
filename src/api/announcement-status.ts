/** The status of an announcement, as planning computes it from what the cache holds. */
import type { AnnouncementStatus } from '../model/announcement.ts';
import { recordKey } from '../model/resource.ts';
import { statusOf } from '../planning/status.ts';
import type { ApiContext } from './context.ts';
import type { ObjectName } from './resource-store.ts';

/** An announcement that can't be decoded keeps whatever paths it has. */
const unreadable: AnnouncementStatus = {
  state: 'held',
  reason: 'undecodable',
  message: 'The stored record cannot be read; its paths are kept. Apply it again.',
  nextHops: [],
  speakers: [],
};

export function announcementStatus({ inputs, clock }: ApiContext, { name, project }: ObjectName): AnnouncementStatus {
  const stored = inputs.announcements.get(recordKey('Announcement', name, project));
  return stored === undefined ? unreadable : statusOf(stored, inputs, clock.wall());
}
