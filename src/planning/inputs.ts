/**
 * Everything decisions are made from, decoded and indexed, kept up to date one key at a time: a change of one key never
 * decodes another, and says which prefixes it may concern.
 */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { type ClaimRecord, claimKey, healthKey, type VerdictRecord } from '../model/health.ts';
import type { PeerRecord } from '../model/peer.ts';
import type { ProjectRecord } from '../model/project.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { type PrefixTombstone, prefixTombstoneKey } from '../model/tombstone.ts';
import {
  type Decoded,
  decodeAnnouncement,
  decodeClaim,
  decodeDrain,
  decodePeer,
  decodePrefixTombstone,
  decodeProject,
  decodeSpeakerStatus,
  decodeVerdict,
  type PlannedDrain,
} from './decode.ts';
import { type DrainIndex, indexDrains } from './drains.ts';
import { KeptAnnouncement, KeptVerdict, SeenVerdict } from './kept.ts';
import { createMultiIndex } from './multi-index.ts';
import type { Stored, StoredEntry } from './stored.ts';
import type { Task } from './tasks.ts';

/** What is known of one task's health. */
export interface VerdictView {
  /** `unreadable`: there is a record, but it can't be decoded. */
  readonly state: VerdictRecord['state'] | 'unreadable';
  /** Whether its shard has a live claim, not older than the one the verdict was published under. */
  readonly fresh: boolean;
  readonly epoch: number;
  readonly revision: number;
  readonly record?: VerdictRecord;
}

/** Maps are by store key. Live: read at once, don't keep across an await. */
export interface Inputs {
  /** Store revision up to which everything is applied; 0 before the first. */
  readonly revision: number;
  readonly announcements: ReadonlyMap<string, Stored<AnnouncementRecord>>;
  readonly projects: ReadonlyMap<string, Stored<ProjectRecord>>;
  readonly peers: ReadonlyMap<string, Stored<PeerRecord>>;
  readonly drains: ReadonlyMap<string, Stored<PlannedDrain>>;
  readonly claims: ReadonlyMap<string, Stored<ClaimRecord>>;
  readonly speakers: ReadonlyMap<string, Stored<SpeakerStatusRecord>>;
  /** Key → what is wrong with the record there. */
  readonly undecodable: ReadonlyMap<string, string>;
  readonly undecodableAnnouncements: number;
  readonly drainIndex: DrainIndex;
  project(name: string): Stored<ProjectRecord> | undefined;
  verdict(task: Task): VerdictView | undefined;
  /** Announcements that have the prefix, the oldest first; more than one only if the store was tampered with. */
  owners(prefix: string): readonly Stored<AnnouncementRecord>[];
  /** Every prefix of every decodable announcement. */
  prefixes(): IterableIterator<string>;
  tombstone(prefix: string): Stored<PrefixTombstone> | undefined;
  /** Keys of the announcements that ask for the task. */
  announcementsOf(taskId: string): readonly string[];
}

/** Prefixes whose decisions a change may have altered; `all` when that can't be told cheaply. */
export type Affected = ReadonlySet<string> | 'all';

export interface InputsFeed extends Inputs {
  /** The record now under the key; undefined = the key is gone. Keys that planning doesn't use are ignored. */
  apply(key: string, entry: StoredEntry | undefined): Affected;
  /** All changes up to this store revision have been applied. */
  advance(revision: number): void;
}

const none: ReadonlySet<string> = new Set();

