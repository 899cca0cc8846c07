/** Worlds for tests of planning: records in a store, built by hand or drawn at random, applied to a feed of inputs. */
import fc from 'fast-check';
import type { AnnouncementRecord, AnnouncementSpec } from '../../src/model/announcement.ts';
import type { DrainSpec } from '../../src/model/drain.ts';
import { claimKey, healthKey, type VerdictState } from '../../src/model/health.ts';
import type { HealthCheck } from '../../src/model/health-check.ts';
import type { ProjectSpec } from '../../src/model/project.ts';
import type { UserKind } from '../../src/model/resource.ts';
import { prefixTombstoneKey } from '../../src/model/tombstone.ts';
import { createInputs, type InputsFeed } from '../../src/planning/inputs.ts';
import type { StoredEntry } from '../../src/planning/stored.ts';
import { tasksOf } from '../../src/planning/tasks.ts';

export function recordOf<Spec>(kind: UserKind, name: string, spec: Spec, project?: string) {
  const at = '2026-01-01T00:00:00Z';
  return {
    v: 1,
    kind,
    metadata: { name, ...(project === undefined ? {} : { project }), uid: name, createdAt: at, updatedAt: at },
    spec,
  } as const;
}

export const announcementOf = (spec: AnnouncementSpec, name = 'web'): AnnouncementRecord =>
  recordOf('Announcement', name, spec, 'shop');

/** A store of one revision a write, and the inputs fed from it. */
export interface World {
  readonly inputs: InputsFeed;
  readonly entries: ReadonlyMap<string, StoredEntry>;
  put(key: string, value: unknown): ReturnType<InputsFeed['apply']>;
  remove(key: string): ReturnType<InputsFeed['apply']>;
  announce(spec: AnnouncementSpec, name?: string): AnnouncementRecord;
  project(spec: ProjectSpec): void;
  drain(name: string, spec: DrainSpec): void;
  tombstone(prefix: string, cause?: 'deleted' | 'prefixRemoved'): void;
  claim(zone: string, shard: number): number;
  /** The verdict on a next hop of the announcement; with a live claim unless told otherwise. */
  verdict(record: AnnouncementRecord, address: string, state: VerdictState, fresh?: boolean): void;
  /** Every record again, in another feed. */
  replay(): InputsFeed;
}

export function createWorld(): World {
  const inputs = createInputs();
  const entries = new Map<string, StoredEntry>();
  let revision = 0;
  const put: World['put'] = (key, value) => {
    revision += 1;
    const entry = { key, value, createRevision: entries.get(key)?.createRevision ?? revision, modRevision: revision };
    entries.set(key, entry);
    const affected = inputs.apply(key, entry);
    inputs.advance(revision);
    return affected;
  };
  const remove: World['remove'] = (key) => {
    revision += 1;
    entries.delete(key);
    const affected = inputs.apply(key, undefined);
    inputs.advance(revision);
    return affected;
  };
  const claim: World['claim'] = (zone, shard) => {
    const key = claimKey(zone, shard);
    if (!entries.has(key)) put(key, { v: 1, holder: 'c1', incarnation: 1 });
    return entries.get(key)?.createRevision ?? 0;
  };
  return {
    inputs,
    entries,
    put,
    remove,
    claim,
    announce: (spec, name = 'web') => {
      const record = announcementOf(spec, name);
      put(`announcements/shop/${name}`, record);
      return record;
    },
    project: (spec) => void put('projects/shop', recordOf('Project', 'shop', spec)),
    drain: (name, spec) => void put(`drains/${name}`, recordOf('Drain', name, spec)),
    tombstone: (prefix, cause = 'deleted') => {
      put(prefixTombstoneKey(prefix), { v: 1, prefix, owner: 'shop/web', cause, at: '2026-01-01T00:00:00Z' });
    },
    verdict: (record, address, state, fresh = true) => {
      const task = tasksOf(record).find(({ target }) => target === address);
      if (task === undefined) throw new Error(`no task for ${address}`);
      const epoch = claim(task.zone, task.shard);
      put(healthKey(task.taskId), {
        v: 1,
        state,
        since: '2026-01-01T00:00:00Z',
        reason: state === 'up' ? 'ok' : 'connectionRefused',
        checker: 'c1',
        epoch,
        seq: 1,
      });
      if (!fresh) remove(claimKey(task.zone, task.shard));
    },
    replay: () => {
      const again = createInputs();
      for (const [key, entry] of entries) again.apply(key, entry);
      again.advance(revision);
      return again;
    },
  };
}

export const permitsAll: ProjectSpec = {
  prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
  nextHops: ['10.0.0.0/8', '2001:db8:1::/64'],
};

/** All drawn announcements use these, so that drains, zones and verdicts meet them often. */
export const prefixPool = ['203.0.113.10/32', '203.0.113.11/32', '2001:db8::10/128', '2001:db8::11/128'] as const;
export const nextHopPool = ['10.0.1.11', '10.0.1.12', '10.0.1.13', '2001:db8:1::11', '2001:db8:1::12'] as const;
export const zones = ['default', 'east', 'west'] as const;

