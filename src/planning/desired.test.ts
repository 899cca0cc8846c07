// The rules of the table in desired.ts, case by case, IPv4 and IPv6.
import { describe, expect, it, test } from 'vitest';
import { createWorld, now, permitsAll } from '../../test/rig/planning.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { desiredFor, planningContext } from './desired.ts';
import type { Inputs } from './inputs.ts';
import type { Stored } from './stored.ts';

const speaker = { name: 'rr1', zone: 'east', asn: 64512 };

function only(inputs: Inputs): Stored<AnnouncementRecord> {
  const [announcement] = inputs.announcements.values();
  if (announcement === undefined) throw new Error('the world has no announcement');
  return announcement;
}

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
