/** Random changes of everything that the status of an announcement, or of a peer, depends on. */
import fc from 'fast-check';
import { tasksOf } from '../../src/planning/tasks.ts';
import type { Store } from '../../src/store/store.ts';
import { never } from './api.ts';

const metadata = (name: string, project?: string) => ({
  name,
  ...(project === undefined ? {} : { project }),
  uid: name,
  createdAt: 't',
  updatedAt: 't',
});
const check = { type: 'tcp', port: 80 } as const;
const announced = (name: string, index: number, hops: number) => ({
  v: 1,
  kind: 'Announcement',
  metadata: metadata(name, 'shop'),
  spec: {
    prefixes: [`203.0.113.${index}/32`, `2001:db8::${index}/128`],
    nextHops: ['10.0.0.1', '2001:db8:1::1'].slice(0, hops).map((address) => ({ address })),
    healthCheck: check,
  },
});
const taskIds = ['10.0.0.1', '2001:db8:1::1'].map((address) => {
  const [task] = tasksOf({ spec: { prefixes: [], nextHops: [{ address }], healthCheck: check } });
  return task;
});
const report = (name: string, appliedRevision: number, state: number) => ({
  v: 1,
  name,
  node: 'n',
  zone: 'default',
  asn: 1,
  routerId: '1.1.1.1',
  appliedRevision,
  paths: 0,
  foreignPaths: 0,
  peers: [{ name: 'p', address: '10.0.0.9', asn: 2, session: state > 1 ? 'established' : 'idle' }],
  exceptions:
    state % 2 === 0 ? [] : [{ prefix: '203.0.113.1/32', nextHop: '10.0.0.1', kind: 'held', reason: 'mirrorStale' }],
  exceptionCount: 0,
  conditions: [],
  reportedAt: 't',
});

const number = fc.nat({ max: 3 });
export const statusChange = fc.oneof(
  fc.record({ of: fc.constant('announcement' as const), index: number, hops: number }),
  fc.record({ of: fc.constant('verdict' as const), index: number, state: fc.constantFrom('up', 'down', 'suspect') }),
  fc.record({ of: fc.constant('claim' as const), index: number, live: fc.boolean() }),
  fc.record({ of: fc.constant('drain' as const), index: number, live: fc.boolean() }),
  fc.record({ of: fc.constant('project' as const), index: number }),
  fc.record({ of: fc.constant('peer' as const), live: fc.boolean() }),
  fc.record({ of: fc.constant('report' as const), index: number, behind: number, gone: fc.boolean() }),
);
export type StatusChange = typeof statusChange extends fc.Arbitrary<infer One> ? One : never;

/** Commits it. */
export async function makeChange(store: Store, one: StatusChange): Promise<void> {
  const put = async (key: string, value: unknown, live = true) => {
    const operation = live
      ? ({ op: 'put', key, value: JSON.stringify(value) } as const)
      : ({ op: 'delete', key } as const);
    await store.commit([], [operation], never);
  };
  const { revision } = await store.status(never);
  switch (one.of) {
    case 'announcement':
      return put(
        `announcements/shop/a${one.index}`,
        announced(`a${one.index}`, one.index + 1, one.hops),
        one.hops > 0 && one.hops < 3,
      );
    case 'verdict': {
      const task = taskIds[one.index % 2];
      const rest = { since: 't', reason: 'ok', checker: 'c', epoch: 1, seq: revision };
      return put(`health/${task?.taskId}`, { v: 1, state: one.state, ...rest });
    }
    case 'claim':
      return put(`claims/default/${taskIds[one.index % 2]?.shard}`, { v: 1, holder: 'c', incarnation: 1 }, one.live);
    case 'drain': {
      const target = [{ nextHop: '10.0.0.1' }, { announcement: 'shop/a0' }, { speaker: 's1' }, { zone: 'default' }][
        one.index
      ];
      const record = { v: 1, kind: 'Drain', metadata: metadata(`d${one.index}`), spec: { target } };
      return put(`drains/d${one.index}`, record, one.live);
    }
    case 'project': {
      const spec = {
        prefixes: [{ prefix: '2001:db8::/32' }, { prefix: `203.0.113.0/${24 + one.index}` }],
        nextHops: ['10.0.0.0/8', '2001:db8:1::/48'],
      };
      return put('projects/shop', { v: 1, kind: 'Project', metadata: metadata('shop'), spec });
    }
    case 'peer':
      return put(
        'peers/p',
        { v: 1, kind: 'Peer', metadata: metadata('p'), spec: { address: '10.0.0.9', asn: 2 } },
        one.live,
      );
    case 'report': {
      const name = `s${one.index % 2}`;
      return put(`speaker-status/${name}`, report(name, Math.max(0, revision - one.behind), one.index), !one.gone);
    }
  }
}
