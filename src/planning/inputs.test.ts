import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  announcementOf,
  announcementSpecs,
  createWorld,
  drainSpecs,
  now,
  permitsAll,
  prefixPool,
  projectSpecs,
  recordOf,
  type World,
} from '../../test/rig/planning.ts';
import { claimKey, healthKey } from '../model/health.ts';
import { prefixTombstoneKey } from '../model/tombstone.ts';
import { planningContext } from './desired.ts';
import { decisionsOn, prefixFacts } from './diff.ts';
import type { Affected, Inputs } from './inputs.ts';
import { tasksOf } from './tasks.ts';

const speaker = { name: 'rr1', zone: 'east', asn: 64512 };
const names = ['web', 'other'] as const;
const garbage = fc.constantFrom<unknown>(null, 'text', [], {}, { v: 2 }, { v: 1, kind: 'Announcement' });

/** One write or removal somewhere, in terms of what is already there. */
type Step = (world: World) => { readonly key: string; readonly affected: Affected } | undefined;
const put =
  (key: string, value: unknown): Step =>
  (world) => ({ key, affected: world.put(key, value) });
const announcements = fc
  .tuple(fc.constantFrom(...names), announcementSpecs)
  .map(([name, spec]) => put(`announcements/shop/${name}`, announcementOf(spec, name)));
const removals = fc.nat().map(
  (pick): Step =>
    (world) => {
      const keys = [...world.entries.keys()];
      const key = keys[pick % Math.max(1, keys.length)];
      return key === undefined ? undefined : { key, affected: world.remove(key) };
    },
);
const spoilings = fc.tuple(fc.nat(), garbage).map(
  ([pick, value]): Step =>
    (world) => {
      const keys = [...world.entries.keys()];
      const key = keys[pick % Math.max(1, keys.length)];
      return key === undefined ? undefined : { key, affected: world.put(key, value) };
    },
);
const onTask =
  (pick: number, write: (world: World, taskId: string, claim: string) => [string, unknown]): Step =>
  (world) => {
    const tasks = [...world.inputs.announcements.values()].flatMap(({ record }) => tasksOf(record));
    const task = tasks[pick % Math.max(1, tasks.length)];
    if (task === undefined) return undefined;
    const [key, value] = write(world, task.taskId, claimKey(task.zone, task.shard));
    return { key, affected: world.put(key, value) };
  };
const verdicts = fc
  .tuple(fc.nat(), fc.constantFrom('up', 'down', 'suspect'), fc.constantFrom(1, 999))
  .map(([pick, state, epoch]) =>
    onTask(pick, (world, taskId, claim) => [
      healthKey(taskId),
      {
        v: 1,
        state,
        since: '2026-01-01T00:00:00Z',
        reason: 'ok',
        checker: 'c1',
        epoch: epoch === 1 ? (world.entries.get(claim)?.createRevision ?? 1) : epoch,
        seq: 0,
      },
    ]),
  );
const claims = fc.nat().map((pick) => onTask(pick, (_, __, claim) => [claim, { v: 1, holder: 'c1', incarnation: 1 }]));
const tombstones = fc
  .constantFrom(...prefixPool)
  .map((prefix) =>
    put(prefixTombstoneKey(prefix), { v: 1, prefix, owner: 'shop/web', cause: 'deleted', at: '2026-01-01T00:00:00Z' }),
  );
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: announcements },
  { weight: 3, arbitrary: verdicts },
  { weight: 2, arbitrary: claims },
  { weight: 2, arbitrary: removals },
  { weight: 1, arbitrary: spoilings },
  { weight: 1, arbitrary: tombstones },
  { weight: 1, arbitrary: drainSpecs.map((spec) => put('drains/d', recordOf('Drain', 'd', spec))) },
  { weight: 1, arbitrary: projectSpecs.map((spec) => put('projects/shop', recordOf('Project', 'shop', spec))) },
);
const histories = fc.array(steps, { minLength: 1, maxLength: 25 });

function everything(inputs: Inputs): Map<string, unknown> {
  const context = planningContext(inputs, speaker, now);
  return new Map(
    prefixPool.map((prefix) => {
      const { owners, tombstone, anyUndecodable } = prefixFacts(prefix, inputs);
      return [
        prefix,
        {
          decisions: decisionsOn(prefix, inputs, context),
          owners: owners.map(({ key }) => key),
          tombstone,
          anyUndecodable,
        },
      ];
    }),
  );
}
/** What changes nothing in the diff of a prefix: revisions of evidence that is the same otherwise. */
const shape = (value: unknown) =>
  JSON.stringify(value, (key, inner: unknown) => (key === 'revision' ? undefined : inner));

