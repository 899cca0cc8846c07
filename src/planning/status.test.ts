import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf, createWorld, now, permitsAll, recordOf, scenes, stage, type World } from '../../test/rig/planning.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { announcementsConcerning, explain } from './explain.ts';
import type { Inputs } from './inputs.ts';
import { pathDiffs } from './path-diff.ts';
import { isReason, reasons } from './reasons.ts';
import { statusOf } from './status.ts';
import type { Stored } from './stored.ts';

const report = (appliedRevision: number, more: Partial<SpeakerStatusRecord> = {}): SpeakerStatusRecord => ({
  v: 1,
  name: 'rr1',
  node: 'n1',
  zone: 'east',
  asn: 64512,
  routerId: '192.0.2.1',
  appliedRevision,
  paths: 2,
  foreignPaths: 0,
  peers: [],
  exceptions: [],
  exceptionCount: 0,
  conditions: [],
  reportedAt: '2026-01-01T00:00:00Z',
  ...more,
});
const speak = (world: World, more: Partial<SpeakerStatusRecord> = {}) => {
  const status = report(world.inputs.revision, more);
  world.put(`speaker-status/${status.name}`, status);
};
function first(inputs: Inputs): Stored<AnnouncementRecord> {
  const [announcement] = inputs.announcements.values();
  if (announcement === undefined) throw new Error('the world has no announcement');
  return announcement;
}

const families = [
  { name: 'IPv4', prefix: '203.0.113.10/32', a: '10.0.1.11', b: '10.0.1.12' },
  { name: 'IPv6', prefix: '2001:db8::10/128', a: '2001:db8:1::11', b: '2001:db8:1::12' },
] as const;

