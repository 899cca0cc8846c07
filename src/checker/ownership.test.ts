import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimKey, shardCount } from '../model/health.ts';
import { type ClaimView, type HeldShard, type OwnershipPlan, type OwnershipView, planOwnership } from './ownership.ts';

const zones = ['a', 'b', 'c'];
const ids = ['one', 'two', 'three', 'four'];

/** A store of claims and some members that see it late, each at its own revision. */
interface World {
  revision: number;
  claims: Map<string, ClaimView>;
  readonly past: Map<string, ClaimView>[];
  readonly members: Map<string, Member>;
}
interface Member {
  readonly id: string;
  readonly zone: string;
  readonly incarnation: number;
  ready: boolean;
  /** How many revisions its view is behind. */
  behind: number;
  readonly held: Map<string, HeldShard>;
  readonly released: Map<string, number>;
}

type Step =
  | { readonly do: 'join' | 'die' | 'strip'; readonly who: number; readonly zone: number }
  | { readonly do: 'settle'; readonly who: number; readonly behind: number; readonly answerLost: boolean };
const steps = fc.array(
  fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('join' as const, 'join' as const, 'die' as const, 'strip' as const),
        who: fc.nat(3),
        zone: fc.nat(2),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        who: fc.nat(3),
        behind: fc.nat(3),
        answerLost: fc.boolean(),
      }),
    },
  ),
  { maxLength: 30, size: 'max' },
);

function advance(world: World, claims: Map<string, ClaimView>): number {
  world.past.push(world.claims);
  world.claims = claims;
  world.revision += 1;
  return world.revision;
}

function viewOf(world: World, member: Member): OwnershipView {
  const behind = Math.min(member.behind, world.past.length);
  const { id, zone, incarnation, held, released } = member;
  return {
    self: { id, zone, incarnation },
    members: [...world.members.values()].filter(({ ready }) => ready),
    zonesWithTasks: zones,
    claims: behind === 0 ? world.claims : (world.past.at(-behind) ?? world.claims),
    revision: world.revision - behind,
    held,
    released,
  };
}

/** What the API does with a plan, and what the member learns of it. */
function carryOut(world: World, member: Member, plan: OwnershipPlan, answerLost: boolean): void {
  const { held, released } = member;
  const drop = ({ zone, shard, epoch }: HeldShard) => {
    held.delete(claimKey(zone, shard));
    released.set(claimKey(zone, shard), epoch);
  };
  plan.lost.forEach(drop);
  for (const one of plan.adopt) held.set(claimKey(one.zone, one.shard), one);
  if (plan.release.length > 0) {
    plan.release.forEach(drop);
    const gone = plan.release.filter(
      ({ zone, shard, epoch }) => world.claims.get(claimKey(zone, shard))?.epoch === epoch,
    );
    const left = new Map(world.claims);
    for (const { zone, shard } of gone) left.delete(claimKey(zone, shard));
    if (gone.length > 0) advance(world, left);
  }
  const free = plan.claim.filter(({ zone, shard }) => !world.claims.has(claimKey(zone, shard)));
  if (free.length === 0) return;
  const claims = new Map(world.claims);
  const epoch = world.revision + 1;
  for (const { zone, shard } of free) {
    claims.set(claimKey(zone, shard), { holder: member.id, incarnation: member.incarnation, epoch });
    if (!answerLost) held.set(claimKey(zone, shard), { zone, shard, epoch });
  }
  advance(world, claims);
}

type Planner = typeof planOwnership;

function settle(planner: Planner, world: World, member: Member, behind: number, answerLost: boolean): void {
  member.behind = behind;
  carryOut(world, member, planner(viewOf(world, member)), answerLost);
}

function play(planner: Planner, script: readonly Step[]): World {
  const world: World = { revision: 1, claims: new Map(), past: [], members: new Map() };
  for (const step of script) {
    const id = ids[step.who] ?? 'one';
    const member = world.members.get(id);
    if (step.do === 'join' && member === undefined) {
      const incarnation = advance(world, world.claims);
      const zone = zones[step.zone] ?? 'a';
      world.members.set(id, { id, zone, incarnation, ready: true, behind: 0, held: new Map(), released: new Map() });
    } else if ((step.do === 'die' || step.do === 'strip') && member !== undefined) {
      // Stripped: its claims are taken from it, and it has to find that out.
      if (step.do === 'die') world.members.delete(id);
      advance(world, new Map([...world.claims].filter(([, { holder }]) => holder !== id)));
    } else if (step.do === 'settle' && member !== undefined)
      settle(planner, world, member, step.behind, step.answerLost);
  }
  return world;
}

