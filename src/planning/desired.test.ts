import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createWorld, type Knowledge, now, permitsAll, type Scene, scenes, stage } from '../../test/rig/planning.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { healthKey } from '../model/health.ts';
import { familyOf } from '../model/prefix.ts';
import { type DesiredFor, desiredFor, planningContext } from './desired.ts';
import type { Inputs } from './inputs.ts';
import type { Stored } from './stored.ts';
import { tasksOf } from './tasks.ts';

const speaker = { name: 'rr1', zone: 'east', asn: 64512 };

function only(inputs: Inputs): Stored<AnnouncementRecord> {
  const [announcement] = inputs.announcements.values();
  if (announcement === undefined) throw new Error('the world has no announcement');
  return announcement;
}
function decide(scene: Scene, desired: DesiredFor = desiredFor) {
  const { inputs } = stage(scene);
  return desired(only(inputs), planningContext(inputs, scene.speaker, now));
}

/** Rule 2: whatever is withdrawn, the records named as evidence are there at that revision and say so. */
const withdrawsOnlyOnEvidence = (desired: DesiredFor) =>
  fc.property(scenes, (scene) => {
    const { inputs, entries } = stage(scene);
    const announcement = only(inputs);
    const tasks = tasksOf(announcement.record);
    for (const decision of desired(announcement, planningContext(inputs, scene.speaker, now))) {
      if (decision.type !== 'withdraw') continue;
      expect(decision.evidence.length).toBeGreaterThan(0);
      for (const { kind, key, revision, epoch } of decision.evidence) {
        expect(entries.get(key)?.modRevision).toBe(revision);
        if (kind !== 'verdict') continue;
        const task = tasks.find(({ taskId }) => healthKey(taskId) === key);
        const verdict = task && inputs.verdict(task);
        expect(verdict).toMatchObject({ fresh: true, epoch });
        if (decision.reason === 'nextHopDown') expect(verdict?.state).toBe('down');
      }
    }
  });

/** The same with the stale taken for down, the mistake that withdraws the world when checkers die. */
const staleIsDown: DesiredFor = (announcement, context) =>
  desiredFor(announcement, {
    ...context,
    verdict: (task) => {
      const verdict = context.verdict(task);
      return verdict === undefined || verdict.fresh ? verdict : { ...verdict, state: 'down', fresh: true };
    },
  });

/** Every way in which what isn't known may turn out. */
const outcomes = fc.array(fc.constantFrom<Knowledge['state']>('up', 'down'), { minLength: 5, maxLength: 5 });
function resolve(scene: Scene, states: readonly Knowledge['state'][]): Scene {
  const known = scene.known.map(({ state, fresh }, index) =>
    fresh && (state === 'up' || state === 'down') ? { state, fresh } : { state: states[index] ?? 'up', fresh: true },
  );
  return { ...scene, known };
}

