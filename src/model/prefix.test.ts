import { containsCidr, parseCidr } from 'cidr-tools';
import fc from 'fast-check';
import { parseIp, stringifyIp } from 'ip-bigint';
import { describe, expect, it, test } from 'vitest';
import {
  type Address,
  containsPrefix,
  type Family,
  familyOf,
  formatAddress,
  formatPrefix,
  hostPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixAround,
} from './prefix.ts';

const width = { ipv4: 32, ipv6: 128 } as const;
const isMapped = (bits: bigint) => bits >> 32n === 0xffffn;

/** Addresses with long runs of zeros as well as uniform ones; IPv4-mapped ones are refused and left out. */
const addresses: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt(0n, 2n ** 32n - 1n).map((bits): Address => ({ family: 'ipv4', bits })),
  fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
    .map((words): Address => ({ family: 'ipv6', bits: words.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n) }))
    .filter(({ bits }) => !isMapped(bits)),
);
const prefixes: fc.Arbitrary<Prefix> = addresses.chain((address) =>
  fc
    .integer({ min: 0, max: width[address.family] })
    .map((length) => cut(address, length))
    .filter(({ family, bits }) => family === 'ipv4' || !isMapped(bits)),
);
/** Two prefixes that often lie in one another, or would but for the family. */
const pairs = fc.oneof(
  fc.tuple(prefixes, prefixes),
  prefixes.chain((inner) =>
    fc.tuple(
      fc.integer({ min: 0, max: inner.length }).map((length) => cut(inner, length)),
      fc.constant(inner),
    ),
  ),
  prefixes
    .filter(({ family, length }) => family === 'ipv4' && length > 0)
    .map((inner): [Prefix, Prefix] => [{ family: 'ipv6', bits: inner.bits, length: 0 }, inner]),
);

function cut({ family, bits }: Address, length: number): Prefix {
  const host = BigInt(width[family] - length);
  return { family, bits: (bits >> host) << host, length };
}

const oracleText = ({ family, bits }: Address) => stringifyIp({ number: bits, version: family === 'ipv4' ? 4 : 6 });

describe('addresses', () => {
  it('are written as ip-bigint writes them', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        expect(formatAddress(address)).toBe(oracleText(address));
      }),
    );
  });

  it('read back what was written, and agree with ip-bigint on the bits', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const text = formatAddress(address);
        expect(parseAddress(text)).toEqual({ ok: true, value: address });
        expect(parseIp(text).number).toBe(address.bits);
        expect(familyOf(text)).toBe(address.family);
      }),
    );
  });

  it('never throw on any text, and what is accepted ip-bigint accepts with the same bits', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF:./%x '), maxLength: 45 }),
      fc
        .array(fc.constantFrom('0', '1', '00', 'ffff', '10', '255', '256', ':', '::', '.'), { maxLength: 16 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseAddress(text);
        if (parsed.ok) expect(parseIp(text).number).toBe(parsed.value.bits);
        else expect(parsed.problem).toContain(text);
        parsePrefix(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['2001:db8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8:AAAA::1', '2001:db8:aaaa::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
  ])('%s is written %s (RFC 5952)', (text, canonical) => {
    const parsed = parseAddress(text);
    expect(parsed.ok && formatAddress(parsed.value)).toBe(canonical);
  });

  test.each([
    ['010.0.0.1', 'octal'],
    ['10.0.0.01', 'write "10.0.0.1"'],
    ['0x7f.0.0.1', 'not an IP address'],
    ['10.1', 'not an IP address'],
    ['2130706433', 'not an IP address'],
    ['256.0.0.1', '0 to 255'],
    ['1.2.3.4.5', 'not an IP address'],
    ['1.2.3.', 'not an IP address'],
    ['+1.2.3.4', 'not an IP address'],
    ['١.2.3.4', 'not an IP address'],
    [' 10.0.0.1', 'not an IP address'],
    ['10.0.0.1\n', 'not an IP address'],
    ['', 'not an IP address'],
    ['web.example', 'not an IP address'],
    ['10.0.0.1/32', 'is a prefix'],
    ['fe80::1%eth0', 'zone id'],
    ['::ffff:10.0.0.1', 'write "10.0.0.1"'],
    ['::ffff:a00:1', 'mapped'],
    ['0:0:0:0:0:FFFF:7f00:1', 'mapped'],
    ['64:ff9b::192.0.2.1', 'embeds'],
    ['::1::', 'not an IPv6'],
    [':::', 'not an IPv6'],
    [':', 'not an IPv6'],
    ['1:2:3:4:5:6:7', 'not an IPv6'],
    ['1:2:3:4:5:6:7:8:9', 'not an IPv6'],
    ['1:2:3:4::5:6:7:8', 'not an IPv6'],
    [':1:2:3:4:5:6:7', 'not an IPv6'],
    ['12345::', 'not an IPv6'],
    ['[::1]', 'not an IPv6'],
    ['::g', 'not an IPv6'],
    ['0x1::', 'not an IPv6'],
  ])('%j is refused: %s', (text, why) => {
    const parsed = parseAddress(text);
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.problem).toContain(why);
  });
});

