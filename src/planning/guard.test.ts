import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextHopPool, now, prefixPool, scenes, stage } from '../../test/rig/planning.ts';
import { desiredFor, planningContext } from './desired.ts';
import type { Withdrawal } from './diff.ts';
import { type Guard, guard, type MirrorCondition } from './guard.ts';
import { type Evidence, evidenceKinds, withdrawalCauses } from './reasons.ts';

const trusted: MirrorCondition = {
  revision: 100,
  synced: true,
  stale: false,
  revisionWentBack: false,
  storeChanged: false,
  undecodable: new Set(),
};
const path = {
  prefix: '203.0.113.10/32',
  nextHop: '10.0.1.11',
  identifier: 1,
  attributes: { origin: 'igp', asPath: [], communities: [], largeCommunities: [] },
} as const;
const verdict: Evidence = { kind: 'verdict', key: 'health/abc', revision: 50, epoch: 40 };
const down: Withdrawal = { path, cause: 'nextHopDown', owner: 'shop/web', evidence: [verdict] };

const keys = {
  verdict: 'health/x',
  spec: 'announcements/shop/web',
  drain: 'drains/d',
  project: 'projects/shop',
  tombstone: 'tombstones/prefixes/ipv4/x',
};
const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    kind: fc.constantFrom(...evidenceKinds),
    revision: fc.integer({ min: 0, max: 130 }),
    epoch: fc.option(fc.integer({ min: 0, max: 130 }), { nil: undefined }),
  })
  .map(({ kind, revision, epoch }) => ({ kind, key: keys[kind], revision, ...(epoch === undefined ? {} : { epoch }) }));
const withdrawals: fc.Arbitrary<Withdrawal[]> = fc.array(
  fc.record({
    path: fc.record({
      prefix: fc.constantFrom(...prefixPool),
      nextHop: fc.constantFrom(...nextHopPool),
      identifier: fc.integer({ min: 1, max: 9 }),
      attributes: fc.constant(path.attributes),
    }),
    cause: fc.constantFrom(...withdrawalCauses),
    evidence: fc.array(evidence, { maxLength: 2 }),
    owner: fc.constant('shop/web'),
  }),
  { maxLength: 6 },
);
const conditions: fc.Arbitrary<MirrorCondition> = fc.record({
  revision: fc.constant(100),
  synced: fc.boolean(),
  stale: fc.boolean(),
  revisionWentBack: fc.boolean(),
  storeChanged: fc.boolean(),
  undecodable: fc.constantFrom(new Set<string>(), new Set(['projects/shop'])),
});

const allowsOnlyWithTrust = (gate: Guard) =>
  fc.property(withdrawals, conditions, (asked, mirror) => {
    const { allowed } = gate(asked, mirror);
    const { synced, stale, revisionWentBack, storeChanged } = mirror;
    if (!synced || stale || revisionWentBack || storeChanged) expect(allowed).toEqual([]);
    for (const { evidence: shown } of allowed) {
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.every(({ revision }) => revision > 0 && revision <= mirror.revision)).toBe(true);
      expect(shown.every(({ key }) => !mirror.undecodable.has(key))).toBe(true);
    }
  });

describe('any withdrawals over any mirror', () => {
  it('pass only with evidence, over a mirror that can be trusted', () => {
    fc.assert(allowsOnlyWithTrust(guard), { numRuns: 1_000 });
  });

  it('seeded bug "guard that ignores revisionWentBack" is found', () => {
    const forgetful: Guard = (asked, mirror) => guard(asked, { ...mirror, revisionWentBack: false });
    expect(() => fc.assert(allowsOnlyWithTrust(forgetful), { numRuns: 1_000 })).toThrow('Property failed');
  });

  it('are all accounted for: each is allowed or held, none is both, none is lost', () => {
    fc.assert(
      fc.property(withdrawals, conditions, (asked, mirror) => {
        const { allowed, held } = guard(asked, mirror);
        const together = [...allowed, ...held.map(({ withdrawal }) => withdrawal)];
        expect(new Set(together)).toEqual(new Set(asked));
        expect(together.length).toBe(asked.length);
      }),
    );
  });
});

it('liveness: every withdrawal that planning decides on passes a trusted mirror', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const { inputs } = stage(scene);
      const [announcement] = inputs.announcements.values();
      if (announcement === undefined) throw new Error('the world has no announcement');
      const asked = desiredFor(announcement, planningContext(inputs, scene.speaker, now)).flatMap((decision) =>
        decision.type === 'withdraw'
          ? [{ path, cause: decision.reason, evidence: decision.evidence, owner: decision.owner }]
          : [],
      );
      expect(guard(asked, { ...trusted, revision: inputs.revision }).held).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['storeChanged', { storeChanged: true, revisionWentBack: true, stale: true, synced: false }],
  ['revisionWentBack', { revisionWentBack: true, stale: true, synced: false }],
  ['mirrorNotSynced', { synced: false, stale: true }],
  ['mirrorStale', { stale: true }],
  ['undecodable', { undecodable: new Set(['health/abc']) }],
  ['noEvidence', { revision: 49 }],
])('a good withdrawal is held as %s', (reason, mirror) => {
  expect(guard([down], { ...trusted, ...mirror })).toEqual({ allowed: [], held: [{ withdrawal: down, reason }] });
});

it.each<[string, Withdrawal]>([
  ['nothing', { ...down, evidence: [] }],
  ['a verdict without its claim', { ...down, evidence: [{ kind: 'verdict', key: 'health/abc', revision: 50 }] }],
  ['a verdict older than its claim', { ...down, evidence: [{ ...verdict, epoch: 51 }] }],
  ['a verdict of epoch 0', { ...down, evidence: [{ ...verdict, epoch: 0 }] }],
  ['revision 0', { ...down, evidence: [{ ...verdict, revision: 0 }] }],
  ['no number', { ...down, evidence: [{ ...verdict, revision: Number.NaN }] }],
  ['another kind of record', { ...down, evidence: [{ kind: 'spec', key: 'announcements/shop/web', revision: 50 }] }],
  ['a record of another collection', { ...down, evidence: [{ ...verdict, key: 'drains/d' }] }],
  ['a deletion without a tombstone', { ...down, cause: 'deleted' }],
  ['one good and one impossible', { ...down, evidence: [verdict, { ...verdict, revision: 101 }] }],
])('%s is no evidence', (_, withdrawal) => {
  expect(guard([withdrawal], trusted).held).toEqual([{ withdrawal, reason: 'noEvidence' }]);
});

it('a good withdrawal passes', () => {
  expect(guard([down], trusted)).toEqual({ allowed: [down], held: [] });
});
