import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventId } from '../model/event.ts';
import { createInputs } from '../planning/inputs.ts';
import { tasksOf } from '../planning/tasks.ts';
import type { CachedChange, CachedEntry, CacheRevision } from './cached.ts';
import { eventsOf } from './events-of.ts';

type Write = readonly [key: string, value: object | undefined];

/** A server's copy at some moment, which sees revision after revision. */
function server(from: ReadonlyMap<string, CachedEntry> = new Map()) {
  const entries = new Map(from);
  const inputs = createInputs();
  for (const [key, entry] of entries) inputs.apply(key, entry);
  return {
    entries,
    see: ({ revision, changes }: CacheRevision) => {
      const before = new Map(entries);
      for (const change of changes) {
        if (change.op === 'put') entries.set(change.entry.key, change.entry);
        else entries.delete(change.key);
        const key = change.op === 'put' ? change.entry.key : change.key;
        inputs.apply(key, change.op === 'put' ? change.entry : undefined);
      }
      const source = { before: (key: string) => before.get(key)?.value, inputs };
      const events = eventsOf({ revision, changes }, source, '2026-01-01T00:00:00Z');
      return events.map((event, index) => ({ id: eventId(revision, index), ...event }));
    },
  };
}

/** Revisions as a store would count them. */
function revisionsOf(commits: readonly (readonly Write[])[]): readonly CacheRevision[] {
  const created = new Map<string, number>();
  return commits.map((writes, index) => {
    const revision = index + 1;
    const changes = writes.map(([key, value]): CachedChange => {
      if (value === undefined) {
        created.delete(key);
        return { op: 'delete', key };
      }
      const createRevision = created.get(key) ?? revision;
      created.set(key, createRevision);
      return { op: 'put', entry: { key, value, text: JSON.stringify(value), createRevision, modRevision: revision } };
    });
    return { revision, changes };
  });
}

const told = (...commits: readonly (readonly Write[])[]) => {
  const one = server();
  return revisionsOf(commits).flatMap((revision) => one.see(revision));
};

const metadata = (name: string) => ({
  name,
  project: 'shop',
  uid: 'u',
  createdAt: 'c',
  updatedAt: '2026-01-02T00:00:00Z',
});
const web = (index: number): Write => [
  `announcements/shop/web${index}`,
  {
    v: 1,
    kind: 'Announcement',
    metadata: metadata(`web${index}`),
    spec: {
      prefixes: [`203.0.113.${index + 1}/32`, `2001:db8::${(index + 1).toString(16)}/128`],
      nextHops: [{ address: '10.0.0.1' }, { address: '2001:db8:1::1' }],
      healthCheck: { type: 'tcp', port: 80 },
    },
  },
];
const tasks = tasksOf({
  spec: {
    prefixes: [],
    nextHops: [{ address: '10.0.0.1' }, { address: '2001:db8:1::1' }],
    healthCheck: { type: 'tcp', port: 80 },
  },
});
const verdict = (index: number, state: string): Write => [
  `health/${tasks[index]?.taskId}`,
  {
    v: 1,
    state,
    since: '2026-01-03T00:00:00Z',
    reason: state === 'up' ? 'ok' : 'timeout',
    checker: 'c',
    epoch: 1,
    seq: 1,
  },
];
const report = (more: object = {}): Write => [
  'speaker-status/rr1',
  {
    v: 1,
    name: 'rr1',
    node: 'n',
    zone: 'default',
    asn: 1,
    routerId: '1.1.1.1',
    appliedRevision: 1,
    paths: 0,
    foreignPaths: 0,
    peers: [],
    exceptions: [],
    exceptionCount: 0,
    conditions: [],
    reportedAt: '2026-01-04T00:00:00Z',
    ...more,
  },
];
const peers = (session: string) => ({ peers: [{ name: 'p', address: '2001:db8::9', asn: 2, session }] });
const changes = (since: string, count: number, last = Math.min(count, 50)) => ({
  changes: {
    since,
    count,
    last: Array.from({ length: last }, (_, index) => ({
      seq: count - last + index + 1,
      at: '2026-01-05T00:00:00Z',
      action: index % 2 === 0 ? 'announce' : 'withdraw',
      prefix: '203.0.113.1/32',
      nextHop: '10.0.0.1',
      reason: index % 2 === 0 ? 'healthy' : 'nextHopDown',
    })),
  },
});
const kindsOf = (...commits: readonly (readonly Write[])[]) => told(...commits).map(({ kind }) => kind);

