/** Which tasks there are: those of every announcement that its project permits to check, kept up to date key by key. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { claimKey } from '../model/health.ts';
import type { ProjectRecord } from '../model/project.ts';
import { defaultProject } from '../model/resource.ts';
import { decodeAnnouncement, decodeProject } from '../planning/decode.ts';
import { entitled } from '../planning/entitlement.ts';
import { type Task, tasksOf } from '../planning/tasks.ts';

export interface Wanted {
  /**
   * The value now under the key, undefined when it is gone. Other keys than those of announcements and projects are
   * ignored. A record that can't be decoded leaves its tasks as they were: it proves nothing.
   * @returns ids of the tasks that came or went.
   */
  apply(key: string, value: unknown): readonly string[];
  get(taskId: string): Task | undefined;
  /** Ids of the tasks of one shard. */
  inShard(zone: string, shard: number): readonly string[];
  /** Zones that have tasks. */
  zones(): ReadonlySet<string>;
  readonly size: number;
  /** Next hops that are not checked because the project doesn't permit them. */
  readonly refused: number;
}

interface Asker {
  readonly record: AnnouncementRecord;
  tasks: ReadonlyMap<string, Task>;
  refused: number;
}

export function createWanted(): Wanted {
  const askers = new Map<string, Asker>();
  const projects = new Map<string, ProjectRecord>();
  /** How many announcements ask for it. */
  const tasks = new Map<string, { readonly task: Task; count: number }>();
  const shards = new Map<string, Set<string>>();
  const zones = new Map<string, number>();
  let refused = 0;

  const add = (task: Task): boolean => {
    const known = tasks.get(task.taskId);
    if (known !== undefined) {
      known.count += 1;
      return false;
    }
    tasks.set(task.taskId, { task, count: 1 });
    const key = claimKey(task.zone, task.shard);
    const shard = shards.get(key);
    if (shard === undefined) shards.set(key, new Set([task.taskId]));
    else shard.add(task.taskId);
    zones.set(task.zone, (zones.get(task.zone) ?? 0) + 1);
    return true;
  };

  const remove = (task: Task): boolean => {
    const known = tasks.get(task.taskId);
    if (known === undefined || known.count > 1) {
      if (known !== undefined) known.count -= 1;
      return false;
    }
    tasks.delete(task.taskId);
    const key = claimKey(task.zone, task.shard);
    shards.get(key)?.delete(task.taskId);
    if (shards.get(key)?.size === 0) shards.delete(key);
    const left = (zones.get(task.zone) ?? 1) - 1;
    if (left === 0) zones.delete(task.zone);
    else zones.set(task.zone, left);
    return true;
  };

  /** Adds before it removes, so that a task that stays never seems to go. */
  const replace = (asker: Asker, next: ReadonlyMap<string, Task>, nextRefused: number): string[] => {
    const before = asker.tasks;
    asker.tasks = next;
    refused += nextRefused - asker.refused;
    asker.refused = nextRefused;
    const came = [...next.values()].filter(({ taskId }) => !before.has(taskId)).filter(add);
    const went = [...before.values()].filter(({ taskId }) => !next.has(taskId)).filter(remove);
    return [...came, ...went].map(({ taskId }) => taskId);
  };

  const refresh = (asker: Asker): string[] => {
    const { record } = asker;
    const project = projects.get(record.metadata.project ?? defaultProject);
    const { nextHops } = entitled(project, record);
    const all = tasksOf(record);
    const permitted = all.filter((_, index) => {
      const address = record.spec.nextHops[index]?.address;
      return address !== undefined && nextHops.get(address)?.ok === true;
    });
    return replace(asker, new Map(permitted.map((task) => [task.taskId, task])), all.length - permitted.length);
  };

  const applyAnnouncement = (key: string, value: unknown): string[] => {
    const before = askers.get(key);
    if (value === undefined) {
      askers.delete(key);
      return before === undefined ? [] : replace(before, new Map(), 0);
    }
    const decoded = decodeAnnouncement(key, value);
    if (!decoded.ok) return [];
    const asker: Asker = { record: decoded.record, tasks: before?.tasks ?? new Map(), refused: before?.refused ?? 0 };
    askers.set(key, asker);
    return refresh(asker);
  };

  const applyProject = (key: string, value: unknown): string[] => {
    const name = key.slice('projects/'.length);
    if (value === undefined) projects.delete(name);
    else {
      const decoded = decodeProject(key, value);
      if (!decoded.ok) return [];
      projects.set(name, decoded.record);
    }
    return [...askers.values()]
      .filter(({ record }) => (record.metadata.project ?? defaultProject) === name)
      .flatMap(refresh);
  };

  return {
    apply: (key, value) => {
      if (key.startsWith('announcements/')) return applyAnnouncement(key, value);
      return key.startsWith('projects/') ? applyProject(key, value) : [];
    },
    get: (taskId) => tasks.get(taskId)?.task,
    inShard: (zone, shard) => [...(shards.get(claimKey(zone, shard)) ?? [])],
    zones: () => new Set(zones.keys()),
    get size() {
      return tasks.size;
    },
    get refused() {
      return refused;
    },
  };
}
