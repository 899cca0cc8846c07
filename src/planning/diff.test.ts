import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createWorld,
  nextHopPool,
  now,
  permitsAll,
  prefixPool,
  type Scene,
  scenes,
  stage,
} from '../../test/rig/planning.ts';
import type { PathAttributes } from '../model/attributes.ts';
import { type Path, pathKey } from '../model/path.ts';
import { familyOf } from '../model/prefix.ts';
import { planningContext } from './desired.ts';
import { byPrefix, type Diff, decisionsOn, diff, joinDiffs, orderedOperations, type PlannedOperation } from './diff.ts';
import { identifiersOf } from './identifier.ts';

const plain: PathAttributes = { origin: 'igp', asPath: [], communities: [], largeCommunities: [] };
const speaker = { name: 'rr1', zone: 'east', asn: 64512 };

/** Paths that may stand in a RIB: mostly under our own identifiers, sometimes under others. */
const paths: fc.Arbitrary<Path> = fc
  .record({
    prefix: fc.constantFrom(...prefixPool),
    nextHop: fc.constantFrom(...nextHopPool),
    odd: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 4 }),
    attributes: fc.constantFrom<PathAttributes>(plain, { ...plain, localPref: 100 }),
  })
  .filter(({ prefix, nextHop }) => familyOf(prefix) === familyOf(nextHop))
  .map(({ prefix, nextHop, odd, attributes }) => {
    const identifier = odd ?? identifiersOf(prefix, [nextHop]).get(nextHop) ?? 1;
    return { prefix, nextHop, identifier, attributes };
  });
const ribs = fc.uniqueArray(paths, { maxLength: 8, selector: pathKey });

/** What a speaker does with the operations; calls after each of them. */
function play(rib: readonly Path[], operations: readonly PlannedOperation[], after: (rib: Map<string, Path>) => void) {
  const now = new Map(rib.map((path) => [pathKey(path), path]));
  for (const { op, path } of operations) {
    if (op === 'announce') now.set(pathKey(path), path);
    else now.delete(pathKey(path));
    after(now);
  }
  return now;
}
const count = (rib: Iterable<Path>, prefix: string) => [...rib].filter((path) => path.prefix === prefix).length;

function plan(scene: Scene, rib: readonly Path[]) {
  const { inputs } = stage(scene);
  const context = planningContext(inputs, scene.speaker, now);
  return { inputs, context, changes: diff(inputs, context, byPrefix(rib)) };
}

type Order = typeof orderedOperations;
const makesBeforeItBreaks = (order: Order) =>
  fc.property(scenes, ribs, (scene, rib) => {
    const { changes } = plan(scene, rib);
    const operations = order(changes, changes.withdrawals);
    const end = play(rib, operations, () => undefined);
    for (const prefix of prefixPool) {
      if (count(rib, prefix) === 0 || count(end.values(), prefix) === 0) continue;
      play(rib, operations, (between) => expect(count(between.values(), prefix)).toBeGreaterThan(0));
    }
  });

const withdrawsFirst: Order = (changes, allowed) => {
  const operations = orderedOperations(changes, allowed);
  return [...operations.filter(({ op }) => op === 'withdraw'), ...operations.filter(({ op }) => op === 'announce')];
};