describe.each(families)('$name', ({ prefix, a, b }) => {
  const spec = (more: Partial<AnnouncementSpec> = {}): AnnouncementSpec => ({
    prefixes: [prefix],
    nextHops: [{ address: a }, { address: b }],
    healthCheck: { type: 'tcp', port: 80 },
    ...more,
  });
  function scene(build: (world: World, record: AnnouncementRecord) => void, more: Partial<AnnouncementSpec> = {}) {
    const world = createWorld();
    world.project(permitsAll);
    build(world, world.announce(spec(more)));
    return world.inputs;
  }
  const stateOf = (build: (world: World, record: AnnouncementRecord) => void, more: Partial<AnnouncementSpec> = {}) => {
    const inputs = scene(build, more);
    const { state, reason } = statusOf(first(inputs), inputs, now);
    return reason === undefined ? state : `${state} ${reason}`;
  };
  const health = (world: World, record: AnnouncementRecord, ofA: 'up' | 'down', ofB: 'up' | 'down') => {
    world.verdict(record, a, ofA);
    world.verdict(record, b, ofB);
  };

  it('is pending until a speaker has reported', () => {
    expect(stateOf((world, record) => health(world, record, 'up', 'up'))).toBe('pending noSpeaker');
  });

  it('is pending until a speaker has applied the last verdict', () => {
    const late = (world: World, record: AnnouncementRecord) => {
      speak(world);
      health(world, record, 'up', 'up');
    };
    expect(stateOf(late)).toBe('pending notApplied');
  });

  it.each<[string, (world: World, record: AnnouncementRecord) => void, Partial<AnnouncementSpec>?]>([
    ['announced', (world, record) => health(world, record, 'up', 'up')],
    ['degraded nextHopDown', (world, record) => health(world, record, 'up', 'down')],
    ['withdrawn nextHopDown', (world, record) => health(world, record, 'down', 'down')],
    ['held heldAllDown', (world, record) => health(world, record, 'down', 'down'), { policy: { onAllDown: 'hold' } }],
    ['announced', (world, record) => health(world, record, 'down', 'down'), { policy: { onAllDown: 'announceAll' } }],
    ['pending neverChecked', () => undefined],
    ['degraded neverChecked', (world, record) => world.verdict(record, a, 'up')],
    ['held suspect', (world, record) => world.verdict(record, a, 'suspect')],
    ['withdrawn drained', (world) => world.drain('d', { target: { announcement: 'shop/web' } })],
    [
      'degraded drained',
      (world, record) => {
        health(world, record, 'up', 'up');
        world.drain('d', { target: { nextHop: a } });
      },
    ],
    ['withdrawn notEntitled', (world) => world.project({ prefixes: [], nextHops: [] })],
    [
      'held projectUnknown',
      (world, record) => {
        health(world, record, 'up', 'up');
        world.remove('projects/shop');
      },
    ],
  ])('is %s', (expected, build, more) => {
    const spoken = (world: World, record: AnnouncementRecord) => {
      build(world, record);
      speak(world);
    };
    expect(stateOf(spoken, more)).toBe(expected);
  });

  it('is held when the speaker holds a withdrawal, degraded when a path is refused there', () => {
    const excepted = (kind: 'held' | 'refused', reason: string) => (world: World, record: AnnouncementRecord) => {
      health(world, record, 'up', 'up');
      const exceptions = [{ prefix, nextHop: a, kind, reason }];
      speak(world, { exceptions, exceptionCount: 1 });
    };
    expect(stateOf(excepted('held', 'mirrorStale'))).toBe('held mirrorStale');
    expect(stateOf(excepted('refused', 'pathLimit'))).toBe('degraded pathLimit');
  });

  it('shows each next hop and each speaker', () => {
    const inputs = scene((world, record) => {
      world.verdict(record, a, 'up');
      world.verdict(record, b, 'down', false);
      speak(world);
      speak(world, { name: 'rr2', appliedRevision: 1 });
    });
    const status = statusOf(first(inputs), inputs, now);
    expect(status.nextHops).toMatchObject([
      { address: a, health: 'up', path: expect.any(String) },
      {
        address: b,
        health: 'down',
        fresh: false,
        reason: 'connectionRefused',
        checker: 'c1',
        path: 'keep',
        why: 'verdictStale',
      },
    ]);
    expect(status.speakers.map(({ name, current }) => [name, current])).toEqual([
      ['rr1', true],
      ['rr2', false],
    ]);
  });

  it('is explained from the spec to the speaker and its neighbours', () => {
    const inputs = scene((world, record) => {
      world.verdict(record, a, 'up');
      world.drain('d', { target: { nextHop: b }, why: 'new disk' });
      const peers = [
        { name: 'tor1', address: '192.0.2.9', asn: 64512, session: 'established' as const, addPathSend: false },
        { name: 'tor2', address: '192.0.2.8', asn: 64512, session: 'active' as const },
      ];
      speak(world, { peers });
    });
    const { announcement, state, steps } = explain(first(inputs), inputs, now);
    expect([announcement, state]).toEqual(['shop/web', 'degraded']);
    expect(steps.map(({ step, reason }) => `${step} ${reason}`)).toEqual([
      'announcement declared',
      'entitlement entitled',
      'drain drained',
      'health healthy',
      'health neverChecked',
      'decision healthy',
      'decision drained',
      'speaker applied',
      'peer sessionEstablished',
      'peer sessionDown',
    ]);
    expect(steps.find(({ step }) => step === 'drain')?.message).toContain('new disk');
    expect(steps.find(({ reason }) => reason === 'drained')?.message).toContain('drains/d');
  });

  it('is found by an address of its prefix and by its next hop', () => {
    const inputs = scene(() => undefined);
    const found = (address: string) =>
      [...announcementsConcerning(address, inputs)].filter((one) => one !== undefined).length;
    expect([prefix.replace(/\/.*/, ''), a, a.replace('11', '19'), 'nonsense'].map(found)).toEqual([1, 1, 0, 0]);
  });

  const path = (nextHop: string, reason: string) => ({ prefix, nextHop, reason });
  function dryRun(build: (world: World, record: AnnouncementRecord) => Parameters<typeof pathDiffs>[0]) {
    const world = createWorld();
    world.project(permitsAll);
    const record = world.announce({ prefixes: [prefix], nextHops: [{ address: a }, { address: b }] });
    speak(world);
    return allOf(pathDiffs(build(world, record), world.inputs, now, 1_000));
  }
  const key = 'announcements/shop/web';
  const more = { announce: 0, withdraw: 0, change: 0, keep: 0 };
  const nothing = { speaker: 'rr1', announce: [], withdraw: [], change: [], keep: [], more };

  it('a dry run shows what a new announcement adds', () => {
    const other = prefix === '203.0.113.10/32' ? '203.0.113.11/32' : '2001:db8::11/128';
    const record = recordOf('Announcement', 'new', { prefixes: [other], nextHops: [{ address: a }] }, 'shop');
    expect(dryRun(() => ({ announcements: new Map([['announcements/shop/new', record]]) }))).toEqual([
      { ...nothing, announce: [{ prefix: other, nextHop: a, reason: 'unchecked' }] },
    ]);
  });

  it.each<[string, (record: AnnouncementRecord) => AnnouncementRecord | undefined, object]>([
    ['no change', (record) => structuredClone(record), {}],
    ['a deletion', () => undefined, { withdraw: [path(a, 'deleted'), path(b, 'deleted')] }],
    [
      'a next hop less',
      (record) => ({ ...record, spec: { ...record.spec, nextHops: [{ address: a }] } }),
      { withdraw: [path(b, 'nextHopRemoved')] },
    ],
    [
      'another attribute',
      (record) => ({
        ...record,
        spec: { ...record.spec, nextHops: [{ address: a, attributes: { med: 1 } }, { address: b }] },
      }),
      { change: [path(a, 'unchecked')] },
    ],
    [
      'a new check',
      (record) => ({ ...record, spec: { ...record.spec, healthCheck: { type: 'tcp', port: 1 } } }),
      { keep: [path(a, 'neverChecked'), path(b, 'neverChecked')] },
    ],
  ])('a dry run of %s', (_, change, expected) => {
    const found = dryRun((__, record) => ({ announcements: new Map([[key, change(record)]]) }));
    expect(found).toEqual([{ ...nothing, ...expected }]);
  });

  it('a dry run of a prefix moved to another', () => {
    const other = prefix === '203.0.113.10/32' ? '203.0.113.11/32' : '2001:db8::11/128';
    const found = dryRun((_, record) => ({
      announcements: new Map([[key, { ...record, spec: { ...record.spec, prefixes: [other] } }]]),
    }));
    expect(found).toMatchObject([
      {
        announce: [{ prefix: other }, { prefix: other }],
        withdraw: [path(a, 'prefixRemoved'), path(b, 'prefixRemoved')],
      },
    ]);
  });

  it('a dry run of a drain, and of a project that permits less', () => {
    const drain = recordOf('Drain', 'd', { target: { nextHop: a } });
    const project = recordOf('Project', 'shop', { ...permitsAll, nextHops: [`${a}/${prefix.split('/')[1]}`] });
    expect(dryRun(() => ({ drains: new Map([['drains/d', drain]]) }))).toEqual([
      { ...nothing, withdraw: [path(a, 'drained')] },
    ]);
    expect(dryRun(() => ({ projects: new Map([['projects/shop', project]]) }))).toEqual([
      { ...nothing, withdraw: [path(b, 'notEntitled')] },
    ]);
  });
});

it('any world has a status and an explanation, in known reason words', () => {
  fc.assert(
    fc.property(scenes, fc.boolean(), (scene, spoken) => {
      const world = stage(scene);
      if (spoken) speak(world, scene.speaker);
      const announcement = first(world.inputs);
      const { state, reason, message, nextHops } = statusOf(announcement, world.inputs, now);
      expect(state === 'announced').toBe(reason === undefined);
      expect(message).toBe(reason === undefined || !isReason(reason) ? undefined : reasons[reason]);
      expect(nextHops.every(({ why }) => isReason(why))).toBe(true);
      const { steps } = explain(announcement, world.inputs, now);
      expect(steps.filter((step) => !isReason(step.reason))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it('every reason word is one word with a sentence', () => {
  for (const [word, sentence] of Object.entries(reasons)) {
    expect(word).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
