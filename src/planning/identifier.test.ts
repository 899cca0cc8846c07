import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextHopPool, prefixPool } from '../../test/rig/planning.ts';
import { hash31, identifiersOf } from './identifier.ts';

const subset = fc.shuffledSubarray([...nextHopPool], { minLength: 1 });

it('identifiers are from 1 to 2³¹−1 and never twice in a prefix, even when nearly everything collides', () => {
  const colliding = (text: string) => hash31(text) % 7;
  fc.assert(
    fc.property(fc.constantFrom(...prefixPool), subset, fc.boolean(), (prefix, nextHops, collide) => {
      const given = identifiersOf(prefix, nextHops, collide ? colliding : hash31);
      expect(new Set(given.values()).size).toBe(nextHops.length);
      for (const identifier of given.values()) {
        expect(Number.isInteger(identifier) && identifier > 0 && identifier < 2 ** 31).toBe(true);
      }
    }),
  );
});

it('do not depend on the order of the next hops, even after collisions', () => {
  const colliding = (text: string) => hash31(text) % 7;
  fc.assert(
    fc.property(subset, fc.func(fc.integer()), (nextHops, key) => {
      const shuffled = nextHops.toSorted((a, b) => key(a) - key(b));
      expect(new Map(identifiersOf('203.0.113.10/32', shuffled, colliding))).toEqual(
        new Map(identifiersOf('203.0.113.10/32', nextHops, colliding)),
      );
    }),
  );
});

it('do not depend on which other next hops there are, without collisions', () => {
  fc.assert(
    fc.property(fc.constantFrom(...prefixPool), subset, (prefix, nextHops) => {
      for (const nextHop of nextHops) {
        expect(identifiersOf(prefix, [nextHop]).get(nextHop)).toBe(identifiersOf(prefix, nextHops).get(nextHop));
      }
    }),
  );
});

it('never change between versions: they name paths that are announced', () => {
  expect(identifiersOf('203.0.113.10/32', ['10.0.1.11']).get('10.0.1.11')).toBe(115_650_834);
  expect(identifiersOf('2001:db8::10/128', ['2001:db8:1::11']).get('2001:db8:1::11')).toBe(957_627_556);
});

it('hash evenly: 100,000 in 2³¹ collide about as often as chance has it', () => {
  const seen = new Set<number>();
  const count = 100_000;
  for (let n = 0; n < count; n += 1) seen.add(hash31(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32 10.0.1.11`));
  // Expected 2.3 collisions; 12 or more happen once in 10⁵ universes.
  expect(count - seen.size).toBeLessThan(12);
});