describe('events', () => {
  test('tell of next hops by their transitions, and name at most ten announcements', () => {
    const many = Array.from({ length: 12 }, (_, index) => web(index));
    const [six] = told(many, [verdict(1, 'down')]).slice(12);
    expect(six).toMatchObject({
      kind: 'nextHopDown',
      object: 'shop/web0',
      nextHop: '2001:db8:1::1',
      reason: 'timeout',
      at: '2026-01-03T00:00:00Z',
    });
    expect(six?.others?.length).toBe(9);
    expect(six?.message).toContain('and 2 more');
    expect(
      kindsOf(
        [web(0)],
        [verdict(0, 'up')],
        [verdict(0, 'up')],
        [verdict(0, 'down')],
        [[`health/${tasks[0]?.taskId}`, undefined]],
      ),
    ).toEqual(['created', 'nextHopUp', 'nextHopDown']);
    // Nobody asks for it.
    expect(told([verdict(0, 'down')])).toEqual([]);
  });

  test('tell a restored object from a new one by the tombstone that goes with it', () => {
    const [key] = web(0);
    const stone: Write = [`tombstones/${key}`, { v: 1, at: '2026-01-09T00:00:00Z', revision: 1, record: {} }];
    const gone: Write = [key, undefined];
    expect(told([web(0)], [gone, stone], [web(0), [stone[0], undefined]]).map(({ kind, at }) => [kind, at])).toEqual([
      ['created', '2026-01-02T00:00:00Z'],
      ['deleted', '2026-01-09T00:00:00Z'],
      ['undeleted', '2026-01-02T00:00:00Z'],
    ]);
  });

  test('tell nothing of a mark that comes and goes, but of every change that a user made', () => {
    const project = (more: object = {}, prefix = '2001:db8::/32'): Write => [
      'projects/shop',
      {
        v: 1,
        kind: 'Project',
        metadata: { ...metadata('shop'), project: undefined, labels: {} },
        spec: { prefixes: [{ prefix }], nextHops: [] },
        ...more,
      },
    ];
    const mark = { deleting: { at: '2026-01-02T00:00:00Z', revision: 1 } };
    const gone: Write = ['projects/shop', undefined];
    expect(kindsOf([project()], [project(mark)], [project()], [project(mark)], [gone])).toEqual(['created', 'deleted']);
    expect(kindsOf([project()], [project(mark, '203.0.113.0/24')], [project(mark)])).toEqual([
      'created',
      'changed',
      'changed',
    ]);
    const labelled = project({ metadata: { ...metadata('shop'), labels: { team: 'edge' } } });
    const another = project({ metadata: { ...metadata('shop'), uid: 'u2', labels: {} } });
    expect(kindsOf([project()], [labelled], [project()], [another])).toEqual([
      'created',
      'changed',
      'changed',
      'changed',
    ]);
    // What could not be read before, or can't be now, has changed for all that is known.
    expect(
      kindsOf(
        [project()],
        [['projects/shop', 7]].map(([key]): Write => [String(key), { v: 9 }]),
        [project()],
      ),
    ).toEqual(['created', 'changed', 'changed']);
  });

  test('tell of sessions that come and go; one that cannot be asked for is neither', () => {
    expect(kindsOf([report()], [report(peers('idle'))], [report(peers('active'))])).toEqual([]);
    expect(
      kindsOf(
        [report(peers('established'))],
        [report(peers('unknown'))],
        [report(peers('established'))],
        [report(peers('idle'))],
      ),
    ).toEqual(['peerUp', 'peerUp', 'peerDown']);
  });

  test('tell of conditions once', () => {
    const sick = report({ conditions: [{ reason: 'speakerUnresponsive', message: 'It hangs.' }] });
    expect(kindsOf([sick], [sick], [report()])).toEqual(['condition', 'conditionGone']);
  });

  test('tell of the path changes that a report adds, and count those that it does not name', () => {
    expect(kindsOf([report(changes('t1', 2))], [report(changes('t1', 2))], [report(changes('t1', 3))])).toEqual([
      'pathAnnounced',
      'pathWithdrawn',
      'pathAnnounced',
    ]);
    const burst = told([report(changes('t1', 2))], [report(changes('t1', 152))]).slice(2);
    expect(burst.length).toBe(51);
    expect(burst[0]).toMatchObject({ kind: 'leftOut', count: 100 });
    // An updater that was started again counts from the beginning.
    expect(kindsOf([report(changes('t1', 9))], [report(changes('t2', 1))]).slice(9)).toEqual(['pathAnnounced']);
  });

  test('tell nothing of themselves, of claims, of heartbeats and of what cannot be read', () => {
    const quiet: readonly Write[] = [
      ['events/0000000000000001-000', { v: 1 }],
      ['event-log/written', { v: 1 }],
      ['claims/default/1', { v: 1 }],
      ['api/me', { v: 1 }],
      ['prefixes/ipv6/2001:db8::1_128', { v: 1 }],
      ['health/odd', { state: 7 }],
      ['speaker-status/odd', { v: 9 }],
    ];
    expect(told(quiet, quiet)).toEqual([]);
    expect(kindsOf([['peers/odd', { v: 9 }]])).toEqual(['created']);
  });
});

const index = fc.nat({ max: 1 });
const write = fc.oneof(
  index.map(web),
  index.map((one): Write => [web(one)[0], undefined]),
  index.map((one): Write => [`tombstones/${web(one)[0]}`, undefined]),
  fc.tuple(index, fc.constantFrom('up', 'down', 'suspect')).map(([one, state]) => verdict(one, state)),
  fc
    .tuple(fc.constantFrom('idle', 'established', 'unknown'), fc.nat({ max: 99 }))
    .map(([session, count]) => report({ ...peers(session), ...changes('t', count) })),
  fc.boolean().map((live): Write => ['checkers/default/c', live ? { v: 1 } : undefined]),
);

test('who begins at any point finds the same events under the same ids', () => {
  const commits = fc.array(fc.uniqueArray(write, { minLength: 1, maxLength: 4, selector: ([key]) => key }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(commits, fc.nat({ max: 20 }), (history, at) => {
      const revisions = revisionsOf(history);
      const first = server();
      const early = revisions.slice(0, at).flatMap((revision) => first.see(revision));
      // It loaded its copy in another order.
      const second = server(new Map([...first.entries].reverse()));
      const late = revisions.slice(at).flatMap((revision) => first.see(revision));
      expect(revisions.slice(at).flatMap((revision) => second.see(revision))).toEqual(late);
      const ids = [...early, ...late].map(({ id }) => id);
      expect([...new Set(ids)].sort()).toEqual(ids);
    }),
  );
});
