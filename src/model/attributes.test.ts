import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  attributesKey,
  canonicalLargeCommunity,
  formatCommunity,
  type PathAttributes,
  parseCommunity,
  sortLargeCommunities,
} from './attributes.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const large = fc.tuple(uint32, uint32, uint32).map((parts) => parts.join(':'));

describe('communities', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(uint32, (community) => {
        expect(parseCommunity(formatCommunity(community))).toBe(community);
      }),
    );
  });

  test.each([
    ['0:0', 0],
    ['64512:100', 4_227_858_532],
    ['65535:65535', 4_294_967_295],
    ['00064:007', 4_194_311],
  ])('%s is %d', (text, community) => expect(parseCommunity(text)).toBe(community));

  test.each(['65536:0', '0:65536', '1', '1:', ':1', '1:2:3', '-1:0', '0x10:1', '1e2:1', ' 1:1', '1.0:1', ''])(
    '%j is refused',
    (text) => expect(parseCommunity(text)).toBeUndefined(),
  );
});

describe('large communities', () => {
  test.each([
    ['64512:1:2', '64512:1:2'],
    ['064512:001:0', '64512:1:0'],
    ['4294967295:4294967295:4294967295', '4294967295:4294967295:4294967295'],
  ])('%s is canonically %s', (text, canonical) => expect(canonicalLargeCommunity(text)).toBe(canonical));

  test.each(['4294967296:0:0', '1:2', '1:2:3:4', '1::3', '::', '0x1:1:1', '1e1:1:1', ' 1:1:1', ''])(
    '%j is refused',
    (text) => expect(canonicalLargeCommunity(text)).toBeUndefined(),
  );

  it('are sorted by number, each once, whatever their order was', () => {
    fc.assert(
      fc.property(fc.array(large), fc.func(fc.integer()), (communities, key) => {
        const sorted = sortLargeCommunities(communities);
        const shuffled = communities.toSorted((a, b) => key(a) - key(b));
        expect(sortLargeCommunities(shuffled)).toEqual(sorted);
        expect(new Set(sorted)).toEqual(new Set(communities));
        const numbers = sorted.map((text) => text.split(':').reduce((sum, part) => (sum << 32n) | BigInt(part), 0n));
        expect(numbers.every((number, index) => index === 0 || (numbers[index - 1] ?? 0n) < number)).toBe(true);
      }),
    );
  });
});

const attributes: fc.Arbitrary<PathAttributes> = fc.record(
  {
    origin: fc.constantFrom('igp', 'egp', 'incomplete'),
    asPath: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    localPref: fc.integer({ min: 0, max: 2 }),
    med: fc.integer({ min: 0, max: 2 }),
    communities: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    largeCommunities: fc.array(fc.constantFrom('1:1:1', '1:1:2', '11:1:1'), { maxLength: 2 }),
  },
  { requiredKeys: ['origin', 'asPath', 'communities', 'largeCommunities'] },
);

it('the key of attributes is equal exactly for equal attributes', () => {
  fc.assert(
    fc.property(attributes, attributes, (a, b) => {
      const ordered = ({ origin, asPath, localPref, med, communities, largeCommunities }: PathAttributes) =>
        JSON.stringify([origin, asPath, localPref ?? null, med ?? null, communities, largeCommunities]);
      expect(attributesKey(a) === attributesKey(b)).toBe(ordered(a) === ordered(b));
      expect(attributesKey(structuredClone(a))).toBe(attributesKey(a));
    }),
    { numRuns: 1_000 },
  );
});
