import { describe, expect, test } from 'vitest';
import { AnnouncementInput } from '../model/announcement.ts';
import { DrainInput } from '../model/drain.ts';
import { nearest } from '../model/nearest.ts';
import { endpoints } from './endpoints.ts';
import { patternWords } from './pattern-words.ts';
import { refusalOf } from './refusal.ts';

const valid = {
  kind: 'Announcement',
  metadata: { name: 'web', labels: { team: 'edge' } },
  spec: { prefixes: ['203.0.113.1/32'], nextHops: [{ address: '10.0.1.1' }] },
};

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

/** The valid announcement with other fields in its spec. */
const withSpec = (spec: object) => ({ ...valid, spec: { ...valid.spec, ...spec } });

describe('a refusal names the field and what to write', () => {
  test('nothing is refused of what fits', () => {
    expect(refusalOf(AnnouncementInput, valid)).toBeUndefined();
  });

  test.each([
    ['an unknown field', withSpec({ nextHop: [] }), 'spec.nextHop', 'is unknown; did you mean "nextHops"?'],
    ['a field far from any', withSpec({ zzz: 1 }), 'spec.zzz', /^is unknown; known here: prefixes, nextHops/],
    ['a missing field', { ...valid, metadata: {} }, 'metadata.name', /^is missing: lower-case letters/],
    ['a wrong type in a list', withSpec({ nextHops: [{ address: 7 }] }), 'spec.nextHops[0].address', /must be text/],
    [
      'a name',
      { ...valid, metadata: { name: 'Web' } },
      'metadata.name',
      /^"Web" is not valid: lower-case letters.*; write "web"$/,
    ],
    ['a word of a list', withSpec({ scope: 'al' }), 'spec.scope', /must be "all", .*did you mean "all"\?/],
    ['too few entries', withSpec({ prefixes: [] }), 'spec.prefixes', 'must have at least 1 entry'],
    ['null', withSpec({ attributes: null }), 'spec.attributes', 'must be an object, not null'],
    [
      'a number in quotes',
      withSpec({ attributes: { med: '5' } }),
      'spec.attributes.med',
      'must be a whole number, not "5"; write it without quotes: 5',
    ],
    ['a number out of range', withSpec({ attributes: { med: -1 } }), 'spec.attributes.med', /^must be 0 to 4294967295/],
    [
      'a share',
      withSpec({ policy: { minHealthy: '150%' } }),
      'spec.policy.minHealthy',
      /^must be a whole number from 1 to 64 or a share such as "50%", not "150%"$/,
    ],
    ['a count', withSpec({ policy: { minHealthy: 0 } }), 'spec.policy.minHealthy', 'must be 1 to 64, not 0'],
    [
      'a label',
      { ...valid, metadata: { name: 'web', labels: { '!': 'x' } } },
      'metadata.labels["!"]',
      /^as a name is not valid: letters, digits/,
    ],
    [
      'an address where an object belongs',
      withSpec({ nextHops: ['10.0.1.1'] }),
      'spec.nextHops[0]',
      'must be an object, not "10.0.1.1"; write { address: 10.0.1.1 }',
    ],
    [
      'one object where a list belongs',
      withSpec({ nextHops: { address: '10.0.1.1' } }),
      'spec.nextHops',
      'must be a list, not an object; write "- " before it',
    ],
    ['one text where a list belongs', withSpec({ prefixes: 'x' }), 'spec.prefixes', /; write \["x"\]$/],
    ['a kind in lower case', { ...valid, kind: 'announcement' }, 'kind', /did you mean "Announcement"\?/],
    ['no kind', { ...valid, kind: undefined }, 'kind', 'is missing; write "Announcement"'],
    ['a count in quotes', withSpec({ policy: { minHealthy: '2' } }), 'spec.policy.minHealthy', /without quotes: 2$/],
    [
      'half a count',
      withSpec({ policy: { minHealthy: 1.5 } }),
      'spec.policy.minHealthy',
      /whole number.*share.*not 1.5/,
    ],
    ['too many labels', { ...valid, metadata: { name: 'web', labels: many(65) } }, 'metadata.labels', /at most 64/],
    [
      'a duration without a unit',
      withSpec({ healthCheck: { type: 'tcp', port: 1, interval: '2' } }),
      'spec.healthCheck.interval',
      /a number and a unit.*; write "2s"$/,
    ],
    [
      'a number for a duration',
      withSpec({ healthCheck: { type: 'tcp', port: 1, interval: 2 } }),
      'spec.healthCheck.interval',
      /^must be a number and a unit.*, not 2; write "2s"$/,
    ],
    [
      'a well-known community by name',
      withSpec({ attributes: { communities: ['no-export'] } }),
      'spec.attributes.communities[0]',
      /write "65535:65281"$/,
    ],
    [
      'a letter that only looks like one',
      { ...valid, metadata: { name: 'w\u0435b' } },
      'metadata.name',
      /"\u0435" is U\+0435 in it/,
    ],
    [
      'a repeated entry',
      withSpec({ attributes: { communities: ['1:1', '1:1'] } }),
      'spec.attributes.communities[1]',
      'repeats "1:1"; write it once',
    ],
    [
      "a check's own branch",
      withSpec({ healthCheck: { type: 'tcp', port: 80, path: '/' } }),
      'spec.healthCheck.path',
      /^is unknown/,
    ],
    ['a check without a type', withSpec({ healthCheck: { port: 80 } }), 'spec.healthCheck.type', /"http" or "tcp"/],
    [
      'an unknown type',
      withSpec({ healthCheck: { type: 'htp', port: 80 } }),
      'spec.healthCheck.type',
      'must be "http" or "tcp", not "htp"',
    ],
  ])('%s', (_what, value, field, problem) => {
    const refusal = refusalOf(AnnouncementInput, value);
    expect(refusal?.field).toBe(field);
    expect(refusal?.problem).toMatch(problem);
  });

  test('a field that would reach the prototype', () => {
    const value: unknown = JSON.parse('{"kind":"Announcement","metadata":{"name":"web"},"spec":{"__proto__":{}}}');
    expect(refusalOf(AnnouncementInput, value)?.field).toBe('spec.__proto__');
  });

  test('of a union without a type field the branch that is most alike', () => {
    const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { announcement: 'web' } } };
    expect(refusalOf(DrainInput, drain)).toMatchObject({ field: 'spec.target.announcement' });
  });
});

test('what was probably meant is near, or nothing', () => {
  expect(nearest('nexthops', ['prefixes', 'nextHops'])).toBe('nextHops');
  expect(nearest('announcement', ['announcements', 'peers'])).toBe('announcements');
  expect(nearest('x', ['announcements', 'peers'])).toBeUndefined();
});

describe('every pattern of the contract', () => {
  /** Those without a description of their own, which would be said instead. */
  const patterns = new Set<string>();
  const collect = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return;
    const { pattern, description, patternProperties } = Object(part);
    if (typeof pattern === 'string' && description === undefined) patterns.add(pattern);
    for (const name of Object.keys(patternProperties ?? {})) patterns.add(name);
    for (const inside of Object.values(part)) collect(inside);
  };
  collect(endpoints);

  test.each([...patterns])('%s has words, so that no refusal shows it', (pattern) => {
    expect(patternWords(pattern)).toBeDefined();
  });
});
