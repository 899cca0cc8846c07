/**
 * The bad-input matrix, over HTTP: each row is refused with a code, the field, and words that give the fix, and leaves the
 * store as it was. Files: bad-input-files, the wire itself: bad-input-wire, configuration: bad-input-config.
 * Long because: it is one table.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { expectNothingWritten, kept, withCheck, withMetadata, withSpec, withText } from '../rig/bad-input.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
  await rig.send('POST', '/v1/announcements', announcement('owner', ['203.0.113.1/32']));
});
afterAll(() => rig.close());

const words = (count: number, value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const six = { prefixes: ['2001:db8::2/128'], nextHops: [{ address: '2001:db8:1::1' }] };
const med = (text: string) => withText('"prefixes"', `"attributes":{"med":${text}},"prefixes"`);

/** What · the body · the field · what is said. */
const bodies: readonly (readonly [string, unknown, string | undefined, RegExp])[] = [
  // Text that is no JSON, or not the same JSON to everybody.
  [
    'JSON cut short',
    '{"kind":',
    undefined,
    /not valid JSON \(line 1, column 9\): A value is expected here, not the end/,
  ],
  ['JSON without a value', '{\n "kind": }', undefined, /line 2, column 10.*not "}"/],
  ['a comma too many', '{"kind":"Peer",}', undefined, /column 16.*After ","/],
  ['single quotes', "{'kind':'Peer'}", undefined, /double quotes/],
  ['two values', '{} {}', undefined, /goes on with "\{" after its end/],
  ['NaN', med('NaN'), undefined, /"NaN" is no JSON value; write a number/],
  ['a leading zero', med('010'), undefined, /no leading zero/],
  ['1e400', med('1e400'), 'spec.attributes.med', /larger than any number/],
  ['a number beyond 2^53', med('9007199254740993'), 'spec.attributes.med', /can't be kept exactly/],
  ['negative zero', med('-0'), 'spec.attributes.med', /write 0/],
  ['a key twice', withText('"spec":', '"kind":"Peer","spec":'), 'kind', /is there twice.*write it once/],
  ['a key twice, once escaped', withText('"nextHops"', '"\\u0070refixes":[],"nextHops"'), 'spec.prefixes', /twice/],
  ['a byte order mark', `\ufeff${withText('', '')}`, undefined, /byte order mark.*send it without/],
  ['half a surrogate pair', withMetadata({ labels: { a: '\ud800' } }), 'metadata.labels.a', /surrogate.*leave it out/],
  [
    'the zero character',
    withMetadata({ annotations: { a: 'x\0' } }),
    'metadata.annotations.a',
    /U\+0000.*leave it out/,
  ],
  ['17 levels', nested(17), undefined, /nested deeper than 16 levels/],
  ['100,000 levels', nested(100_000), undefined, /nested deeper than 16 levels/],
  ['an empty body', '', undefined, /needs a JSON body/],
  // Shapes.
  ['null', 'null', undefined, /needs a JSON body/],
  ['a list', '[]', undefined, /must be an object, not a list/],
  ['text', '"x"', undefined, /must be an object, not "x"/],
  ['null for an object', { ...withSpec({}), spec: null }, 'spec', /must be an object, not null/],
  ['a list for an object', { ...withSpec({}), spec: [] }, 'spec', /must be an object, not a list/],
  [
    'an object for a list',
    withSpec({ nextHops: { address: '10.0.1.1' } }),
    'spec.nextHops',
    /must be a list.*write "- "/,
  ],
  ['text for a list', withSpec({ prefixes: '203.0.113.2/32' }), 'spec.prefixes', /write \["203\.0\.113\.2\/32"\]/],
  ['a bare next hop', withSpec({ nextHops: ['10.0.1.1'] }), 'spec.nextHops[0]', /write \{ address: 10\.0\.1\.1 \}/],
  ['a number as text', withSpec({ attributes: { med: '5' } }), 'spec.attributes.med', /write it without quotes: 5/],
  ['text as a number', withMetadata({ name: 7 }), 'metadata.name', /in quotes, not 7; write it in quotes: "7"/],
  ['no kind', { ...withSpec({}), kind: undefined }, 'kind', /is missing; write "Announcement"/],
  ['a kind in lower case', { ...withSpec({}), kind: 'announcement' }, 'kind', /did you mean "Announcement"\?/],
  ['a misspelt kind', { ...withSpec({}), kind: 'Anouncement' }, 'kind', /did you mean "Announcement"\?/],
  ['a misspelt field', { ...withSpec({}), spek: {} }, 'spek', /is unknown; did you mean "spec"\?/],
  ['a misspelt field below', withCheck({ intervall: '2s' }), 'spec.healthCheck.intervall', /did you mean "interval"\?/],
  ['an unknown field', withSpec({ zzz: 1 }), 'spec.zzz', /is unknown; known here: prefixes, nextHops/],
  ['__proto__', withText('"spec":', '"__proto__":{"kind":"Peer"},"spec":'), '__proto__', /is unknown/],
  ['__proto__ below', withText('"prefixes"', '"__proto__":{},"prefixes"'), 'spec.__proto__', /is unknown/],
  ['constructor', withText('"spec":', '"constructor":{},"spec":'), 'constructor', /is unknown/],
  ['no spec', { kind: 'Announcement', metadata: { name: 'x' } }, 'spec', /is missing/],
  // Prefixes and addresses.
  [
    'host bits',
    withSpec({ prefixes: ['203.0.113.10/24'] }),
    'spec.prefixes[0]',
    /write "203\.0\.113\.0\/24", or "203\.0\.113\.10\/32"/,
  ],
  [
    'IPv6 host bits',
    withSpec({ ...six, prefixes: ['2001:db8::10/64'] }),
    'spec.prefixes[0]',
    /write "2001:db8::\/64", or "2001:db8::10\/128"/,
  ],
  [
    'a prefix without a length',
    withSpec({ prefixes: ['203.0.113.2'] }),
    'spec.prefixes[0]',
    /write "203\.0\.113\.2\/32"/,
  ],
  [
    'IPv6 without a length',
    withSpec({ ...six, prefixes: ['2001:db8::2'] }),
    'spec.prefixes[0]',
    /write "2001:db8::2\/128"/,
  ],
  ['a length of 33', withSpec({ prefixes: ['203.0.113.2/33'] }), 'spec.prefixes[0]', /from 0 to 32/],
  ['a length of 129', withSpec({ ...six, prefixes: ['2001:db8::2/129'] }), 'spec.prefixes[0]', /from 0 to 128/],
  [
    'octal-looking',
    withSpec({ prefixes: ['010.0.0.1/32'] }),
    'spec.prefixes[0]',
    /leading zero.*octal; write "10\.0\.0\.1\/32"/,
  ],
  [
    'an octal-looking next hop',
    withSpec({ nextHops: [{ address: '10.0.01.1' }] }),
    'spec.nextHops[0].address',
    /write "10\.0\.1\.1"/,
  ],
  ['three numbers', withSpec({ prefixes: ['1.2.3'] }), 'spec.prefixes[0]', /four numbers as in "192\.0\.2\.1"/],
  [
    'an IPv4-mapped prefix',
    withSpec({ prefixes: ['::ffff:1.2.3.4/128'] }),
    'spec.prefixes[0]',
    /IPv4-mapped.*write "1\.2\.3\.4\/32"/,
  ],
  [
    'an IPv4-mapped next hop',
    withSpec({ nextHops: [{ address: '::ffff:1.2.3.4' }] }),
    'spec.nextHops[0].address',
    /IPv4-mapped.*write "1\.2\.3\.4"/,
  ],
  [
    'IPv4-mapped in hexadecimal',
    withSpec({ nextHops: [{ address: '::ffff:102:304' }] }),
    'spec.nextHops[0].address',
    /write "1\.2\.3\.4"/,
  ],
  [
    'a zone id',
    withSpec({ nextHops: [{ address: 'fe80::1%eth0' }] }),
    'spec.nextHops[0].address',
    /zone id; write "fe80::1"/,
  ],
  [
    'a zone id in a prefix',
    withSpec({ prefixes: ['fe80::1%eth0/128'] }),
    'spec.prefixes[0]',
    /zone id; write "fe80::1\/128"/,
  ],
  [
    'upper-case IPv6',
    withSpec({ ...six, prefixes: ['2001:DB8::2/128'] }),
    'spec.prefixes[0]',
    /write "2001:db8::2\/128"/,
  ],
  [
    'uncompressed IPv6',
    withSpec({ ...six, nextHops: [{ address: '2001:db8:1:0:0:0:0:1' }] }),
    'spec.nextHops[0].address',
    /write "2001:db8:1::1"/,
  ],
  [
    'a name for a next hop',
    withSpec({ nextHops: [{ address: 'web.example' }] }),
    'spec.nextHops[0].address',
    /not an IP address/,
  ],
  [
    'a prefix for a next hop',
    withSpec({ nextHops: [{ address: '10.0.1.1/32' }] }),
    'spec.nextHops[0].address',
    /without "\/length"/,
  ],
  [
    'multicast',
    withSpec({ nextHops: [{ address: '224.0.0.1' }] }),
    'spec.nextHops[0].address',
    /multicast.*use another/,
  ],
  [
    'IPv6 multicast',
    withSpec({ ...six, nextHops: [{ address: 'ff02::1' }] }),
    'spec.nextHops[0].address',
    /multicast.*use another/,
  ],
  [
    'a next hop twice',
    withSpec({ nextHops: [{ address: '10.0.1.1' }, { address: '10.0.1.1' }] }),
    'spec.nextHops[1].address',
    /twice; leave one out/,
  ],
  [
    'a next hop twice, written differently',
    withSpec({ ...six, nextHops: [{ address: '2001:db8:1::1' }, { address: '2001:DB8:1:0::1' }] }),
    'spec.nextHops[1].address',
    /it is the address "2001:db8:1::1" of spec\.nextHops\[0\]\.address; leave it out/,
  ],
  [
    'a prefix twice',
    withSpec({ prefixes: ['203.0.113.2/32', '203.0.113.2/32'] }),
    'spec.prefixes[1]',
    /twice; leave one out/,
  ],
  [
    'a prefix twice, written differently',
    withSpec({ ...six, prefixes: ['2001:db8::2/128', '2001:0db8::2/128'] }),
    'spec.prefixes[1]',
    /it is the prefix "2001:db8::2\/128" of spec\.prefixes\[0\]; leave it out/,
  ],
  [
    'no next hop of the family',
    withSpec({ nextHops: [{ address: '2001:db8:1::1' }] }),
    'spec.prefixes[0]',
    /no IPv4 next hop; add one/,
  ],
  ['no IPv6 next hop', withSpec({ prefixes: six.prefixes }), 'spec.prefixes[0]', /no IPv6 next hop; add one/],
  ['no next hops', withSpec({ nextHops: [] }), 'spec.nextHops', /at least 1 entry/],
  [
    '16 prefixes',
    withSpec({ prefixes: Array.from({ length: 16 }, (_, n) => `203.0.113.${n}/32`) }),
    'spec.prefixes',
    /at most 15/,
  ],
  // Health checks, attributes, policy.
  [
    'timeout = interval',
    withCheck({ interval: '1s', timeout: '1s' }),
    'spec.healthCheck.timeout',
    /must be below interval 1s; lower the timeout/,
  ],
  ['interval too short', withCheck({ interval: '100ms' }), 'spec.healthCheck.interval', /from 500ms to 1h/],
  [
    'a duration without a unit',
    withCheck({ interval: '2' }),
    'spec.healthCheck.interval',
    /a number and a unit.*write "2s"/,
  ],
  [
    'a number for a duration',
    withCheck({ interval: 2 }),
    'spec.healthCheck.interval',
    /a number and a unit.*write "2s"/,
  ],
  ['a duration in parts', withCheck({ interval: '1m30s' }), 'spec.healthCheck.interval', /write "90s"/],
  [
    'a misspelt check',
    withCheck({ type: 'htp' }),
    'spec.healthCheck.type',
    /"http" or "tcp", not "htp"; did you mean "http"\?/,
  ],
  ['port 0', withCheck({ port: 0 }), 'spec.healthCheck.port', /1 to 65535/],
  ['a path without "/"', withCheck({ path: 'healthz' }), 'spec.healthCheck.path', /write "\/healthz"/],
  ['status 2xx', withCheck({ expect: { status: ['2xx'] } }), 'spec.healthCheck.expect.status[0]', /write "200-299"/],
  [
    'statuses backwards',
    withCheck({ expect: { status: ['399-200'] } }),
    'spec.healthCheck.expect.status[0]',
    /write "200-399"/,
  ],
  [
    'a community by name',
    withSpec({ attributes: { communities: ['no-export'] } }),
    'spec.attributes.communities[0]',
    /write "65535:65281"/,
  ],
  [
    'a community above 16 bits',
    withSpec({ attributes: { communities: ['65536:1'] } }),
    'spec.attributes.communities[0]',
    /0 to 65535/,
  ],
  [
    'a large community of two parts',
    withSpec({ attributes: { largeCommunities: ['1:2'] } }),
    'spec.attributes.largeCommunities[0]',
    /three numbers/,
  ],
  ['upper-case origin', withSpec({ attributes: { origin: 'IGP' } }), 'spec.attributes.origin', /did you mean "igp"\?/],
  ['minHealthy as text', withSpec({ policy: { minHealthy: '2' } }), 'spec.policy.minHealthy', /without quotes: 2/],
  [
    'half a next hop',
    withSpec({ policy: { minHealthy: 1.5 } }),
    'spec.policy.minHealthy',
    /whole number.*share such as "50%"/,
  ],
  [
    'minHealthy out of reach',
    withSpec({ policy: { minHealthy: 2 } }),
    'spec.policy.minHealthy',
    /can't be reached with 1.*lower it, or add/,
  ],
  // Names, labels, annotations.
  ['an upper-case name', withMetadata({ name: 'Web' }), 'metadata.name', /write "web"/],
  ['a name with "/"', withMetadata({ name: 'a/b' }), 'metadata.name', /lower-case letters, digits and "-"/],
  ['".."', withMetadata({ name: '..' }), 'metadata.name', /lower-case letters/],
  ['64 characters', withMetadata({ name: 'a'.repeat(64) }), 'metadata.name', /at most 63 characters/],
  ['an empty name', withMetadata({ name: '' }), 'metadata.name', /lower-case letters/],
  ['a control character', withMetadata({ name: 'a\u0007b' }), 'metadata.name', /U\+0007 stands in it/],
  ['a look-alike', withMetadata({ name: 'w\u0435b' }), 'metadata.name', /is U\+0435 in it/],
  ['an upper-case project', withMetadata({ project: 'Shop' }), 'metadata.project', /write "shop"/],
  ['a label with a space', withMetadata({ labels: { 'a b': 'c' } }), 'metadata.labels["a b"]', /letters, digits, "-"/],
  [
    'a label called __proto__',
    withText('"project"', '"labels":{"__proto__":"x"},"project"'),
    'metadata.labels.__proto__',
    /letters, digits/,
  ],
  [
    'a long label',
    withMetadata({ labels: { a: 'x'.repeat(1025) } }),
    'metadata.labels.a',
    /1025 characters; at most 1024/,
  ],
  ['65 labels', withMetadata({ labels: words(65) }), 'metadata.labels', /65 entries; at most 64/],
  [
    'annotations without end',
    withMetadata({ annotations: words(200, 'v'.repeat(1000)) }),
    'metadata.annotations',
    /at most 64/,
  ],
  ['a number for a label', withMetadata({ labels: { a: 1 } }), 'metadata.labels.a', /write it in quotes: "1"/],
];

test.each(bodies)('%s', async (_what, body, field, says) => {
  const before = await kept(rig.store);
  const {
    status,
    body: problem,
    headers,
  } = await rig.send('POST', '/v1/announcements', body === '' ? undefined : body);
  expect(problem.detail).toMatch(says);
  expect([status, problem.code, problem.field]).toEqual([400, 'invalid', field]);
  expect(problem.detail).not.toMatch(/\^\[|\\d|must match/);
  expect(headers.get('content-type')).toContain('application/problem+json');
  await expectNothingWritten(rig.store, before);
});

describe('what the projects and the owners of prefixes do not allow', () => {
  test.each([
    [
      'the default route',
      withSpec({ prefixes: ['0.0.0.0/0'] }),
      422,
      'spec.prefixes[0]',
      /shorter than \/8, which is never announced; announce a longer one\.$/,
    ],
    [
      'the IPv6 default route',
      withSpec({ ...six, prefixes: ['::/0'] }),
      422,
      'spec.prefixes[0]',
      /shorter than \/16, which is never announced; announce a longer one\.$/,
    ],
    [
      'an unknown project',
      withMetadata({ project: 'nowhere' }),
      422,
      'metadata.project',
      /no project "nowhere".*Create it/,
    ],
    [
      "another's prefix",
      withSpec({ prefixes: ['203.0.113.1/32'] }),
      409,
      undefined,
      /belongs to announcement "shop\/owner".*Remove it there first/,
    ],
  ] as const)('%s', async (_what, body, wanted, field, says) => {
    const before = await kept(rig.store);
    const { status, body: problem } = await rig.send('POST', '/v1/announcements', body);
    expect(problem.detail).toMatch(says);
    expect([status, problem.field]).toEqual([wanted, field]);
    await expectNothingWritten(rig.store, before);
  });
});

describe('queries', () => {
  test.each([
    ['?color=red', 'color', /is unknown; known here/],
    ['?limt=5', 'limt', /did you mean "limit"\?/],
    ['?project=', 'project', /is empty; give it a value, or leave it out/],
    ['?project', 'project', /is empty/],
    ['?project=a&project=b', 'project', /twice; give it once/],
    ['?project=Shop', 'project', /write "shop"/],
    ['?labels=team', 'labels', /team=edge,tier=1/],
    ['?limit=0', 'limit', /1 to 500, not 0/],
    ['?limit=501', 'limit', /1 to 500, not 501/],
    ['?limit=abc', 'limit', /whole number, not "abc"/],
    ['?limit=1e2', 'limit', /whole number/],
  ])('%s', async (query, field, says) => {
    const before = await kept(rig.store);
    const { status, body } = await rig.send('GET', `/v1/announcements${query}`);
    expect(body.detail).toMatch(says);
    expect([status, body.code, body.field]).toEqual([400, 'invalid', field]);
    await expectNothingWritten(rig.store, before);
  });

  test.each([
    ['kinds=announcement', 400, /did you mean "announcements"\?/],
    ['kinds=', 400, /empty/],
    ['kinds=announcements&since=-1', 400, /at least 0, not -1/],
    ['kinds=announcements&since=1.5', 400, /whole number/],
    ['kinds=announcements&since=99999999', 410, /ahead of the store.*start over without since/],
  ])('a watch of %s', async (query, wanted, says) => {
    const { status, body } = await rig.send('GET', `/v1/watch?${query}`);
    expect(status).toBe(wanted);
    expect(body.detail).toMatch(says);
  });
});

describe('preconditions', () => {
  const changed = announcement('owner', ['203.0.113.1/32'], { scope: 'speakerZone' });
  test.each([
    [
      'a stale If-Match',
      { 'if-match': '"1"' },
      412,
      'conflict',
      undefined,
      /is at revision \d+, not at revision 1 as asked; read it again/,
    ],
    ['a weak If-Match', { 'if-match': 'W/"5"' }, 400, 'invalid', 'If-Match', /a revision in quotes, as in the ETag/],
    ['an If-Match without quotes', { 'if-match': '5' }, 400, 'invalid', 'If-Match', /in quotes/],
    ['If-Match: *', { 'if-match': '*' }, 400, 'invalid', 'If-Match', /in quotes/],
    ['two in one If-Match', { 'if-match': '"1", "2"' }, 400, 'invalid', 'If-Match', /in quotes/],
    ['an If-Match of twenty digits', { 'if-match': `"${'9'.repeat(20)}"` }, 400, 'invalid', 'If-Match', /in quotes/],
    [
      'If-Match with If-None-Match',
      { 'if-match': '"1"', 'if-none-match': '*' },
      412,
      'conflict',
      undefined,
      /exists already/,
    ],
    ['If-None-Match with a revision', { 'if-none-match': '"3"' }, 400, 'invalid', 'If-None-Match', /may only be \*/],
  ])('%s', async (_what, headers: Record<string, string>, wanted, code, field, says) => {
    const before = await kept(rig.store);
    const { status, body } = await rig.send('PUT', '/v1/announcements/shop/owner', changed, headers);
    expect(body.detail).toMatch(says);
    expect([status, body.code, body.field]).toEqual([wanted, code, field]);
    await expectNothingWritten(rig.store, before);
  });

  test('a stale revision in the metadata', async () => {
    const before = await kept(rig.store);
    const stale = { ...changed, metadata: { ...changed.metadata, revision: 1 } };
    const { body } = await rig.send('PUT', '/v1/announcements/shop/owner', stale);
    expect(body).toMatchObject({ code: 'conflict', detail: expect.stringContaining('read it again') });
    await expectNothingWritten(rig.store, before);
  });
});

test('of several resources in one apply the bad ones fail, each with its field, and the good ones are written', async () => {
  const resources = [
    withMetadata({ name: 'good' }),
    { ...withSpec({}), kind: 'Anouncement' },
    null,
    [],
    withSpec({ prefixes: ['203.0.113.9/24'] }),
  ];
  const { status, body } = await rig.send('POST', '/v1/apply', { resources });
  expect(status).toBe(200);
  expect(
    body.results.map((one: { result: string; error?: { field?: string } }) => [one.result, one.error?.field]),
  ).toEqual([
    ['created', undefined],
    ['failed', 'kind'],
    ['failed', undefined],
    ['failed', undefined],
    ['failed', 'spec.prefixes[0]'],
  ]);
  expect((await rig.send('DELETE', '/v1/announcements/shop/good')).status).toBe(200);
});
