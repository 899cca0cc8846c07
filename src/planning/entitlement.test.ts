import { containsCidr } from 'cidr-tools';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementOf, recordOf } from '../../test/rig/planning.ts';
import { familyOf, formatPrefix, type Prefix } from '../model/prefix.ts';
import type { ProjectSpec } from '../model/project.ts';
import { entitled } from './entitlement.ts';

const judge = (project: ProjectSpec | undefined, prefixes: string[], nextHops: string[]) =>
  entitled(
    project && recordOf('Project', 'shop', project),
    announcementOf({ prefixes, nextHops: nextHops.map((address) => ({ address })) }),
  );
const prefixReason = (project: ProjectSpec, prefix: string) => {
  const permit = judge(project, [prefix], []).prefixes.get(prefix);
  return permit?.ok === false ? permit.reason : permit?.ok;
};
const nextHopReason = (cidrs: string[], address: string) => {
  const permit = judge({ prefixes: [], nextHops: cidrs }, [], [address]).nextHops.get(address);
  return permit?.ok === false ? permit.reason : permit?.ok;
};

const prefixesOf = (family: 'ipv4' | 'ipv6'): fc.Arbitrary<Prefix> => {
  const width = family === 'ipv4' ? 32 : 128;
  // Few distinct bits on top, so that prefixes often lie in one another.
  return fc
    .record({ top: fc.integer({ min: 1, max: 6 }), length: fc.integer({ min: 4, max: width }) })
    .map(({ top, length }) => {
      const host = BigInt(width - length);
      const bits = (((BigInt(top) << BigInt(width - 4)) | (BigInt(top) << BigInt(width - 20))) >> host) << host;
      return { family, bits, length };
    });
};
const anyPrefix = fc.oneof(prefixesOf('ipv4'), prefixesOf('ipv6')).map(formatPrefix);