const settles = (planner: Planner) =>
  fc.property(steps, (script) => {
    const world = play(planner, script);
    for (let round = 0; round < 4; round += 1) {
      for (const member of world.members.values()) settle(planner, world, member, 0, false);
    }
    const members = [...world.members.values()];
    const zonesWithMember = new Set(members.map(({ zone }) => zone));
    if (members.length > 0) expect(world.claims.size).toBe(zones.length * shardCount);
    for (const [key, { holder, epoch }] of world.claims) {
      const member = world.members.get(holder);
      if (member?.held.get(key)?.epoch !== epoch) throw new Error(`${holder} does not know that it holds ${key}`);
      const zone = key.split('/')[1] ?? '';
      if (member.zone !== zone && zonesWithMember.has(zone))
        throw new Error(`${holder} of ${member.zone} holds ${key}`);
    }
    for (const member of members) {
      for (const [key, { epoch }] of member.held) {
        if (world.claims.get(key)?.epoch !== epoch) throw new Error(`${member.id} believes it holds ${key}`);
      }
      const { claim, release, adopt, lost } = planner(viewOf(world, member));
      expect([claim, release, adopt, lost].map((list) => list.length)).toEqual([0, 0, 0, 0]);
    }
  });

describe('planOwnership', () => {
  it('ends with every shard of every zone held by exactly one member that may hold it, and then nothing moves', () => {
    fc.assert(settles(planOwnership), { numRuns: 60 });
  });

  it.each<readonly [string, Planner]>([
    ['did not take up a claim whose answer was lost', (view) => ({ ...planOwnership(view), adopt: [] })],
    ['did not notice a claim that is gone', (view) => ({ ...planOwnership(view), lost: [] })],
    ['kept a zone that has its own checker again', (view) => ({ ...planOwnership(view), release: [] })],
  ])('would be found out if it %s', (_, planner) => {
    expect(fc.check(settles(planner), { numRuns: 1_000, endOnFailure: true }).failed).toBe(true);
  });

  const self = { id: 'one', zone: 'a', incarnation: 5 };
  const base: OwnershipView = {
    self,
    members: [self],
    zonesWithTasks: [],
    claims: new Map(),
    revision: 10,
    held: new Map(),
    released: new Map(),
  };

  it('claims its own zone though it has no tasks, and no other', () => {
    const { claim } = planOwnership({ ...base, zonesWithTasks: ['b'], members: [self, { id: 'two', zone: 'b' }] });
    expect(claim.length).toBe(shardCount);
    expect(new Set(claim.map(({ zone }) => zone))).toEqual(new Set(['a']));
  });

  it('does not take an older view for the loss of a claim', () => {
    const held = new Map([['claims/a/1', { zone: 'a', shard: 1, epoch: 11 }]]);
    expect(planOwnership({ ...base, held }).lost).toEqual([]);
    expect(planOwnership({ ...base, held, revision: 11 }).lost).toEqual([{ zone: 'a', shard: 1, epoch: 11 }]);
  });

  it('does not take back what it has just released', () => {
    const claims = new Map([['claims/a/1', { holder: 'one', incarnation: 5, epoch: 8 }]]);
    expect(planOwnership({ ...base, claims }).adopt).toEqual([{ zone: 'a', shard: 1, epoch: 8 }]);
    expect(planOwnership({ ...base, claims, released: new Map([['claims/a/1', 8]]) }).adopt).toEqual([]);
  });

  it('leaves a claim alone that it cannot read, or that an earlier life of its made', () => {
    const claims = new Map<string, ClaimView | 'unreadable'>([
      ['claims/a/1', 'unreadable'],
      ['claims/a/2', { holder: 'one', incarnation: 4, epoch: 8 }],
    ]);
    const { claim, adopt } = planOwnership({ ...base, claims });
    expect(adopt).toEqual([]);
    expect(claim.length).toBe(shardCount - 2);
  });
});
