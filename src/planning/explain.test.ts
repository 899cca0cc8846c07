import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementSpecs, createWorld, nextHopPool, permitsAll, prefixPool } from '../../test/rig/planning.ts';
import { containsPrefix, hostPrefix, parseAddress, parsePrefix } from '../model/prefix.ts';
import { announcementsConcerning } from './explain.ts';
import type { Inputs } from './inputs.ts';

const found = (address: string, inputs: Inputs) =>
  [...announcementsConcerning(address, inputs)].flatMap((one) => (one === undefined ? [] : [one.key.split('/')[2]]));

describe.each([
  {
    name: 'IPv4',
    longest: '203.0.113.10/32',
    middle: '203.0.113.0/28',
    widest: '203.0.113.0/24',
    beside: '203.0.113.16/28',
  },
  {
    name: 'IPv6',
    longest: '2001:db8::10/128',
    middle: '2001:db8::/120',
    widest: '2001:db8::/32',
    beside: '2001:db8:0:1::/64',
  },
])('$name', ({ longest, middle, widest, beside }) => {
  it('finds by prefix, the longest first, then by next hop, each once', () => {
    const address = longest.replace(/\/.*/, '');
    const other = address.replace('10', '11');
    const world = createWorld();
    world.project(permitsAll);
    world.announce({ prefixes: [beside], nextHops: [{ address }] }, 'hop');
    world.announce({ prefixes: [widest, `${other}/${longest.split('/')[1]}`], nextHops: [{ address }] }, 'widest');
    world.announce({ prefixes: [longest], nextHops: [{ address: other }] }, 'longest');
    world.announce({ prefixes: [middle], nextHops: [{ address: other }] }, 'middle');
    expect(found(address, world.inputs)).toEqual(['longest', 'middle', 'widest', 'hop']);
    expect(found(other, world.inputs)).toEqual(['widest', 'middle', 'longest']);
    world.remove('announcements/shop/middle');
    expect(found(address, world.inputs)).toEqual(['longest', 'widest', 'hop']);
  });
});

it('finds the same as a look at each', () => {
  const addresses = fc.constantFrom(...nextHopPool, ...prefixPool.map((prefix) => prefix.replace(/\/.*/, '')));
  fc.assert(
    fc.property(fc.array(announcementSpecs, { maxLength: 5 }), addresses, (specs, address) => {
      const world = createWorld();
      for (const [index, spec] of specs.entries()) world.announce(spec, `a${index}`);
      const parsed = parseAddress(address);
      if (!parsed.ok) throw new Error(parsed.problem);
      const host = hostPrefix(parsed.value);
      const expected = specs.flatMap(({ prefixes, nextHops }, index) => {
        const within = prefixes.some((text) => {
          const prefix = parsePrefix(text);
          return prefix.ok && containsPrefix(prefix.value, host);
        });
        return within || nextHops.some((hop) => hop.address === address) ? [`a${index}`] : [];
      });
      expect(found(address, world.inputs).sort()).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
