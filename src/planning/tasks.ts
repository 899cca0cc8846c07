/** From announcements to health-check tasks: one canonical probe of one next hop; who asks for the same shares it. */
import { hash } from 'node:crypto';
import type { AnnouncementRecord } from '../model/announcement.ts';
import { parseDuration } from '../model/duration.ts';
import { shardCount } from '../model/health.ts';
import { type CheckTiming, defaultTiming, type HealthCheck, type ProbeSpec } from '../model/health-check.ts';
import { formatAddress, parseAddress } from '../model/prefix.ts';

export interface Task {
  /** 128 bits in hexadecimal, equal exactly for equal (zone, target, probe, timing). */
  readonly taskId: string;
  readonly zone: string;
  /** 0–255, within the zone. */
  readonly shard: number;
  /** Canonical address of the next hop. */
  readonly target: string;
  readonly probe: ProbeSpec;
  readonly timing: CheckTiming;
}

/** The zone of a next hop, a checker or a speaker that names none. */
export const defaultZone = 'default';

type AnnouncementTasks = Pick<AnnouncementRecord, 'spec'>;
const known = new WeakMap<AnnouncementTasks, readonly Task[]>();

/**
 * The tasks of an announcement: one for each next hop, in their order; none without a health check. `initial` shapes
 * what an undecided next hop counts as, not the task. Records are immutable, so the result is remembered with them.
 */
export function tasksOf(announcement: AnnouncementTasks): readonly Task[] {
  const remembered = known.get(announcement);
  if (remembered !== undefined) return remembered;
  const tasks = computeTasks(announcement);
  known.set(announcement, tasks);
  return tasks;
}

/** The same, not remembered: for who keeps them himself. */
export function computeTasks({ spec: { healthCheck, nextHops } }: AnnouncementTasks): readonly Task[] {
  if (healthCheck === undefined) return [];
  const check = sharedCheck(healthCheck);
  return nextHops.map(({ address, zone }) => taskOf(address, zone ?? defaultZone, check));
}

interface Check {
  readonly probe: ProbeSpec;
  readonly timing: CheckTiming;
}

const checks = new Map<string, Check>();
const mostChecks = 256;

/** Most announcements are checked alike, so that tasks share what takes most of their room. */
function sharedCheck(check: HealthCheck): Check {
  const text = JSON.stringify(check);
  const found = checks.get(text);
  if (found !== undefined) return found;
  const made = { probe: probeOf(check), timing: timingOf(check) };
  if (checks.size >= mostChecks) checks.clear();
  checks.set(text, made);
  return made;
}

function taskOf(address: string, zone: string, { probe, timing }: Check): Task {
  const parsed = parseAddress(address);
  const target = parsed.ok ? formatAddress(parsed.value) : address;
  const taskId = taskIdOf(zone, target, probe, timing);
  return { taskId, zone, shard: shardOf(taskId), target, probe, timing };
}

/** What is hashed is a list in fixed order, so neither the order of fields nor written-out defaults matter. */
export function taskIdOf(zone: string, target: string, probe: ProbeSpec, timing: CheckTiming): string {
  const asked =
    probe.type === 'http'
      ? ['http', probe.port, probe.path, probe.method, probe.host ?? null, probe.status, probe.body ?? null]
      : ['tcp', probe.port];
  const { interval, fastInterval, timeout, rise, fall } = timing;
  const text = JSON.stringify([1, zone, target, asked, interval, fastInterval, timeout, rise, fall]);
  // A slice of the whole hash's text would keep all of that in memory.
  return hash('sha256', text, 'buffer').toString('hex', 0, 16);
}

export function shardOf(taskId: string): number {
  return Number.parseInt(taskId.slice(0, 4), 16) % shardCount;
}

/** The probe with every default filled in; status ranges sorted and merged, since their order means nothing. */
export function probeOf(check: HealthCheck): ProbeSpec {
  if (check.type === 'tcp') return { type: 'tcp', port: check.port };
  const { host, expect } = check;
  return {
    type: 'http',
    port: check.port,
    path: check.path ?? '/',
    method: check.method ?? 'GET',
    ...(host === undefined ? {} : { host: host.toLowerCase() }),
    status: statusRanges(expect?.status ?? ['200-399']),
    ...(expect?.body === undefined ? {} : { body: expect.body }),
  };
}

export function timingOf(check: HealthCheck): CheckTiming {
  const duration = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
  return {
    interval: duration(check.interval, defaultTiming.interval),
    fastInterval: duration(check.fastInterval, defaultTiming.fastInterval),
    timeout: duration(check.timeout, defaultTiming.timeout),
    rise: check.rise ?? defaultTiming.rise,
    fall: check.fall ?? defaultTiming.fall,
  };
}

function statusRanges(texts: readonly string[]): readonly (readonly [number, number])[] {
  const ranges = texts
    .map((text): [number, number] => {
      const [from = '', to = from] = text.split('-');
      return [Number(from), Number(to)];
    })
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
