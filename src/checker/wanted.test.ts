import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tasksOf } from '../planning/tasks.ts';
import { createWanted } from './wanted.ts';

const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
const announcement = (name: string, addresses: readonly string[], port: number, zone?: string) => ({
  v: 1,
  kind: 'Announcement',
  metadata: { name, project: 'shop', uid: name, ...times },
  spec: {
    prefixes: ['203.0.113.1/32'],
    nextHops: addresses.map((address) => ({ address, ...(zone === undefined ? {} : { zone }) })),
    healthCheck: { type: 'tcp', port },
  },
});
const project = (nextHops: readonly string[]) => ({
  v: 1,
  kind: 'Project',
  metadata: { name: 'shop', uid: 'p', ...times },
  spec: { prefixes: [{ prefix: '203.0.113.0/24' }], nextHops },
});

const addresses = ['192.0.2.1', '192.0.2.2', '198.51.100.1', '2001:db8::1', '2001:db8::2'];
const networks = ['192.0.2.0/24', '198.51.100.0/24', '2001:db8::/64'];

type Step =
  | {
      readonly do: 'announce';
      readonly which: number;
      readonly hops: readonly string[];
      readonly port: number;
      readonly zone: string;
    }
  | { readonly do: 'delete' | 'garble'; readonly which: number }
  | { readonly do: 'project'; readonly allowed: readonly string[] }
  | { readonly do: 'deleteProject' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('announce' as const),
    which: fc.nat(2),
    hops: fc.subarray(addresses, { minLength: 1 }),
    port: fc.integer({ min: 1, max: 2 }),
    zone: fc.constantFrom('a', 'b'),
  }),
  fc.record({ do: fc.constantFrom('delete' as const, 'garble' as const), which: fc.nat(2) }),
  fc.record({ do: fc.constant('project' as const), allowed: fc.subarray(networks) }),
  fc.record({ do: fc.constant('deleteProject' as const) }),
);

const isAllowed = (address: string, allowed: readonly string[]) =>
  allowed.some((network) => address.startsWith(network.replace(/(0\/24|:\/64)$/, '')));

describe('createWanted', () => {
  it('wants exactly the tasks of permitted next hops, and says of each when it comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (script) => {
        const wanted = createWanted();
        const records = new Map<string, ReturnType<typeof announcement>>();
        let allowed: readonly string[] = [];
        const known = new Set<string>();
        for (const one of script) {
          const key = 'which' in one ? `announcements/shop/n${one.which}` : 'projects/shop';
          let value: unknown;
          if (one.do === 'announce') {
            const record = announcement(`n${one.which}`, one.hops, one.port, one.zone);
            records.set(key, record);
            value = record;
          } else if (one.do === 'delete') records.delete(key);
          else if (one.do === 'garble') value = { v: 1, kind: 'Announcement', spec: 'nonsense' };
          else {
            allowed = one.do === 'project' ? one.allowed : [];
            value = one.do === 'project' ? project(one.allowed) : undefined;
          }
          for (const taskId of wanted.apply(key, value)) {
            if (wanted.get(taskId) === undefined) expect(known.delete(taskId)).toBe(true);
            else known.add(taskId);
          }
          const tasks = [...records.values()].flatMap((record) =>
            tasksOf(record as Parameters<typeof tasksOf>[0]).filter(({ target }) => isAllowed(target, allowed)),
          );
          expect(known).toEqual(new Set(tasks.map(({ taskId }) => taskId)));
          expect(wanted.size).toBe(known.size);
          expect(wanted.zones()).toEqual(new Set(tasks.map(({ zone }) => zone)));
          for (const { taskId, zone, shard } of tasks) expect(wanted.inShard(zone, shard)).toContain(taskId);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never wants a special address unless the project names it expressly', () => {
    const wanted = createWanted();
    wanted.apply('projects/shop', project(['0.0.0.0/0', '::/0']));
    wanted.apply(
      'announcements/shop/web',
      announcement('web', ['169.254.169.254', '127.0.0.1', '::1', '192.0.2.1'], 80),
    );
    expect([wanted.size, wanted.refused]).toEqual([1, 3]);
    wanted.apply('projects/shop', project(['0.0.0.0/0', '127.0.0.0/8', '::1/128']));
    expect([wanted.size, wanted.refused]).toEqual([3, 1]);
  });
});