describe('prefixes', () => {
  it('are permitted exactly when a prefix of the project around them allows the length', () => {
    const grants = fc.array(
      fc.record({ prefix: anyPrefix, slack: fc.option(fc.nat({ max: 30 }), { nil: undefined }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(grants, anyPrefix, (drawn, prefix) => {
        const lengthOf = (text: string) => Number(text.split('/')[1]);
        const project: ProjectSpec = {
          prefixes: drawn.map(({ prefix: text, slack }) => ({
            prefix: text,
            ...(slack === undefined
              ? {}
              : { maxLength: Math.min(lengthOf(text) + slack, familyOf(text) === 'ipv4' ? 32 : 128) }),
          })),
          nextHops: [],
        };
        const expected =
          lengthOf(prefix) >= (familyOf(prefix) === 'ipv4' ? 8 : 16) &&
          project.prefixes.some(
            (grant) =>
              familyOf(grant.prefix) === familyOf(prefix) &&
              containsCidr(grant.prefix, prefix) &&
              lengthOf(prefix) <= (grant.maxLength ?? 128),
          );
        expect(prefixReason(project, prefix) === true).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  const everything: ProjectSpec = { prefixes: [{ prefix: '0.0.0.0/0' }, { prefix: '::/0' }], nextHops: [] };
  it.each([
    ['0.0.0.0/0', 'prefixTooShort'],
    ['10.0.0.0/7', 'prefixTooShort'],
    ['10.0.0.0/8', true],
    ['::/0', 'prefixTooShort'],
    ['2000::/15', 'prefixTooShort'],
    ['2001::/16', true],
  ])('%s in a project that has everything: %s', (prefix, expected) => {
    expect(prefixReason(everything, prefix)).toBe(expected);
  });

  it('the longest maxLength of those around counts, and the message names it', () => {
    const project: ProjectSpec = {
      prefixes: [
        { prefix: '203.0.113.0/24', maxLength: 24 },
        { prefix: '203.0.0.0/16', maxLength: 28 },
        { prefix: '2001:db8::/32', maxLength: 64 },
      ],
      nextHops: [],
    };
    expect(prefixReason(project, '203.0.113.16/28')).toBe(true);
    expect(prefixReason(project, '203.0.113.16/29')).toBe('prefixTooLong');
    expect(prefixReason(project, '2001:db8::1/128')).toBe('prefixTooLong');
    expect(judge(project, ['203.0.113.16/29'], []).prefixes.get('203.0.113.16/29')).toMatchObject({
      message: expect.stringContaining('/28'),
    });
  });
});

describe('next hops', () => {
  it.each<[string, string[], string | true]>([
    ['10.0.1.11', ['10.0.0.0/8'], true],
    ['10.0.1.11', ['10.0.1.11/32'], true],
    ['10.0.1.11', [], 'nextHopNotInProject'],
    ['10.0.1.11', ['::/0'], 'nextHopNotInProject'],
    ['2001:db8::1', ['2001:db8::/64'], true],
    ['2001:db8::1', ['0.0.0.0/0'], 'nextHopNotInProject'],
    ['127.0.0.1', ['0.0.0.0/0'], 'nextHopSpecial'],
    ['127.0.0.1', ['126.0.0.0/7'], 'nextHopSpecial'],
    ['127.0.0.1', ['127.0.0.0/8'], true],
    ['127.0.0.2', ['0.0.0.0/0', '127.0.0.0/30'], true],
    ['::1', ['::/0'], 'nextHopSpecial'],
    ['::1', ['::1/128'], true],
    ['169.254.169.254', ['169.254.0.0/15'], 'nextHopSpecial'],
    ['169.254.169.254', ['168.0.0.0/6'], 'nextHopSpecial'],
    ['169.254.1.1', ['169.254.1.0/24'], true],
    ['fe80::1', ['fe00::/8'], 'nextHopSpecial'],
    ['100.100.100.200', ['100.64.0.0/10'], 'nextHopSpecial'],
    ['100.100.100.200', ['100.100.100.200/32'], true],
    ['fd00:ec2::254', ['fd00:ec2::/32'], 'nextHopSpecial'],
    ['224.0.0.5', ['0.0.0.0/0'], 'nextHopSpecial'],
    ['ff02::5', ['::/0'], 'nextHopSpecial'],
    ['0.0.0.1', ['0.0.0.0/0'], 'nextHopSpecial'],
    ['255.255.255.255', ['0.0.0.0/0'], 'nextHopSpecial'],
    ['64:ff9b::7f00:1', ['::/0'], 'nextHopSpecial'],
    ['2002:7f00:1::1', ['2000::/3'], 'nextHopSpecial'],
    ['::7f00:1', ['::/0'], 'nextHopSpecial'],
  ])('%s with %j: %s', (address, cidrs, expected) => {
    expect(nextHopReason(cidrs, address)).toBe(expected);
  });
});

it('a project that does not exist permits nothing, by the word projectUnknown', () => {
  const { ok, prefixes, nextHops } = judge(undefined, ['203.0.113.10/32'], ['10.0.1.11']);
  expect(ok).toBe(false);
  for (const permit of [...prefixes.values(), ...nextHops.values()]) {
    expect(permit).toMatchObject({ ok: false, reason: 'projectUnknown' });
  }
});

it('the answer is remembered for the same records only', () => {
  const announcement = announcementOf({ prefixes: ['203.0.113.10/32'], nextHops: [{ address: '10.0.1.11' }] });
  const grant = { prefixes: [{ prefix: '203.0.113.0/24' }], nextHops: ['10.0.0.0/8'] };
  const allowing = recordOf('Project', 'shop', grant);
  const denying = recordOf('Project', 'shop', { prefixes: [], nextHops: [] });
  expect([allowing, denying, allowing].map((project) => entitled(project, announcement).ok)).toEqual([
    true,
    false,
    true,
  ]);
});
