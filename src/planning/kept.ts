/**
 * What inputs keep of the many records: the entry and what is asked for all the time, not the decoded record. An API
 * server's entries hold text alone, so a record that planning kept decoded would be most of what the server takes.
 * Classes, for their getters; what a getter gives is no own property, so it is not carried over by spreading.
 */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { VerdictRecord } from '../model/health.ts';
import type { ProjectRecord } from '../model/project.ts';
import { decodeVerdict, wasAnnouncement } from './decode.ts';
import { type Entitlement, entitled } from './entitlement.ts';
import { type Outline, outlineOf } from './outline.ts';
import type { Stored, StoredEntry } from './stored.ts';
import { computeTasks, type Task, tasksOf } from './tasks.ts';

export class KeptAnnouncement implements Stored<AnnouncementRecord> {
  readonly key: string;
  readonly createRevision: number;
  readonly revision: number;
  readonly #entry: StoredEntry;
  readonly #tasks: readonly Task[];
  /** Usually one, which then needs no list. */
  readonly #prefixes: string | readonly string[];
  /** Of the next hops, where the tasks don't have them. */
  readonly #addresses: readonly string[] | undefined;
  #outline: Outline | undefined;
  /** The project's record that permits all of it: usual, and asked with each decision. */
  #permittedBy: ProjectRecord | undefined;

  /** @param record decoded from the entry just now. */
  constructor(entry: StoredEntry, record: AnnouncementRecord) {
    this.key = entry.key;
    this.createRevision = entry.createRevision;
    this.revision = entry.modRevision;
    this.#entry = entry;
    this.#tasks = computeTasks(record);
    const { prefixes, nextHops } = record.spec;
    const [first = '', ...others] = prefixes;
    this.#prefixes = others.length === 0 ? first : prefixes;
    const inTasks = nextHops.every(({ address }, index) => address === this.#tasks[index]?.target);
    this.#addresses = inTasks ? undefined : nextHops.map(({ address }) => address);
  }

  get record(): AnnouncementRecord {
    const { value } = this.#entry;
    if (wasAnnouncement(value)) return value;
    throw changed(this.key);
  }

  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  get prefixes(): readonly string[] {
    return typeof this.#prefixes === 'string' ? [this.#prefixes] : this.#prefixes;
  }

  /** Of the next hops, in their order. */
  get addresses(): readonly string[] {
    return this.#addresses ?? this.#tasks.map(({ target }) => target);
  }

  /** `project/name`. */
  get ref(): string {
    return this.key.slice(this.key.indexOf('/') + 1);
  }

  get project(): string {
    const { ref } = this;
    return ref.slice(0, ref.indexOf('/'));
  }

  /** Made when it is asked for first. */
  get outline(): Outline {
    this.#outline ??= outlineOf(this.record);
    return this.#outline;
  }

  entitlement(project: ProjectRecord): Entitlement {
    if (this.#permittedBy === project) return allPermitted;
    const found = entitled(project, this.record);
    if (found.ok) this.#permittedBy = project;
    return found;
  }
}

/** The same announcement, kept, so that what is asked of it again and again is at hand. */
export function keptAnnouncement(announcement: Stored<AnnouncementRecord>): KeptAnnouncement {
  if (announcement instanceof KeptAnnouncement) return announcement;
  const { key, record, createRevision, revision: modRevision } = announcement;
  return new KeptAnnouncement({ key, value: record, createRevision, modRevision }, record);
}

/** Of which nobody asks more than whether it is `ok`. */
const allPermitted: Entitlement = { ok: true, prefixes: new Map(), nextHops: new Map() };

/** When it is `ok`, it doesn't list what it permits. */
export function entitlementOf(announcement: Stored<AnnouncementRecord>, project: ProjectRecord): Entitlement {
  return announcement instanceof KeptAnnouncement
    ? announcement.entitlement(project)
    : entitled(project, announcement.record);
}

/** The tasks of a stored announcement: those that were kept with it, else computed. */
export function tasksOfStored(announcement: Stored<AnnouncementRecord>): readonly Task[] {
  return announcement instanceof KeptAnnouncement ? announcement.tasks : tasksOf(announcement.record);
}

export class KeptVerdict {
  readonly state: VerdictRecord['state'];
  readonly epoch: number;
  readonly #entry: StoredEntry;

  /** @param record decoded from the entry just now. */
  constructor(entry: StoredEntry, { state, epoch }: VerdictRecord) {
    this.state = state;
    this.epoch = epoch;
    this.#entry = entry;
  }

  get revision(): number {
    return this.#entry.modRevision;
  }

  get record(): VerdictRecord {
    const decoded = decodeVerdict(this.#entry.value);
    if (decoded.ok) return decoded.record;
    throw changed(this.#entry.key);
  }
}

/** A verdict together with whether it counts; its record is decoded only when somebody wants to see it. */
export class SeenVerdict {
  readonly state: VerdictRecord['state'];
  readonly fresh: boolean;
  readonly epoch: number;
  readonly revision: number;
  readonly #kept: KeptVerdict;

  constructor(kept: KeptVerdict, fresh: boolean) {
    this.state = kept.state;
    this.fresh = fresh;
    this.epoch = kept.epoch;
    this.revision = kept.revision;
    this.#kept = kept;
  }

  get record(): VerdictRecord {
    return this.#kept.record;
  }
}

function changed(key: string): CoreBgpError {
  return new CoreBgpError(
    'internal',
    `the record at ${key} is not the one that was decoded, though entries never change`,
  );
}
