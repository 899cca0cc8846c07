/** Valid resources with random pieces broken, by every way in: a 2xx or a clear 4xx that writes nothing; never a 5xx, never a hang. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isErrorCode } from '../../src/model/errors.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { expectNothingWritten, kept } from '../rig/bad-input.ts';
import { seedOf } from '../rig/seeded.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const valid: readonly object[] = [
  announcement('x', ['203.0.113.2/32', '2001:db8::2/128'], {
    scope: 'speakerZone',
    healthCheck: { type: 'http', port: 80, path: '/', interval: '2s', timeout: '1s', expect: { status: ['200-399'] } },
    attributes: { communities: ['64512:1'], largeCommunities: ['64512:1:2'], med: 5, origin: 'igp' },
    policy: { minHealthy: '50%', onAllDown: 'hold' },
  }),
  {
    kind: 'Peer',
    metadata: { name: 'rr1' },
    spec: { address: '2001:db8:ff::1', asn: 64_512, timers: { holdTime: '9s' } },
  },
  { kind: 'Drain', metadata: { name: 'd1' }, spec: { target: { nextHop: '10.0.1.1' }, until: '2030-01-31T18:00:00Z' } },
  { kind: 'Project', metadata: { name: 'other' }, spec: { prefixes: [{ prefix: '198.51.100.0/24' }], nextHops: [] } },
];
const collections: Readonly<Record<string, string>> = {
  Announcement: 'announcements',
  Peer: 'peers',
  Drain: 'drains',
  Project: 'projects',
};

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, '', ' ', '\0', '\u2028', '../..', '__proto__', [], {}, [
    [],
  ]),
  fc.constantFrom<unknown>(
    '0.0.0.0/0',
    '::/0',
    '::ffff:1.2.3.4',
    '1.2.3',
    '2s',
    '99999999999d',
    '1e9',
    '%00',
    '-',
    'a'.repeat(300),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'drop', 'add', 'rename', 'wrap', 'repeat'),
  by: odd,
});
type Mutation = { readonly at: number; readonly how: string; readonly by: unknown };

/** The n-th place of the value, counted through all its objects and lists, is changed. */
function mutated(value: unknown, { at, how, by }: Mutation): unknown {
  const copy: unknown = structuredClone(value);
  const places: { readonly owner: Record<string, unknown> | unknown[]; readonly name: string }[] = [];
  const collect = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return;
    for (const name of Object.keys(part)) {
      places.push({ owner: part as Record<string, unknown>, name });
      collect(Reflect.get(part, name));
    }
  };
  collect(copy);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return by;
  const { owner, name } = place;
  const old: unknown = Reflect.get(owner, name);
  if (how === 'replace') Reflect.set(owner, name, by);
  else if (how === 'drop') Reflect.deleteProperty(owner, name);
  else if (how === 'wrap') Reflect.set(owner, name, at % 2 === 0 ? [old] : { [name]: old });
  else if (how === 'repeat' && Array.isArray(owner)) owner.push(old);
  else
    Object.defineProperty(owner, how === 'rename' ? `${name}s` : String(by), {
      value: old,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return copy;
}

const ways = ['post', 'put', 'apply', 'dryRun'] as const;
const seed = seedOf();

async function send(way: (typeof ways)[number], kind: string, name: string, body: unknown) {
  const all = `/v1/${collections[kind]}`;
  const text = JSON.stringify(body) ?? 'null';
  if (way === 'post') return rig.send('POST', all, text);
  if (way === 'put') return rig.send('PUT', `${all}/${kind === 'Announcement' ? 'shop/' : ''}${name}`, text);
  return rig.send('POST', `/v1/apply${way === 'dryRun' ? '?dryRun=true' : ''}`, `{"resources":[${text}]}`);
}

describe('whatever is broken in a resource', () => {
  test(`it is taken or refused clearly, and refused ones leave nothing behind (SEED=${seed})`, async () => {
    const count = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...valid),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...ways),
        async (resource, mutations, way) => {
          const { kind, metadata } = resource as { kind: string; metadata: { name: string } };
          const body = mutations.reduce<unknown>(mutated, resource);
          const before = await kept(rig.store);
          const answer = await send(way, kind, metadata.name, body);
          const [result] = answer.status === 200 && Array.isArray(answer.body.results) ? answer.body.results : [];
          const problem = answer.status >= 400 ? answer.body : result?.error;
          expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
          if (problem === undefined) {
            count.taken += 1;
            if (way === 'dryRun') await expectNothingWritten(rig.store, before);
            return;
          }
          count.refused += 1;
          expect(isErrorCode(problem.code)).toBe(true);
          expect(problem.code).not.toBe('internal');
          expect(problem.detail.length).toBeGreaterThan(10);
          expect(['undefined', 'string']).toContain(typeof problem.field);
          await expectNothingWritten(rig.store, before);
        },
      ),
      { seed, numRuns: 700, interruptAfterTimeLimit: 8_000 },
    );
    expect(count.taken).toBeGreaterThan(0);
    expect(count.refused).toBeGreaterThan(50);
  });
});

describe('two announcements of one prefix, from eight connections', () => {
  test.each(['203.0.113.', '2001:db8:9::'])(
    '%s…: a hundred times one winner, who is named to the other seven',
    async (start) => {
      const family = start.includes(':') ? 'six' : 'four';
      for (let round = 1; round <= 100; round += 1) {
        // Clear of what the test above may have left.
        const prefix = `${start}${100 + round}/${family === 'six' ? 128 : 32}`;
        const names = Array.from({ length: 8 }, (_, index) => `race-${family}-${round}-${index}`);
        const answers = await Promise.all(
          names.map((name) => rig.send('POST', '/v1/announcements', announcement(name, [prefix]))),
        );
        const winners = names.filter((_, index) => answers[index]?.status === 201);
        expect(winners).toHaveLength(1);
        const losers = answers.filter(({ status }) => status !== 201);
        for (const { body } of losers) {
          expect(body).toMatchObject({ status: 409, code: 'prefixTaken' });
          expect(body.detail).toContain(`"shop/${winners[0]}"`);
        }
        const owner = await rig.store.get(
          `/corebgp/v1/prefixes/ip${family === 'six' ? 'v6' : 'v4'}/${prefix.replace('/', '_')}`,
          never,
        );
        expect(JSON.parse(owner.entry?.value ?? 'null')).toMatchObject({ owner: `shop/${winners[0]}` });
      }
      const { entries } = await rig.store.list(`/corebgp/v1/announcements/shop/race-${family}-`, {}, never);
      expect(entries).toHaveLength(100);
    },
  );
});
