/** A mirror in memory over a store of one revision a write: its freshness and its history are what the test says. */
import type { Mirror, MirrorEntry, MirrorHistory } from '../../src/client/mirror.ts';
import type { AnnouncementRecord } from '../../src/model/announcement.ts';
import { claimKey, healthKey, type VerdictState } from '../../src/model/health.ts';
import { prefixTombstoneKey } from '../../src/model/tombstone.ts';
import { tasksOf } from '../../src/planning/tasks.ts';

export interface ModelMirror extends Mirror {
  readonly entries: ReadonlyMap<string, MirrorEntry>;
  /** Writes keys in one revision; undefined deletes. */
  write(changes: Readonly<Record<string, unknown>>): void;
  setAge(ms: number): void;
  /** The store behind it became another, or went back; undefined: it is trusted again. */
  setBreak(kind: MirrorHistory['lastBreak']): void;
}

export function createModelMirror(): ModelMirror {
  const entries = new Map<string, MirrorEntry>();
  const listeners = new Set<(keys: readonly string[]) => void>();
  let revision = 1;
  let age = 0;
  let broken: MirrorHistory['lastBreak'];
  return {
    entries,
    write: (changes) => {
      revision += 1;
      for (const [key, value] of Object.entries(changes)) {
        const createRevision = entries.get(key)?.createRevision ?? revision;
        if (value === undefined) entries.delete(key);
        else entries.set(key, { key, value, createRevision, modRevision: revision });
      }
      for (const listener of listeners) listener(Object.keys(changes));
    },
    setAge: (ms) => {
      age = ms;
    },
    setBreak: (kind) => {
      broken = kind;
    },
    snapshot: () => ({ storeId: 'model', revision, entries, under: () => new Map() }),
    history: () => ({
      storeId: 'model',
      highestRevision: revision,
      breaks: broken === undefined ? 0 : 1,
      ...(broken === undefined ? {} : { lastBreak: broken }),
    }),
    ageMs: () => age,
    connected: () => true,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    synced: async () => {},
    close: async () => {},
  };
}

/** What the API writes with an announcement, or with its end: the tombstones of the prefixes it gives up. */
export function announcementWrite(
  mirror: ModelMirror,
  key: string,
  record: AnnouncementRecord | undefined,
): Readonly<Record<string, unknown>> {
  const before = mirror.entries.get(key)?.value;
  const held = isAnnouncement(before) ? before.spec.prefixes : [];
  const wanted = record?.spec.prefixes ?? [];
  const cause = record === undefined ? 'deleted' : 'prefixRemoved';
  const owner = key.replace('announcements/', '');
  const changes: Record<string, unknown> = { [key]: record };
  for (const prefix of wanted) changes[prefixTombstoneKey(prefix)] = undefined;
  for (const prefix of held.filter((one) => !wanted.includes(one))) {
    changes[prefixTombstoneKey(prefix)] = { v: 1, prefix, owner, cause, at: '2026-01-01T00:00:00Z' };
  }
  return changes;
}

/** Publishes a verdict under the live claim of the task's shard, which is made when absent. */
export function writeVerdict(mirror: ModelMirror, record: AnnouncementRecord, address: string, state: VerdictState) {
  const task = tasksOf(record).find(({ target }) => target === address);
  if (task === undefined) return;
  const claim = claimKey(task.zone, task.shard);
  if (!mirror.entries.has(claim)) mirror.write({ [claim]: { v: 1, holder: 'c1', incarnation: 1 } });
  const epoch = mirror.entries.get(claim)?.createRevision ?? 0;
  const verdict = { v: 1, state, since: '2026-01-01T00:00:00Z', reason: state, checker: 'c1', epoch, seq: 1 };
  mirror.write({ [healthKey(task.taskId)]: verdict });
}

/** The lease behind every claim is gone. */
export function dropClaims(mirror: ModelMirror): void {
  const claims = [...mirror.entries.keys()].filter((key) => key.startsWith('claims/'));
  mirror.write(Object.fromEntries(claims.map((key) => [key, undefined])));
}

function isAnnouncement(value: unknown): value is AnnouncementRecord {
  return typeof value === 'object' && value !== null && 'spec' in value;
}