export const healthChecks: fc.Arbitrary<HealthCheck> = fc.oneof(
  fc.record(
    {
      type: fc.constant('http' as const),
      port: fc.constantFrom(80, 8080),
      path: fc.constantFrom('/', '/healthz'),
      interval: fc.constantFrom('2s', '5s'),
      initial: fc.constantFrom('up' as const, 'down' as const),
      fall: fc.constantFrom(3, 5),
    },
    { requiredKeys: ['type', 'port'] },
  ),
  fc.record(
    {
      type: fc.constant('tcp' as const),
      port: fc.constantFrom(80, 443),
      initial: fc.constantFrom('up' as const, 'down' as const),
    },
    { requiredKeys: ['type', 'port'] },
  ),
);

export const announcementSpecs: fc.Arbitrary<AnnouncementSpec> = fc.record(
  {
    prefixes: fc.uniqueArray(fc.constantFrom(...prefixPool), { minLength: 1, maxLength: 3 }),
    nextHops: fc.uniqueArray(
      fc.record(
        {
          address: fc.constantFrom(...nextHopPool),
          zone: fc.constantFrom(...zones),
          attributes: fc.record({ localPref: fc.constantFrom(100, 200) }, { requiredKeys: [] }),
        },
        { requiredKeys: ['address'] },
      ),
      { minLength: 1, maxLength: 4, selector: ({ address }) => address },
    ),
    scope: fc.constantFrom('all', 'speakerZone', 'speakerZoneElseAll'),
    healthCheck: healthChecks,
    attributes: fc.record({ med: fc.constantFrom(0, 10), asPathPrepend: fc.constantFrom(0, 2) }, { requiredKeys: [] }),
    policy: fc.record(
      {
        minHealthy: fc.constantFrom(1, 2, '50%', '100%'),
        onAllDown: fc.constantFrom('withdraw', 'hold', 'announceAll'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['prefixes', 'nextHops'] },
);

export const drainSpecs: fc.Arbitrary<DrainSpec> = fc.record(
  {
    target: fc.oneof(
      fc.constantFrom(...nextHopPool).map((nextHop) => ({ nextHop })),
      fc.constantFrom('shop/web', 'shop/other').map((announcement) => ({ announcement })),
      fc.constantFrom(...zones).map((zone) => ({ zone })),
      fc.constantFrom('rr1', 'rr2').map((speaker) => ({ speaker })),
    ),
    until: fc.constantFrom('2025-12-31T00:00:00Z', '2026-12-31T00:00:00Z'),
  },
  { requiredKeys: ['target'] },
);

export const projectSpecs: fc.Arbitrary<ProjectSpec> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(permitsAll) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ProjectSpec>(
      { ...permitsAll, prefixes: permitsAll.prefixes.slice(0, 1) },
      { ...permitsAll, nextHops: ['10.0.1.11/32', '2001:db8:1::11/128'] },
      { prefixes: [{ prefix: '203.0.113.0/24', maxLength: 31 }], nextHops: permitsAll.nextHops },
    ),
  },
);

/** What is known of one task. */
export type Knowledge = { readonly state: VerdictState | 'none' | 'unreadable'; readonly fresh: boolean };
export const knowledge: fc.Arbitrary<Knowledge> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ state: fc.constantFrom('up', 'down'), fresh: fc.constant(true) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      state: fc.constantFrom<Knowledge['state']>('up', 'down', 'suspect', 'none', 'unreadable'),
      fresh: fc.boolean(),
    }),
  },
);

/** The wall time of all drawn worlds: between the two `until`s of drawn drains. */
export const now = Date.parse('2026-06-01T00:00:00Z');

export interface Scene {
  readonly spec: AnnouncementSpec;
  readonly project: ProjectSpec | undefined;
  readonly drains: readonly DrainSpec[];
  /** By the index of the next hop. */
  readonly known: readonly Knowledge[];
  readonly speaker: { readonly name: string; readonly zone: string; readonly asn: number };
}

export const scenes: fc.Arbitrary<Scene> = fc.record({
  spec: announcementSpecs,
  project: fc.option(projectSpecs, { freq: 8, nil: undefined }),
  drains: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(drainSpecs, { maxLength: 2 })),
  known: fc.array(knowledge, { minLength: 5, maxLength: 5 }),
  speaker: fc.record({ name: fc.constantFrom('rr1', 'rr2'), zone: fc.constantFrom(...zones), asn: fc.constant(64512) }),
});

/** Builds the scene's records; `known` may be replaced to see the same scene with other knowledge. */
export function stage({ spec, project, drains, known }: Scene): World {
  const world = createWorld();
  if (project !== undefined) world.project(project);
  const record = world.announce(spec);
  drains.forEach((drain, index) => {
    world.drain(`d${index}`, drain);
  });
  const tasks = tasksOf(record);
  // Claims first and their loss last: shards may be shared, and freshness belongs to the shard.
  tasks.forEach((task, index) => {
    const what = known[index];
    if (what === undefined || what.state === 'none') return;
    if (what.state === 'unreadable') world.put(healthKey(task.taskId), { v: 1, state: 'sideways' });
    else world.verdict(record, task.target, what.state);
  });
  tasks.forEach((task, index) => {
    if (known[index]?.fresh === false) world.remove(claimKey(task.zone, task.shard));
  });
  return world;
}

/** What work that stops after each piece comes to, without a rest. */
export function allOf<Result>(work: Iterator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