describe('inputs kept up to date key by key', () => {
  it('equal inputs read afresh from the same records', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const world = createWorld();
        world.project(permitsAll);
        for (const step of history) step(world);
        const again = world.replay();
        expect(everything(world.inputs)).toEqual(everything(again));
        expect(new Map(world.inputs.undecodable)).toEqual(new Map(again.undecodable));
        expect(world.inputs.undecodableAnnouncements).toBe(again.undecodableAnnouncements);
        expect([...world.inputs.prefixes()].toSorted()).toEqual([...again.prefixes()].toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('name every prefix that a change concerns', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const world = createWorld();
        world.project(permitsAll);
        let before = everything(world.inputs);
        for (const step of history) {
          const done = step(world);
          const after = everything(world.inputs);
          for (const prefix of prefixPool) {
            if (shape(before.get(prefix)) === shape(after.get(prefix))) continue;
            if (done?.affected !== 'all') expect(done?.affected).toContain(prefix);
          }
          before = after;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('list what cannot be decoded, and take it back once it can', () => {
    const world = createWorld();
    world.put('announcements/shop/web', { v: 1 });
    world.put('projects/shop', 7);
    world.put('health/x', null);
    world.put('peers/p', {});
    expect([...world.inputs.undecodable.keys()]).toEqual([
      'announcements/shop/web',
      'projects/shop',
      'health/x',
      'peers/p',
    ]);
    expect(world.inputs.undecodable.get('projects/shop')).toBe('it must be object');
    world.project(permitsAll);
    world.remove('announcements/shop/web');
    expect([...world.inputs.undecodable.keys()]).toEqual(['health/x', 'peers/p']);
    expect(world.inputs.undecodableAnnouncements).toBe(0);
  });
});

describe('a verdict', () => {
  const check = {
    prefixes: ['203.0.113.10/32'],
    nextHops: [{ address: '10.0.1.11' }],
    healthCheck: { type: 'tcp', port: 80 },
  } as const;
  const spec = { ...check, prefixes: [...check.prefixes], nextHops: [...check.nextHops] };
  function verdictIn(build: (world: World, taskId: string, claim: string) => void) {
    const world = createWorld();
    const [task] = tasksOf(world.announce(spec));
    if (task === undefined) throw new Error('no task');
    build(world, task.taskId, claimKey(task.zone, task.shard));
    return world.inputs.verdict(task);
  }
  const verdict = (epoch: number) => ({ v: 1, state: 'up', since: 's', reason: 'ok', checker: 'c', epoch, seq: 0 });
  const claim = { v: 1, holder: 'c', incarnation: 1 };

  it('is absent until there is one', () => expect(verdictIn(() => undefined)).toBeUndefined());

  it('is stale without a claim, fresh with one, fresh under a later claim, stale under an older one', () => {
    expect(verdictIn((world, id) => world.put(healthKey(id), verdict(2)))).toMatchObject({ fresh: false, state: 'up' });
    const claimed = (epoch: number) =>
      verdictIn((world, id, key) => {
        world.put(key, claim);
        world.put(healthKey(id), verdict(epoch));
      });
    expect(claimed(2)).toMatchObject({ fresh: true, epoch: 2, revision: 3 });
    expect(claimed(1)).toMatchObject({ fresh: true });
    expect(claimed(3)).toMatchObject({ fresh: false });
  });

  it('is unreadable, not absent, when it cannot be decoded', () => {
    expect(verdictIn((world, id) => world.put(healthKey(id), { v: 1 }))).toMatchObject({
      state: 'unreadable',
      fresh: false,
    });
  });
});

it('a record that breaks its decoder is undecodable, and hides no other', () => {
  const world = createWorld();
  world.put(
    'announcements/shop/good',
    announcementOf({ prefixes: ['203.0.113.1/32'], nextHops: [{ address: '10.0.0.1' }] }, 'good'),
  );
  const broken = new Proxy(
    {},
    {
      get: () => {
        throw new Error('broken');
      },
      ownKeys: () => {
        throw new Error('broken');
      },
    },
  );
  world.put('announcements/shop/bad', broken);
  expect([...world.inputs.undecodable.keys()]).toEqual(['announcements/shop/bad']);
  expect([...world.inputs.announcements.keys()]).toEqual(['announcements/shop/good']);
});