describe('any decisions over any RIB', () => {
  it('never take a prefix through zero paths on its way from some to some', () => {
    fc.assert(makesBeforeItBreaks(orderedOperations), { numRuns: 1_000 });
  });

  it('seeded bug "withdrawals before adds" is found', () => {
    expect(() => fc.assert(makesBeforeItBreaks(withdrawsFirst), { numRuns: 1_000 })).toThrow('Property failed');
  });

  it('end where the decisions say: announced is there, withdrawn is gone, kept is as it was', () => {
    fc.assert(
      fc.property(scenes, ribs, (scene, rib) => {
        const { inputs, context, changes } = plan(scene, rib);
        const end = play(rib, orderedOperations(changes, changes.withdrawals), () => undefined);
        for (const prefix of inputs.prefixes()) {
          const before = rib.filter((path) => path.prefix === prefix);
          const after = [...end.values()].filter((path) => path.prefix === prefix);
          for (const decision of decisionsOn(prefix, inputs, context)) {
            const { nextHop, identifier } = decision;
            const found = after.filter((path) => path.nextHop === nextHop);
            const wasThere = before.some((path) => path.nextHop === nextHop);
            if (decision.type === 'announce' || (decision.type === 'keep' && wasThere)) {
              expect(found).toEqual([{ prefix, nextHop, identifier, attributes: decision.attributes }]);
            } else expect(found).toEqual([]);
          }
          expect(after.every((path) => scene.spec.nextHops.some(({ address }) => address === path.nextHop))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('leave nothing to do for a second pass', () => {
    fc.assert(
      fc.property(scenes, ribs, (scene, rib) => {
        const { inputs, context, changes } = plan(scene, rib);
        const end = play(rib, orderedOperations(changes, changes.withdrawals), () => undefined);
        const second = diff(inputs, context, byPrefix(end.values()));
        expect([second.adds, second.replaces, second.withdrawals]).toEqual([[], [], []]);
        expect(second.unexplained).toEqual(changes.unexplained);
      }),
    );
  });

  it('never withdraw what they have just announced, nor anything that is not there', () => {
    fc.assert(
      fc.property(scenes, ribs, (scene, rib) => {
        const { changes } = plan(scene, rib);
        const announced = new Set([...changes.adds, ...changes.replaces.map(({ path }) => path)].map(pathKey));
        for (const { path, evidence } of changes.withdrawals) {
          expect(announced.has(pathKey(path))).toBe(false);
          expect(rib).toContainEqual(path);
          expect(evidence.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('are the union of what each prefix alone comes to', () => {
    fc.assert(
      fc.property(scenes, ribs, (scene, rib) => {
        const { inputs, context, changes } = plan(scene, rib);
        const actual = byPrefix(rib);
        const units = prefixPool.map((prefix) => diff(inputs, context, actual, [prefix]));
        const sorted = (whole: Diff) =>
          Object.entries(whole).map(([name, found]) => [
            name,
            found.map((item: unknown) => JSON.stringify(item)).toSorted(),
          ]);
        expect(sorted(joinDiffs(units))).toEqual(sorted(changes));
      }),
    );
  });
});

const families = [
  { name: 'IPv4', prefix: '203.0.113.10/32', a: '10.0.1.11', b: '10.0.1.12' },
  { name: 'IPv6', prefix: '2001:db8::10/128', a: '2001:db8:1::11', b: '2001:db8:1::12' },
] as const;

describe.each(families)('$name', ({ prefix, a, b }) => {
  const path = (nextHop: string, more: Partial<Path> = {}): Path => ({
    prefix,
    nextHop,
    identifier: identifiersOf(prefix, [nextHop]).get(nextHop) ?? 0,
    attributes: plain,
    ...more,
  });
  function seen(build: (world: ReturnType<typeof createWorld>) => void, rib: readonly Path[]) {
    const world = createWorld();
    world.project(permitsAll);
    build(world);
    return diff(world.inputs, planningContext(world.inputs, speaker, now), byPrefix(rib));
  }
  const announceA = (world: ReturnType<typeof createWorld>) => {
    world.announce({ prefixes: [prefix], nextHops: [{ address: a }] });
  };

  it('adds what is missing', () => {
    expect(seen(announceA, [])).toMatchObject({ adds: [path(a)], replaces: [], withdrawals: [] });
  });

  it('leaves alone what is right', () => {
    expect(seen(announceA, [path(a)])).toMatchObject({ adds: [], replaces: [], withdrawals: [], unexplained: [] });
  });

  it('replaces what carries other attributes', () => {
    const was = path(a, { attributes: { ...plain, med: 1 } });
    expect(seen(announceA, [was])).toMatchObject({ adds: [], replaces: [{ path: path(a), was }], withdrawals: [] });
  });

  it('withdraws a next hop that the announcement no longer has, by the revision of its spec', () => {
    expect(seen(announceA, [path(a), path(b)]).withdrawals).toEqual([
      {
        path: path(b),
        cause: 'nextHopRemoved',
        owner: 'shop/web',
        evidence: [{ kind: 'spec', key: 'announcements/shop/web', revision: 2 }],
      },
    ]);
  });

  it.each(['deleted', 'prefixRemoved'] as const)('withdraws after a tombstone: %s', (cause) => {
    const { withdrawals, unexplained } = seen((world) => world.tombstone(prefix, cause), [path(a)]);
    expect(withdrawals).toMatchObject([{ cause, owner: 'shop/web', evidence: [{ kind: 'tombstone', revision: 2 }] }]);
    expect(unexplained).toEqual([]);
  });

  it('keeps a path that nothing accounts for', () => {
    const { withdrawals, unexplained } = seen(() => undefined, [path(a)]);
    expect([withdrawals, unexplained]).toEqual([[], [{ path: path(a), reason: 'unexplained' }]]);
  });

  it('keeps it as undecodable while some announcement cannot be read', () => {
    const { unexplained } = seen((world) => world.put('announcements/shop/web', { v: 9 }), [path(a)]);
    expect(unexplained).toEqual([{ path: path(a), reason: 'undecodable' }]);
  });

  it('keeps the paths of an announcement that has become unreadable, and goes on with the others', () => {
    const other = prefix === '203.0.113.10/32' ? '203.0.113.11/32' : '2001:db8::11/128';
    const { adds, withdrawals, unexplained } = seen(
      (world) => {
        announceA(world);
        world.put('announcements/shop/web', 'garbage');
        world.announce({ prefixes: [other], nextHops: [{ address: b }] }, 'other');
      },
      [path(a)],
    );
    expect([adds.map((add) => add.prefix), withdrawals]).toEqual([[other], []]);
    expect(unexplained).toEqual([{ path: path(a), reason: 'undecodable' }]);
  });

  it('keeps what is there and adds nothing while health is unknown', () => {
    const unchecked = (world: ReturnType<typeof createWorld>) => {
      world.announce({
        prefixes: [prefix],
        nextHops: [{ address: a }, { address: b }],
        healthCheck: { type: 'tcp', port: 80 },
      });
    };
    const { adds, withdrawals, kept } = seen(unchecked, [path(a)]);
    expect([adds, withdrawals, kept]).toEqual([[], [], [{ path: path(a), reason: 'neverChecked' }]]);
  });

  it('announces under the right identifier before it withdraws the same path under another', () => {
    const stray = path(a, { identifier: 7 });
    const { adds, withdrawals } = seen(announceA, [stray]);
    expect(adds).toEqual([path(a)]);
    expect(withdrawals).toMatchObject([{ path: stray, cause: 'identifierChanged' }]);
  });

  it('overwrites another next hop under the wanted identifier, and does not withdraw it after', () => {
    const stray = path(b, { identifier: path(a).identifier });
    const { adds, replaces, withdrawals } = seen(announceA, [stray]);
    expect([adds, replaces, withdrawals]).toEqual([[], [{ path: path(a), was: stray }], []]);
  });

  it('keeps the paths of the younger of two announcements that claim the prefix', () => {
    const { withdrawals, unexplained } = seen(
      (world) => {
        announceA(world);
        world.announce({ prefixes: [prefix], nextHops: [{ address: b }] }, 'thief');
      },
      [path(a), path(b)],
    );
    expect([withdrawals, unexplained]).toEqual([[], [{ path: path(b), reason: 'prefixContested' }]]);
  });

  it('moves a prefix to another announcement by its tombstone being gone', () => {
    const { withdrawals, adds } = seen(
      (world) => {
        announceA(world);
        world.remove('announcements/shop/web');
        world.announce({ prefixes: [prefix], nextHops: [{ address: b }] }, 'new');
      },
      [path(a)],
    );
    expect(adds).toEqual([path(b)]);
    expect(withdrawals).toMatchObject([{ path: path(a), cause: 'nextHopRemoved', owner: 'shop/new' }]);
  });
});