describe('any announcement in any world', () => {
  it('withdraws nothing without evidence', () => {
    fc.assert(withdrawsOnlyOnEvidence(desiredFor), { numRuns: 1_000 });
  });

  it('seeded bug "stale treated as down" is found', () => {
    expect(() => fc.assert(withdrawsOnlyOnEvidence(staleIsDown), { numRuns: 1_000 })).toThrow('Property failed');
  });

  it('gets one decision for each prefix and next hop of its family, each with an identifier of its own', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const decisions = decide(scene);
        const wanted = scene.spec.prefixes.flatMap((prefix) =>
          scene.spec.nextHops
            .filter(({ address }) => familyOf(address) === familyOf(prefix))
            .map(({ address }) => `${prefix} ${address}`),
        );
        expect(decisions.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`)).toEqual(wanted);
        expect(new Set(decisions.map(({ prefix, identifier }) => `${prefix} ${identifier}`)).size).toBe(wanted.length);
      }),
    );
  });

  it('decides the same again from the same inputs', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = stage(scene);
        const again = world.replay();
        const [first, second] = [world.inputs, again].map((inputs) =>
          desiredFor(only(inputs), planningContext(inputs, scene.speaker, now)),
        );
        expect(second).toEqual(first);
      }),
    );
  });

  it('withdraws (policy withdraw) only what is withdrawn however the unknown turns out', () => {
    const withdrawing = scenes.filter(({ spec }) => (spec.policy?.onAllDown ?? 'withdraw') === 'withdraw');
    fc.assert(
      fc.property(withdrawing, outcomes, (scene, states) => {
        const before = decide(scene);
        const after = decide(resolve(scene, states));
        before.forEach((decision, index) => {
          if (decision.type === 'withdraw') expect(after[index]?.type).toBe('withdraw');
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('is left alone while nothing at all is known, but for drains, entitlement and scope', () => {
    const nothing: Knowledge = { state: 'none', fresh: true };
    const checked = scenes.filter(({ spec }) => spec.healthCheck !== undefined && spec.healthCheck.initial !== 'up');
    fc.assert(
      fc.property(checked, (scene) => {
        const untouched: Scene = { ...scene, drains: [], project: permitsAll, known: Array(5).fill(nothing) };
        const local = (nextHop: string) =>
          (scene.spec.nextHops.find(({ address }) => address === nextHop)?.zone ?? 'default') === scene.speaker.zone;
        for (const decision of decide(untouched)) {
          const outside = scene.spec.scope === 'speakerZone' && !local(decision.nextHop);
          const short = decision.reason === 'belowMinHealthy' || decision.reason === 'failOpen';
          if (!outside && !short) expect(decision.type).toBe('keep');
          if (short) expect(scene.spec.policy?.minHealthy).toBe(2);
        }
      }),
    );
  });

  it('keeps everything that it would announce when its project is unknown', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const decisions = decide({ ...scene, project: undefined });
        expect(decisions.filter(({ type, reason }) => type === 'announce' || reason === 'notEntitled')).toEqual([]);
      }),
    );
  });

  it('loses no path by an edit of its check alone (initial down)', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const withCheck: AnnouncementSpec = { ...scene.spec, healthCheck: { type: 'tcp', port: 7 }, scope: 'all' };
        const world = stage({ ...scene, spec: withCheck, project: permitsAll, drains: [] });
        world.announce({ ...withCheck, policy: {}, healthCheck: { type: 'tcp', port: 8 } });
        const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, scene.speaker, now));
        expect(decisions.every(({ type, reason }) => type === 'keep' && reason === 'neverChecked')).toBe(true);
      }),
    );
  });
});

describe('liveness: with evidence it happens', () => {
  it('a fresh DOWN next hop with a fresh UP sibling always leaves, and the sibling stays', () => {
    const plain = scenes.filter(({ spec }) => spec.healthCheck !== undefined);
    fc.assert(
      fc.property(plain, (scene) => {
        const { policy, scope, ...rest } = scene.spec;
        const decisions = decide({
          ...scene,
          spec: { ...rest, ...(policy?.onAllDown === undefined ? {} : { policy: { onAllDown: policy.onAllDown } }) },
          project: permitsAll,
          drains: [],
        });
        const stateOf = (nextHop: string) =>
          scene.known[scene.spec.nextHops.findIndex(({ address }) => address === nextHop)];
        for (const decision of decisions) {
          const siblings = decisions.filter(({ prefix }) => prefix === decision.prefix);
          const own = stateOf(decision.nextHop);
          const anyUp = siblings.some(({ nextHop }) => isFresh(stateOf(nextHop), 'up'));
          if (anyUp && isFresh(own, 'down') && alone(scene, decision.nextHop)) {
            expect(decision).toMatchObject({ type: 'withdraw', reason: 'nextHopDown' });
          }
          if (isFresh(own, 'up') && alone(scene, decision.nextHop)) {
            expect(decision).toMatchObject({ type: 'announce', reason: 'healthy' });
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  const isFresh = (what: Knowledge | undefined, state: 'up' | 'down') => what?.fresh === true && what.state === state;
  /** No other task that lost its claim shares the shard. */
  const alone = (scene: Scene, nextHop: string) => {
    const { inputs } = stage(scene);
    const task = tasksOf(only(inputs).record).find(({ target }) => target === nextHop);
    return task !== undefined && inputs.verdict(task)?.fresh === true;
  };
});

/** One announcement of two next hops of a family in zones east and west, http-checked. */
const families = [
  { name: 'IPv4', prefix: '203.0.113.10/32', east: '10.0.1.11', west: '10.0.1.12' },
  { name: 'IPv6', prefix: '2001:db8::10/128', east: '2001:db8:1::11', west: '2001:db8:1::12' },
] as const;

describe.each(families)('$name, two next hops', ({ prefix, east, west }) => {
  const spec = (more: Partial<AnnouncementSpec> = {}): AnnouncementSpec => ({
    prefixes: [prefix],
    nextHops: [
      { address: east, zone: 'east' },
      { address: west, zone: 'west' },
    ],
    healthCheck: { type: 'tcp', port: 80 },
    ...more,
  });
  type Word = 'up' | 'down' | 'suspect' | 'stale up' | 'stale down' | 'none';
  const reasonsOf = (
    more: Partial<AnnouncementSpec>,
    health: readonly [Word, Word],
    drains: readonly string[] = [],
  ) => {
    const world = createWorld();
    world.project(permitsAll);
    const record = world.announce(spec(more));
    [east, west].forEach((address, index) => {
      const word = health[index] ?? 'none';
      const [first, second] = word.split(' ');
      if (word === 'none' || record.spec.healthCheck === undefined) return;
      const state = second ?? first;
      if (state === 'up' || state === 'down' || state === 'suspect') {
        world.verdict(record, address, state, second === undefined);
      }
    });
    drains.forEach((nextHop, index) => {
      world.drain(`d${index}`, { target: { nextHop } });
    });
    return desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now)).map(
      ({ type, reason }) => `${type} ${reason}`,
    );
  };
  const w = 'withdraw';
  const rows: [string, Partial<AnnouncementSpec>, [Word, Word], [string, string], string[]?][] = [
    ['both healthy', {}, ['up', 'up'], ['announce healthy', 'announce healthy']],
    ['one down', {}, ['up', 'down'], ['announce healthy', `${w} nextHopDown`]],
    ['all down', {}, ['down', 'down'], [`${w} nextHopDown`, `${w} nextHopDown`]],
    ['all down, hold', { policy: { onAllDown: 'hold' } }, ['down', 'down'], ['keep heldAllDown', 'keep heldAllDown']],
    [
      'all down, announceAll',
      { policy: { onAllDown: 'announceAll' } },
      ['down', 'down'],
      ['announce failOpen', 'announce failOpen'],
    ],
    ['one down, hold', { policy: { onAllDown: 'hold' } }, ['up', 'down'], ['announce healthy', `${w} nextHopDown`]],
    [
      'one of two wanted down',
      { policy: { minHealthy: 2 } },
      ['up', 'down'],
      [`${w} belowMinHealthy`, `${w} nextHopDown`],
    ],
    [
      'one of two wanted down, hold',
      { policy: { minHealthy: 2, onAllDown: 'hold' } },
      ['up', 'down'],
      ['announce healthy', 'keep heldAllDown'],
    ],
    [
      'one of two wanted down, announceAll',
      { policy: { minHealthy: 2, onAllDown: 'announceAll' } },
      ['up', 'down'],
      ['announce healthy', 'announce failOpen'],
    ],
    [
      'one of 51 % down: rounded up',
      { policy: { minHealthy: '51%' } },
      ['up', 'down'],
      [`${w} belowMinHealthy`, `${w} nextHopDown`],
    ],
    ['one of 50 % down', { policy: { minHealthy: '50%' } }, ['up', 'down'], ['announce healthy', `${w} nextHopDown`]],
    [
      'two wanted, one unknown counts as healthy',
      { policy: { minHealthy: 2 } },
      ['up', 'stale down'],
      ['announce healthy', 'keep verdictStale'],
    ],
    ['never checked', {}, ['none', 'none'], ['keep neverChecked', 'keep neverChecked']],
    [
      'never checked, initially up',
      { healthCheck: { type: 'tcp', port: 80, initial: 'up' } },
      ['none', 'down'],
      ['announce initialUp', `${w} nextHopDown`],
    ],
    ['stale', {}, ['stale up', 'stale down'], ['keep verdictStale', 'keep verdictStale']],
    ['suspect', {}, ['suspect', 'up'], ['keep suspect', 'announce healthy']],
    ['one down, the other unknown', {}, ['down', 'none'], [`${w} nextHopDown`, 'keep neverChecked']],
    ['drained', {}, ['up', 'up'], [`${w} drained`, 'announce healthy'], [east]],
    [
      'all drained, announceAll',
      { policy: { onAllDown: 'announceAll' } },
      ['up', 'down'],
      [`${w} drained`, `${w} drained`],
      [east, west],
    ],
    [
      'one drained, one down, announceAll',
      { policy: { onAllDown: 'announceAll' } },
      ['up', 'down'],
      [`${w} drained`, 'announce failOpen'],
      [east],
    ],
    ['speakerZone', { scope: 'speakerZone' }, ['up', 'up'], ['announce healthy', `${w} outOfScope`]],
    ['speakerZone, own down', { scope: 'speakerZone' }, ['down', 'up'], [`${w} nextHopDown`, `${w} outOfScope`]],
    ['else all, own up', { scope: 'speakerZoneElseAll' }, ['up', 'up'], ['announce healthy', `${w} outOfScope`]],
    ['else all, own down', { scope: 'speakerZoneElseAll' }, ['down', 'up'], [`${w} nextHopDown`, 'announce healthy']],
    [
      'else all, own drained',
      { scope: 'speakerZoneElseAll' },
      ['up', 'up'],
      [`${w} drained`, 'announce healthy'],
      [east],
    ],
    [
      'else all, own unknown',
      { scope: 'speakerZoneElseAll' },
      ['stale down', 'up'],
      ['keep verdictStale', 'keep scopeUncertain'],
    ],
    [
      'else all, own unknown, other down',
      { scope: 'speakerZoneElseAll' },
      ['none', 'down'],
      ['keep neverChecked', `${w} nextHopDown`],
    ],
  ];
  test.each(rows)('%s', (_, more, health, expected, drains) => {
    expect(reasonsOf(more, health, drains)).toEqual(expected);
  });

  it('is announced without a health check', () => {
    const { healthCheck, ...rest } = spec();
    const world = createWorld();
    world.project(permitsAll);
    world.announce(rest);
    const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
    expect(decisions.map(({ reason }) => reason)).toEqual(['unchecked', 'unchecked']);
  });

  it("carries the next hop's attributes over the announcement's, field by field, canonical", () => {
    const world = createWorld();
    world.project(permitsAll);
    world.announce({
      prefixes: [prefix],
      nextHops: [
        { address: east, attributes: { localPref: 200, communities: ['64512:7'] } },
        { address: west, attributes: { asPathPrepend: 0 } },
      ],
      attributes: {
        origin: 'egp',
        med: 0,
        localPref: 150,
        asPathPrepend: 2,
        communities: ['64512:20', '64512:3'],
        largeCommunities: ['64512:10:1', '64512:9:1'],
      },
    });
    const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
    const largeCommunities = ['64512:9:1', '64512:10:1'];
    const high = 64512 * 65536;
    expect(decisions.map((decision) => decision.type === 'announce' && decision.attributes)).toEqual([
      { origin: 'egp', asPath: [64512, 64512], localPref: 200, med: 0, communities: [high + 7], largeCommunities },
      { origin: 'egp', asPath: [], localPref: 150, med: 0, communities: [high + 3, high + 20], largeCommunities },
    ]);
  });

  it.each([
    ['the next hop', { nextHop: east }, ['drained', 'healthy']],
    ['the zone', { zone: 'west' }, ['healthy', 'drained']],
    ['the announcement', { announcement: 'shop/web' }, ['drained', 'drained']],
    ['the speaker', { speaker: 'rr1' }, ['drained', 'drained']],
    ['another next hop', { nextHop: '10.0.1.13' }, ['healthy', 'healthy']],
    ['another announcement', { announcement: 'shop/other' }, ['healthy', 'healthy']],
    ['another speaker', { speaker: 'rr2' }, ['healthy', 'healthy']],
  ])('a drain of %s', (_, target, expected) => {
    const world = createWorld();
    world.project(permitsAll);
    const record = world.announce(spec());
    for (const address of [east, west]) world.verdict(record, address, 'up');
    world.drain('d', { target });
    const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
    expect(decisions.map(({ reason }) => reason)).toEqual(expected);
  });

  it.each([
    ['2026-05-31T23:59:59Z', 'unchecked'],
    ['2026-06-01T00:00:00Z', 'unchecked'],
    ['2026-06-01T00:00:01Z', 'drained'],
    ['2026-99-99T00:00:00Z', 'drained'],
  ])('a drain until %s leaves it %s', (until, expected) => {
    const world = createWorld();
    world.project(permitsAll);
    world.announce({ prefixes: [prefix], nextHops: [{ address: east }] });
    world.drain('d', { target: { nextHop: east }, until });
    const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
    expect(decisions.map(({ reason }) => reason)).toEqual([expected]);
  });
});

it('each family of an announcement counts its own healthy next hops', () => {
  const world = createWorld();
  world.project(permitsAll);
  const record = world.announce({
    prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
    nextHops: ['10.0.1.11', '10.0.1.12', '2001:db8:1::11', '2001:db8:1::12'].map((address) => ({ address })),
    healthCheck: { type: 'tcp', port: 80 },
    policy: { onAllDown: 'hold' },
  });
  for (const address of ['10.0.1.11', '10.0.1.12', '2001:db8:1::11']) world.verdict(record, address, 'down');
  world.verdict(record, '2001:db8:1::12', 'up');
  const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
  expect(decisions.map(({ reason }) => reason)).toEqual(['heldAllDown', 'heldAllDown', 'nextHopDown', 'healthy']);
});

it('what the project does not permit is withdrawn, prefix and next hop, by the revision of the project', () => {
  const world = createWorld();
  world.project({ prefixes: [{ prefix: '203.0.113.10/32' }], nextHops: ['10.0.1.11/32'] });
  world.announce({
    prefixes: ['203.0.113.10/32', '203.0.113.11/32'],
    nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.12' }],
  });
  const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, speaker, now));
  expect(decisions.map(({ reason }) => reason)).toEqual(['unchecked', 'notEntitled', 'notEntitled', 'notEntitled']);
  expect(decisions[1]).toMatchObject({ evidence: [{ kind: 'project', key: 'projects/shop', revision: 1 }] });
});
