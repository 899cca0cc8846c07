import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import type { ApiRequest } from '../client/transport.ts';
import type { DrainSpec } from '../model/drain.ts';
import { CoreBgpError } from '../model/errors.ts';
import { namePattern } from '../model/resource.ts';
import { drainName, targetFrom } from './drain.ts';

const isName = new RegExp(namePattern);

test.each([
  ['next-hop', '10.0.1.11', 'next-hop-10-0-1-11'],
  ['next-hop', '2001:DB8:0::10', 'next-hop-2001-db8--10'],
  ['next-hop', '2001:db8::', 'next-hop-2001-db8--0'],
  ['announcement', 'shop/web', 'announcement-shop-web'],
  ['announcement', 'web', 'announcement-default-web'],
  ['zone', 'eu-1a', 'zone-eu-1a'],
  ['speaker', 'n1', 'speaker-n1'],
])('drain %s %s is called %s', (what, which, name) => {
  expect(drainName(targetFrom(what, which))).toBe(name);
});

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const short = fc.stringMatching(/^[ab]-?[ab]?$/).filter((text) => isName.test(text));
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('.')),
);
const target = fc.oneof(
  address.map((text) => ({ nextHop: text })),
  fc.tuple(fc.oneof(name, short), fc.oneof(name, short)).map((parts) => ({ announcement: parts.join('/') })),
  name.map((zone) => ({ zone })),
  name.map((speaker) => ({ speaker })),
);

function canonical(one: DrainSpec['target']) {
  return 'nextHop' in one ? targetFrom('next-hop', one.nextHop) : one;
}

test('every target has a valid name, and different targets have different ones', () => {
  const valid = target.filter((one) => !('nextHop' in one) || !/^(0*:){5}ffff:|^::ffff:/i.test(one.nextHop));
  fc.assert(
    fc.property(valid, valid, (a, b) => {
      const [left, right] = [canonical(a), canonical(b)];
      expect(drainName(left)).toMatch(isName);
      expect(drainName(left) === drainName(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
    }),
    { numRuns: 2_000 },
  );
});

const stored = (metadata: object, spec: object) => ({
  apiVersion: 'corebgp/v1',
  kind: 'Drain',
  metadata: {
    uid: 'u',
    revision: 3,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec,
});

const explained = (nextHop: string) => ({
  announcement: 'shop/web',
  state: 'announced',
  steps: [{ step: 'health', subject: nextHop, reason: 'healthy', message: 'It is up.' }],
});

test('a drain is put under the name that follows from its words; a duration counts from now', async () => {
  const wall = Date.parse('2026-01-31T16:00:00Z');
  const answer = ({ endpoint }: ApiRequest) =>
    endpoint === 'explain.address'
      ? { explanations: [explained('10.0.1.11')] }
      : stored({ name: 'x' }, { target: { nextHop: '10.0.1.11' }, until: '2026-01-31T18:00:00.000Z' });
  const { code, out, err, requests } = await runIn(
    { wall, answer },
    ...['drain', 'next-hop', '10.0.1.11', '--why', 'kernel', '--until', '2h'],
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(requests.slice(0, 1)).toMatchObject([
    {
      endpoint: 'drains.replace',
      params: { name: 'next-hop-10-0-1-11' },
      body: { spec: { target: { nextHop: '10.0.1.11' }, why: 'kernel', until: '2026-01-31T18:00:00.000Z' } },
    },
  ]);
  expect(out).toContain('undo it with: corebgp undrain next-hop 10.0.1.11');
});

test.each(['2026-01-31T15:59:59Z', '2020-01-01', '0s'])(
  'a drain until %s, which is over, is refused',
  async (until) => {
    const wall = Date.parse('2026-01-31T16:00:00Z');
    const { code, err, requests } = await runIn({ wall }, 'drain', 'zone', 'eu-1a', '--until', until);
    expect(code).toBe(2);
    expect(err).toContain(`--until is "${until}", which is over`);
    expect(requests).toEqual([]);
  },
);

test.each([
  [['next-hop', '10.0.1.11'], { explanations: [explained('10.0.1.12')] }],
  [['next-hop', '2001:db8::1'], { explanations: [] }],
  [['zone', 'eu-1a'], { revision: 1, resources: [] }],
  [['announcement', 'shop/web'], new CoreBgpError('notFound', 'There is none.')],
  [['speaker', 'n1'], new CoreBgpError('notFound', 'There is none.')],
])('a drain of %j that matches nothing is put, with a warning', async (words, found) => {
  const answer = ({ endpoint }: ApiRequest) => {
    if (endpoint === 'drains.replace') return stored({ name: 'x' }, { target: { zone: 'eu-1a' } });
    if (found instanceof Error) throw found;
    return found;
  };
  const { code, out, err } = await runIn({ answer }, 'drain', ...words);
  expect(code).toBe(0);
  expect(out).toContain('is in effect');
  expect(err).toBe(`warning: nothing that is known now matches ${words.join(' ')}; is it written correctly?\n`);
});

test('a drain that was put is no failure when what it matches cannot be seen', async () => {
  const answer = ({ endpoint }: ApiRequest) => {
    if (endpoint === 'drains.replace') return stored({ name: 'x' }, { target: { zone: 'eu-1a' } });
    throw new CoreBgpError('timeout', 'It took too long.');
  };
  const { code, err } = await runIn({ answer }, 'drain', 'zone', 'eu-1a');
  expect(code).toBe(0);
  expect(err).toBe('note: whether anything matches zone eu-1a could not be seen: It took too long.\n');
});

test('undrain deletes every drain of the target, whatever its name, and no other', async () => {
  const drains = [
    stored({ name: 'by-hand' }, { target: { nextHop: '2001:db8::1' } }),
    stored({ name: 'next-hop-2001-db8--1' }, { target: { nextHop: '2001:db8::1' } }),
    stored({ name: 'other' }, { target: { nextHop: '2001:db8::2' } }),
  ];
  const { code, out, requests } = await runIn(
    {
      answer: ({ endpoint, params }) =>
        endpoint === 'drains.all'
          ? { revision: 9, resources: drains }
          : drains.find(({ metadata }) => 'name' in metadata && metadata.name === params['name']),
    },
    ...['undrain', 'next-hop', '2001:0db8::1'],
  );
  expect(code).toBe(0);
  expect(out).toBe('drain by-hand deleted\ndrain next-hop-2001-db8--1 deleted\n');
  expect(requests.length).toBe(3);
});

test('undrain of what is not drained is an error', async () => {
  const { code, err } = await runIn({ answer: () => ({ revision: 1, resources: [] }) }, 'undrain', 'zone', 'eu-1a');
  expect(code).toBe(3);
  expect(err).toContain('Nothing drains zone eu-1a');
});
