/** Which announcements a write can touch, and at which speakers: nothing else has to be compared before and after it. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import type { DrainRecord } from '../model/drain.ts';
import type { ProjectRecord } from '../model/project.ts';
import type { PlannedDrain } from './decode.ts';
import type { Inputs } from './inputs.ts';
import { type KeptAnnouncement, keptAnnouncement } from './kept.ts';
import type { Stored } from './stored.ts';

/** Records as they would be, by store key; undefined = deleted. */
export interface PlannedWrites {
  readonly announcements?: ReadonlyMap<string, AnnouncementRecord | undefined>;
  readonly drains?: ReadonlyMap<string, DrainRecord | undefined>;
  readonly projects?: ReadonlyMap<string, ProjectRecord | undefined>;
  /** Whether the write removes the record at the key: a verdict that is too old to count. Absent: it removes none. */
  removes?(key: string): boolean;
}

export interface WriteReach {
  /** Keys of the announcements that are written, or that a written drain names. */
  readonly named: ReadonlySet<string>;
  /** Whether others may be touched as well, so that each of them has to be asked about. */
  readonly wide: boolean;
  /** Names of the speakers at which one that is not named is touched. */
  speakersOf(announcement: Stored<AnnouncementRecord>): ReadonlySet<string> | 'all';
}

/** What a drain names before and after its write counts. */
export function reachOf(writes: PlannedWrites, inputs: Pick<Inputs, 'drains'>): WriteReach {
  const { announcements, drains, projects } = writes;
  const targets = [...(drains ?? [])].flatMap(([key, record]) => [
    ...targetOf(inputs.drains.get(key)?.record),
    ...targetOf(record?.spec),
  ]);
  const named = new Set([
    ...(announcements?.keys() ?? []),
    ...targets.flatMap((target) => ('announcement' in target ? [`announcements/${target.announcement}`] : [])),
  ]);
  const nextHops = new Set(targets.flatMap((target) => ('nextHop' in target ? [target.nextHop] : [])));
  const zones = new Set(targets.flatMap((target) => ('zone' in target ? [target.zone] : [])));
  const speakers = new Set(targets.flatMap((target) => ('speaker' in target ? [target.speaker] : [])));
  const ofProjects = new Set([...(projects?.keys() ?? [])].map((key) => key.slice(key.indexOf('/') + 1)));
  return {
    named,
    wide: nextHops.size + zones.size + speakers.size + ofProjects.size > 0,
    speakersOf: (announcement) => {
      const kept = keptAnnouncement(announcement);
      const everywhere =
        (ofProjects.size > 0 && ofProjects.has(kept.project)) ||
        (nextHops.size > 0 && kept.addresses.some((address) => nextHops.has(address))) ||
        (zones.size > 0 && zonesOf(kept).some((zone) => zones.has(zone)));
      return everywhere ? 'all' : speakers;
    },
  };
}

function targetOf(drain: Pick<PlannedDrain, 'target'> | undefined): readonly PlannedDrain['target'][] {
  return drain === undefined ? [] : [drain.target];
}

/** The tasks have them at hand; without a health check the record may have to be decoded. */
function zonesOf(kept: KeptAnnouncement): readonly string[] {
  return kept.tasks.length > 0 ? kept.tasks.map(({ zone }) => zone) : kept.outline.distinctZones;
}
