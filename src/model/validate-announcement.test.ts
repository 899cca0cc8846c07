import { describe, expect, it, test } from 'vitest';
import type { AnnouncementSpec } from './announcement.ts';
import { markMagic } from './mark.ts';
import { announcementProblems } from './validate-announcement.ts';

const v4: AnnouncementSpec = {
  prefixes: ['203.0.113.10/32'],
  nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.12', zone: 'eu-1b' }],
};
const v6: AnnouncementSpec = {
  prefixes: ['2001:db8::10/128'],
  nextHops: [{ address: '2001:db8:1::11' }, { address: '2001:db8:1::12' }],
};
const both: AnnouncementSpec = {
  prefixes: [...v4.prefixes, ...v6.prefixes],
  nextHops: [...v4.nextHops, ...v6.nextHops],
};
const http = { type: 'http', port: 8080 } as const;

test.each([
  ['IPv4', v4],
  ['IPv6', v6],
  ['both families', both],
  [
    'every option',
    {
      ...both,
      scope: 'speakerZoneElseAll',
      healthCheck: {
        ...http,
        interval: '500ms',
        fastInterval: '100ms',
        timeout: '50ms',
        expect: { status: ['200', '300-399'] },
      },
      attributes: { communities: ['64512:100', '0:0'], largeCommunities: ['64512:1:2'], med: 0 },
      policy: { minHealthy: 2, onAllDown: 'hold' },
    },
  ],
  ['a share of healthy ones', { ...v4, policy: { minHealthy: '100%' } }],
  ['loopback next hops, which a project may permit', { ...v4, nextHops: [{ address: '127.0.0.1' }] }],
  ['IPv6 loopback next hops', { ...v6, nextHops: [{ address: '::1' }] }],
  ['link-local next hops', { ...v4, nextHops: [{ address: '169.254.1.1' }] }],
] satisfies [string, AnnouncementSpec][])('%s is valid', (_, spec) => {
  expect(announcementProblems(spec)).toEqual([]);
});