describe('prefixes', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(prefixes, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual({ ok: true, value: prefix });
      }),
    );
  });

  it('agree with cidr-tools on the first address', () => {
    fc.assert(
      fc.property(prefixes, (prefix) => {
        const oracle = parseCidr(formatPrefix(prefix));
        expect([oracle.start, oracle.version]).toEqual([prefix.bits, prefix.family === 'ipv4' ? 4 : 6]);
      }),
    );
  });

  it('with host bits are refused with the text to write instead', () => {
    fc.assert(
      fc.property(addresses, fc.integer({ min: 0, max: 127 }), (address, anyLength) => {
        const length = anyLength % width[address.family];
        const network = cut(address, length);
        const parsed = parsePrefix(`${formatAddress(address)}/${length}`);
        expect(parsed.ok).toBe(network.bits === address.bits);
        if (!parsed.ok) expect(parsed.problem).toContain(`"${formatAddress(network)}/${length}"`);
      }),
    );
  });

  test.each([
    ['10.0.0.1', 'write "10.0.0.1/32"'],
    ['2001:db8::1', 'write "2001:db8::1/128"'],
    ['10.0.0.1/24', 'write "10.0.0.0/24"'],
    ['2001:db8::1/64', 'write "2001:db8::/64"'],
    ['10.0.0.0/33', '0 to 32'],
    ['2001:db8::/129', '0 to 128'],
    ['10.0.0.0/024', '0 to 32'],
    ['10.0.0.0/', '0 to 32'],
    ['10.0.0.0/-1', '0 to 32'],
    ['10.0.0.0/+8', '0 to 32'],
    ['10.0.0.0/8 ', '0 to 32'],
    ['10.0.0.0/255.0.0.0', '0 to 32'],
    ['10.0.0.0/8/8', 'more than one'],
    ['010.0.0.0/8', 'octal'],
    ['fe80::%eth0/64', 'zone id'],
    ['::ffff:0:0/96', 'mapped'],
    ['/8', 'not an IP prefix'],
  ])('%j is refused: %s', (text, why) => {
    const parsed = parsePrefix(text);
    expect(!parsed.ok && parsed.problem).toContain(why);
  });

  test.each(['0.0.0.0/0', '::/0', '203.0.113.10/32', '2001:db8::10/128'])('%s is a prefix', (text) => {
    expect(parsePrefix(text).ok).toBe(true);
  });
});

/** A property of any implementation, so that a broken one can be shown to fail it. */
const containsAsCidrTools = (contains: typeof containsPrefix) =>
  fc.property(pairs, ([outer, inner]) => {
    const expected =
      outer.family === inner.family && outer.length <= inner.length
        ? containsCidr(formatPrefix(outer), formatPrefix(inner))
        : false;
    expect(contains(outer, inner)).toBe(expected);
  });

describe('containment', () => {
  it('agrees with cidr-tools, in both families and across them', () => {
    fc.assert(containsAsCidrTools(containsPrefix), { numRuns: 1_000 });
  });

  it('holds for a prefix and itself, and its host prefixes', () => {
    fc.assert(
      fc.property(prefixes, (prefix) => {
        expect(containsPrefix(prefix, prefix)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(addresses, (address) => {
        const length = address.family === 'ipv4' ? 24 : 64;
        expect(containsPrefix(cut(address, length), hostPrefix(address))).toBe(true);
        expect(prefixAround(address, length)).toEqual(cut(address, length));
      }),
    );
  });

  it('seeded bug "contains that forgets the family" is found', () => {
    const forgetsTheFamily = (outer: Prefix, inner: Prefix) =>
      outer.length <= inner.length && cut(inner, outer.length).bits === outer.bits;
    expect(() => fc.assert(containsAsCidrTools(forgetsTheFamily), { numRuns: 1_000 })).toThrow('Property failed');
  });
});

it('both families have an equal share in these tests', () => {
  const seen = fc.sample(addresses, { numRuns: 200, seed: 1 }).map(({ family }): Family => family);
  expect(seen.filter((family) => family === 'ipv6').length).toBeGreaterThan(50);
});
