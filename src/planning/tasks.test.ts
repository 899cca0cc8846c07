import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { announcementOf, healthChecks, nextHopPool } from '../../test/rig/planning.ts';
import type { AnnouncementSpec } from '../model/announcement.ts';
import type { HealthCheck } from '../model/health-check.ts';
import { probeOf, shardOf, tasksOf, timingOf } from './tasks.ts';

const specOf = (healthCheck: HealthCheck | undefined, nextHops: AnnouncementSpec['nextHops']): AnnouncementSpec => ({
  prefixes: ['203.0.113.10/32'],
  nextHops,
  ...(healthCheck === undefined ? {} : { healthCheck }),
});
type IdOf = (check: HealthCheck, address: string, zone?: string) => string | undefined;
const idOf: IdOf = (check, address, zone) =>
  tasksOf(announcementOf(specOf(check, [{ address, ...(zone === undefined ? {} : { zone }) }])))[0]?.taskId;

/** The same check with its fields in another order and every default written out. */
function rewritten(check: HealthCheck): HealthCheck {
  const written = {
    interval: '2000ms',
    fastInterval: '0.5s',
    timeout: '1s',
    rise: 2,
    fall: 3,
    ...(check.type === 'http' ? { path: '/', method: 'GET' as const, expect: { status: ['200-399'] } } : {}),
    ...check,
  };
  return Object.fromEntries(Object.entries(written).reverse()) as unknown as HealthCheck;
}

const equalMeaningEqualId = (id: IdOf) =>
  fc.property(healthChecks, fc.constantFrom(...nextHopPool), (check, address) => {
    expect(id(rewritten(check), address, 'default')).toBe(id(check, address));
  });

/** A change of any field that shapes the probe or its timing is another task. */
const changes: readonly [string, Partial<Record<string, unknown>>][] = [
  ['port', { port: 8081 }],
  ['path', { path: '/other' }],
  ['method', { method: 'HEAD' }],
  ['host', { host: 'web.example' }],
  ['status', { expect: { status: ['200'] } }],
  ['body', { expect: { body: 'ok' } }],
  ['interval', { interval: '3s' }],
  ['fastInterval', { fastInterval: '400ms' }],
  ['timeout', { timeout: '900ms' }],
  ['rise', { rise: 7 }],
  ['fall', { fall: 7 }],
];

describe('the id of a task', () => {
  it('is equal for equal meaning: order of fields, written-out defaults', () => {
    fc.assert(equalMeaningEqualId(idOf));
  });

  it('seeded bug "taskId that depends on the order of fields" is found', () => {
    const inTheirOrder: IdOf = (check, address) => hash('sha256', JSON.stringify([address, check])).slice(0, 32);
    expect(() => fc.assert(equalMeaningEqualId(inTheirOrder))).toThrow('Property failed');
  });

  test.each(changes)('differs when %s differs', (_, change) => {
    const base = { type: 'http', port: 8080 } as const;
    expect(idOf({ ...base, ...change } as HealthCheck, '10.0.1.11')).not.toBe(idOf(base, '10.0.1.11'));
  });

  it('differs by type, zone and target', () => {
    const tcp = { type: 'tcp', port: 80 } as const;
    const ids = [
      idOf(tcp, '10.0.1.11'),
      idOf({ type: 'http', port: 80 }, '10.0.1.11'),
      idOf(tcp, '10.0.1.11', 'east'),
      idOf(tcp, '10.0.1.12'),
      idOf(tcp, '2001:db8:1::11'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not depend on initial, nor on which announcement asks', () => {
    const check = { type: 'tcp', port: 80 } as const;
    expect(idOf({ ...check, initial: 'up' }, '10.0.1.11')).toBe(idOf(check, '10.0.1.11'));
    const other: AnnouncementSpec = {
      prefixes: ['2001:db8::10/128', '198.51.100.1/32'],
      nextHops: [{ address: '10.0.1.11' }],
      healthCheck: check,
    };
    expect(tasksOf(announcementOf(other, 'other'))[0]?.taskId).toBe(idOf(check, '10.0.1.11'));
  });

  it('is 128 bits in hexadecimal, and never changes between versions: verdicts are stored under it', () => {
    expect(idOf({ type: 'tcp', port: 80 }, '10.0.1.11')).toBe('52ddd4d062e16afa3e9e57308aa435a7');
    expect(idOf({ type: 'http', port: 8080, path: '/healthz' }, '2001:db8:1::11', 'eu-1a')).toBe(
      '04df0b58bc5fa34a27273aa56bf9ac11',
    );
  });
});

describe('tasks of an announcement', () => {
  it('are one for each next hop, in their order', () => {
    const nextHops = nextHopPool.map((address) => ({ address }));
    const tasks = tasksOf(announcementOf(specOf({ type: 'tcp', port: 80 }, nextHops)));
    expect(tasks.map(({ target, zone }) => [target, zone])).toEqual(nextHopPool.map((target) => [target, 'default']));
  });

  it('are none without a health check', () => {
    expect(tasksOf(announcementOf(specOf(undefined, [{ address: '10.0.1.11' }])))).toEqual([]);
  });

  it('spread over all shards', () => {
    const shards = new Set<number>();
    for (let n = 0; n < 5_000; n += 1) {
      const address = `10.1.${n >> 8}.${n & 255}`;
      const [task] = tasksOf(announcementOf(specOf({ type: 'tcp', port: 80 }, [{ address }])));
      if (task !== undefined) shards.add(task.shard);
      expect(task?.shard).toBe(shardOf(task?.taskId ?? ''));
    }
    expect([shards.size, Math.min(...shards), Math.max(...shards)]).toEqual([256, 0, 255]);
  });
});

it('status ranges are sorted and joined', () => {
  const status = (texts: string[]) => probeOf({ type: 'http', port: 80, expect: { status: texts } });
  expect(status(['301', '200-299', '300', '204'])).toMatchObject({ status: [[200, 301]] });
  expect(status(['404', '200'])).toMatchObject({
    status: [
      [200, 200],
      [404, 404],
    ],
  });
});

it('durations are milliseconds', () => {
  expect(timingOf({ type: 'tcp', port: 80, interval: '1m', timeout: '1.5s', rise: 1 })).toEqual({
    interval: 60_000,
    fastInterval: 500,
    timeout: 1_500,
    rise: 1,
    fall: 3,
  });
});