const wrong: [string, AnnouncementSpec, string, string][] = [
  ['host bits', { ...v4, prefixes: ['203.0.113.10/24'] }, 'spec.prefixes[0]', 'write "203.0.113.0/24"'],
  ['IPv6 host bits', { ...v6, prefixes: ['2001:db8::10/64'] }, 'spec.prefixes[0]', 'write "2001:db8::/64"'],
  ['upper-case IPv6', { ...v6, prefixes: ['2001:DB8::10/128'] }, 'spec.prefixes[0]', 'write "2001:db8::10/128"'],
  ['uncompressed IPv6', { ...v6, prefixes: ['2001:db8:0::10/128'] }, 'spec.prefixes[0]', 'write "2001:db8::10/128"'],
  ['no length', { ...v4, prefixes: ['203.0.113.10'] }, 'spec.prefixes[0]', '203.0.113.10/32'],
  ['a prefix twice', { ...v4, prefixes: ['203.0.113.10/32', '203.0.113.10/32'] }, 'spec.prefixes[1]', 'twice'],
  ['a name for a next hop', { ...v4, nextHops: [{ address: 'web.example' }] }, 'spec.nextHops[0].address', 'not an IP'],
  ['octal', { ...v4, nextHops: [{ address: '010.0.1.11' }] }, 'spec.nextHops[0].address', 'leading zero'],
  [
    'a next hop twice',
    { ...v4, nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.11', zone: 'b' }] },
    'spec.nextHops[1].address',
    'twice',
  ],
  [
    'upper-case next hop',
    { ...v6, nextHops: [{ address: '2001:DB8::1' }] },
    'spec.nextHops[0].address',
    'write "2001:db8::1"',
  ],
  ['unspecified', { ...v4, nextHops: [{ address: '0.0.0.0' }] }, 'spec.nextHops[0].address', 'an unspecified'],
  ['unspecified IPv6', { ...v6, nextHops: [{ address: '::' }] }, 'spec.nextHops[0].address', 'an unspecified'],
  ['multicast', { ...v4, nextHops: [{ address: '224.0.0.1' }] }, 'spec.nextHops[0].address', 'a multicast'],
  ['IPv6 multicast', { ...v6, nextHops: [{ address: 'ff02::1' }] }, 'spec.nextHops[0].address', 'a multicast'],
  ['broadcast', { ...v4, nextHops: [{ address: '255.255.255.255' }] }, 'spec.nextHops[0].address', 'a reserved'],
  ['no next hop of the family', { ...both, nextHops: v4.nextHops }, 'spec.prefixes[1]', 'no IPv6 next hop'],
  [
    'no prefix of the family',
    { ...v6, nextHops: [{ address: '10.0.1.11' }, ...v6.nextHops] },
    'spec.nextHops[0].address',
    'no IPv4 prefix',
  ],
  ['minHealthy out of reach', { ...v4, policy: { minHealthy: 3 } }, 'spec.policy.minHealthy', '2 IPv4'],
  ['interval too short', { ...v4, healthCheck: { ...http, interval: '499ms' } }, 'spec.healthCheck.interval', '500ms'],
  ['interval too long', { ...v4, healthCheck: { ...http, interval: '2h' } }, 'spec.healthCheck.interval', '1h'],
  [
    'fastInterval too short',
    { ...v4, healthCheck: { ...http, fastInterval: '99ms' } },
    'spec.healthCheck.fastInterval',
    '100ms',
  ],
  [
    'fastInterval above interval',
    { ...v4, healthCheck: { ...http, fastInterval: '3s' } },
    'spec.healthCheck.fastInterval',
    '2s (default)',
  ],
  ['timeout too short', { ...v4, healthCheck: { ...http, timeout: '49ms' } }, 'spec.healthCheck.timeout', '50ms'],
  [
    'timeout not below interval',
    { ...v4, healthCheck: { ...http, interval: '1s' } },
    'spec.healthCheck.timeout',
    '1s (default)',
  ],
  [
    'statuses backwards',
    { ...v4, healthCheck: { ...http, expect: { status: ['399-200'] } } },
    'spec.healthCheck.expect.status[0]',
    'write "200-399"',
  ],
  [
    'community too large',
    { ...v4, attributes: { communities: ['64512:1', '65536:1'] } },
    'spec.attributes.communities[1]',
    '65535',
  ],
  [
    'community with zeros',
    { ...v4, attributes: { communities: ['064512:1'] } },
    'spec.attributes.communities[0]',
    'write "64512:1"',
  ],
  [
    'large community too large',
    { ...v4, attributes: { largeCommunities: ['4294967296:1:1'] } },
    'spec.attributes.largeCommunities[0]',
    '4294967295',
  ],
  [
    'reserved',
    { ...v4, attributes: { largeCommunities: [`64512:${markMagic}:1`] } },
    'spec.attributes.largeCommunities[0]',
    'namespace',
  ],
  [
    "a next hop's community",
    { ...v4, nextHops: [{ address: '10.0.1.11', attributes: { communities: ['1:65536'] } }] },
    'spec.nextHops[0].attributes.communities[0]',
    '65535',
  ],
];
test.each(wrong)('refused: %s', (_, spec, field, words) => {
  const problems = announcementProblems(spec);
  expect(problems.map((problem) => problem.field)).toEqual([field]);
  expect(problems[0]?.problem).toContain(words);
});

describe('several problems', () => {
  it('are all reported at once', () => {
    const fields = announcementProblems({
      prefixes: ['203.0.113.10/24'],
      nextHops: [{ address: 'x' }],
      healthCheck: { ...http, interval: '1ms' },
      attributes: { communities: ['70000:1'] },
    }).map(({ field }) => field);
    expect(fields).toEqual([
      'spec.prefixes[0]',
      'spec.nextHops[0].address',
      'spec.healthCheck.interval',
      'spec.attributes.communities[0]',
    ]);
  });
});