export function createInputs(): InputsFeed {
  const announcements = new Map<string, KeptAnnouncement>();
  const projects = new Map<string, Stored<ProjectRecord>>();
  const peers = new Map<string, Stored<PeerRecord>>();
  const drains = new Map<string, Stored<PlannedDrain>>();
  const claims = new Map<string, Stored<ClaimRecord>>();
  const speakers = new Map<string, Stored<SpeakerStatusRecord>>();
  const prefixTombstones = new Map<string, Stored<PrefixTombstone>>();
  const unreadableVerdicts = new Map<string, StoredEntry>();
  /** By task and by zone and shard, without building a key: they are asked for each next hop of each decision. */
  const verdictOf = new Map<string, KeptVerdict>();
  const epochs = new Map<string, Map<number, number>>();
  const undecodable = new Map<string, string>();
  const byPrefix = createMultiIndex();
  const byTask = createMultiIndex();
  const tasksByShard = createMultiIndex();
  let revision = 0;
  let undecodableAnnouncements = 0;
  let drainIndex: DrainIndex | undefined;
  /** Announcements of one project are usually asked about in a row. */
  let lastProject: { readonly name: string; readonly found: Stored<ProjectRecord> | undefined } | undefined;

  /**
   * The decoded record, or a note that it is undecodable; either way what was noted before is forgotten. A record that
   * breaks its decoder is undecodable like any other: one object must never stand in the way of all.
   */
  function decoded<Item>(
    key: string,
    entry: StoredEntry | undefined,
    decode: (value: unknown, entry: StoredEntry) => Decoded<Item>,
  ): Item | undefined {
    undecodable.delete(key);
    if (entry === undefined) return undefined;
    try {
      const found = decode(entry.value, entry);
      if (found.ok) return found.record;
      undecodable.set(key, found.problem);
    } catch (error) {
      undecodable.set(key, `reading it failed: ${String(error)}`);
    }
    return undefined;
  }

  /** Keeps the decoded record; either way the former one is forgotten. */
  function keep<Item>(
    map: Map<string, Stored<Item>>,
    key: string,
    entry: StoredEntry | undefined,
    decode: (value: unknown) => Decoded<Item>,
  ): void {
    map.delete(key);
    const record = decoded(key, entry, decode);
    if (entry === undefined || record === undefined) return;
    const { createRevision, modRevision } = entry;
    map.set(key, { key, record, createRevision, revision: modRevision });
  }

  function applyAnnouncement(key: string, entry: StoredEntry | undefined): Affected {
    const before = announcements.get(key);
    const wasUndecodable = undecodable.has(key);
    const prefixesBefore = before?.prefixes ?? [];
    announcements.delete(key);
    const after = decoded(key, entry, (value, stored): Decoded<KeptAnnouncement> => {
      const found = decodeAnnouncement(key, value);
      return found.ok ? { ok: true, record: new KeptAnnouncement(stored, found.record) } : found;
    });
    if (after !== undefined) announcements.set(key, after);
    const prefixesAfter = after?.prefixes ?? [];
    index('delete', before, prefixesBefore);
    index('add', after, prefixesAfter);
    const isUndecodable = undecodable.has(key);
    const anyBefore = undecodableAnnouncements > 0;
    undecodableAnnouncements += Number(isUndecodable) - Number(wasUndecodable);
    // The first one that can't be read changes what is said of every path without an owner; so does the last one gone.
    if (anyBefore !== undecodableAnnouncements > 0) return 'all';
    return new Set([...prefixesBefore, ...prefixesAfter]);
  }

  function index(
    change: 'add' | 'delete',
    announcement: KeptAnnouncement | undefined,
    prefixes: readonly string[],
  ): void {
    if (announcement === undefined) return;
    for (const prefix of prefixes) byPrefix[change](prefix, announcement.key);
    for (const { taskId, zone, shard } of announcement.tasks) {
      byTask[change](taskId, announcement.key);
      if (change === 'add' || byTask.get(taskId).length === 0) tasksByShard[change](claimKey(zone, shard), taskId);
    }
  }

  const prefixesOf = (keys: readonly string[]): Affected =>
    keys.length === 0 ? none : new Set(keys.flatMap((key) => announcements.get(key)?.prefixes ?? []));

  function applyVerdict(key: string, entry: StoredEntry | undefined): Affected {
    const taskId = key.slice(healthKey('').length);
    const record = decoded(key, entry, decodeVerdict);
    verdictOf.delete(taskId);
    unreadableVerdicts.delete(taskId);
    if (entry !== undefined && record !== undefined) verdictOf.set(taskId, new KeptVerdict(entry, record));
    else if (entry !== undefined) unreadableVerdicts.set(taskId, entry);
    return prefixesOf(byTask.get(taskId));
  }

  function applyClaim(key: string, entry: StoredEntry | undefined): Affected {
    const before = claims.get(key)?.createRevision;
    keep(claims, key, entry, decodeClaim);
    const after = claims.get(key)?.createRevision;
    if (after === before) return none;
    const [, zone = '', shard = ''] = key.split('/');
    const ofZone = epochs.get(zone) ?? new Map<number, number>();
    epochs.set(zone, ofZone);
    if (after === undefined) ofZone.delete(Number(shard));
    else ofZone.set(Number(shard), after);
    return prefixesOf(tasksByShard.get(key).flatMap((taskId) => [...byTask.get(taskId)]));
  }

  function applyTombstone(key: string, entry: StoredEntry | undefined): Affected {
    if (!key.startsWith('tombstones/prefixes/')) return none;
    const before = prefixTombstones.get(key)?.record.prefix;
    keep(prefixTombstones, key, entry, (value) => decodePrefixTombstone(key, value));
    const after = prefixTombstones.get(key)?.record.prefix;
    return new Set([before, after].filter((prefix) => prefix !== undefined));
  }

  function verdict({ taskId, zone, shard }: Task): VerdictView | undefined {
    const found = verdictOf.get(taskId);
    if (found === undefined) {
      const entry = unreadableVerdicts.get(taskId);
      return entry && { state: 'unreadable', fresh: false, epoch: 0, revision: entry.modRevision };
    }
    const claimed = epochs.get(zone)?.get(shard);
    return new SeenVerdict(found, claimed !== undefined && found.epoch <= claimed);
  }

  function owners(prefix: string): readonly Stored<AnnouncementRecord>[] {
    const found: Stored<AnnouncementRecord>[] = [];
    for (const key of byPrefix.get(prefix)) {
      const owner = announcements.get(key);
      if (owner !== undefined) found.push(owner);
    }
    return found.length < 2 ? found : found.sort((a, b) => a.createRevision - b.createRevision);
  }

  return {
    announcements,
    projects,
    peers,
    drains,
    claims,
    speakers,
    undecodable,
    get revision() {
      return revision;
    },
    get undecodableAnnouncements() {
      return undecodableAnnouncements;
    },
    get drainIndex() {
      drainIndex ??= indexDrains(drains.values());
      return drainIndex;
    },
    project: (name) => {
      if (lastProject?.name !== name) lastProject = { name, found: projects.get(`projects/${name}`) };
      return lastProject.found;
    },
    verdict,
    owners,
    prefixes: () => byPrefix.keys(),
    tombstone: (prefix) => prefixTombstones.get(prefixTombstoneKey(prefix)),
    announcementsOf: (taskId) => byTask.get(taskId),
    apply: (key, entry) => {
      switch (key.slice(0, key.indexOf('/'))) {
        case 'announcements':
          return applyAnnouncement(key, entry);
        case 'health':
          return applyVerdict(key, entry);
        case 'claims':
          return applyClaim(key, entry);
        case 'tombstones':
          return applyTombstone(key, entry);
        case 'projects':
          keep(projects, key, entry, (value) => decodeProject(key, value));
          lastProject = undefined;
          return 'all';
        case 'drains':
          keep(drains, key, entry, decodeDrain);
          drainIndex = undefined;
          return 'all';
        case 'peers':
          keep(peers, key, entry, (value) => decodePeer(key, value));
          return none;
        case 'speaker-status':
          keep(speakers, key, entry, decodeSpeakerStatus);
          return none;
        default:
          return none;
      }
    },
    advance: (to) => {
      revision = to;
    },
  };
}
