import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { endpoints } from '../contract/endpoints.ts';
import { misfit } from './shape.ts';

const announcements = {
  revision: 7,
  resources: [
    {
      apiVersion: 'corebgp/v1',
      kind: 'Announcement',
      metadata: {
        project: 'shop',
        name: 'web',
        uid: 'u',
        revision: 3,
        createdAt: '2026-01-01T00:00:00Z',
        updatedAt: '2026-01-01T00:00:00Z',
        labels: { team: 'edge' },
      },
      spec: { prefixes: ['203.0.113.10/32', '2001:db8::10/128'], nextHops: [{ address: '10.0.1.1' }] },
    },
  ],
};
const drain = {
  ...announcements.resources[0],
  kind: 'Drain',
  metadata: { ...announcements.resources[0]?.metadata, project: undefined },
  spec: { target: { nextHop: '2001:db8::1' } },
};

test.each([
  [endpoints.announcements.list.output, announcements],
  [endpoints.drains.get.output, JSON.parse(JSON.stringify(drain))],
  [endpoints.version.output, { version: '1' }],
  [endpoints.readyz.output, { ready: true, revision: 1, storeId: 's' }],
])('what a server answers fits: %#', (schema, answer) => {
  expect(misfit(schema, answer)).toBeUndefined();
});

test.each([
  [endpoints.version.output, { hello: 'world' }, '/version', 'there'],
  [endpoints.version.output, [], '', 'an object'],
  [endpoints.version.output, null, '', 'an object'],
  [endpoints.version.output, undefined, '', 'an object'],
  [endpoints.version.output, '<html>', '', 'an object'],
  [endpoints.announcements.list.output, { revision: 1.5, resources: [] }, '/revision', 'an integer'],
  [endpoints.announcements.list.output, { revision: 1, resources: {} }, '/resources', 'an array'],
  [endpoints.readyz.output, { ready: false, revision: 1, storeId: 's' }, '/ready', 'true'],
])('what is of another program does not: %#', (schema, answer, at, wanted) => {
  expect(misfit(schema, answer)).toEqual({ at, wanted });
});

test('a field that this version does not know is no reason to refuse an answer', () => {
  expect(misfit(endpoints.version.output, { version: '2', builtAt: 'now' })).toBeUndefined();
});

test('a word that this version does not know fits a list of words, and other than words do not', () => {
  const event = {
    id: '0000000000000007-000',
    revision: 7,
    v: 1,
    at: '2026-01-01T00:00:00Z',
    kind: 'ofTomorrow',
    reason: 'new',
    message: 'x',
  };
  const schema = endpoints.events.output;
  expect(misfit(schema, { revision: 7, events: [event] })).toBeUndefined();
  const wanted = { at: '/events/0/kind', wanted: 'a string' };
  expect(misfit(schema, { revision: 7, events: [{ ...event, kind: 7 }] })).toEqual(wanted);
});

test('the word that tells alternatives apart is still looked at', () => {
  const schema = Type.Union([
    Type.Object({ op: Type.Literal('put'), value: Type.String() }),
    Type.Object({ op: Type.Literal('delete') }),
  ]);
  expect(misfit(schema, { op: 'put', value: 'x' })).toBeUndefined();
  expect(misfit(schema, { op: 'delete' })).toBeUndefined();
  expect(misfit(schema, { op: 'put' })).toEqual({ at: '', wanted: 'one of its alternatives' });
});

test('of shapes alone it says what the full validator says', () => {
  const schema = Type.Object({
    name: Type.String(),
    count: Type.Optional(Type.Integer()),
    tags: Type.Optional(Type.Record(Type.String(), Type.String())),
    way: Type.Union([
      Type.Object({ a: Type.Literal('x') }),
      Type.Object({ b: Type.Array(Type.Boolean()) }),
      Type.Null(),
    ]),
    both: Type.Optional(Type.Intersect([Type.Object({ l: Type.Number() }), Type.Object({ r: Type.Number() })])),
    any: Type.Optional(Type.Unknown()),
  });
  const validator = Compile(schema);
  const rough = fc.oneof(fc.constantFrom<unknown>('x', 1, 1.5, true, null, [], {}), fc.array(fc.boolean()));
  const part = <T>(good: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: rough });
  const value = fc.record(
    {
      name: part(fc.string()),
      count: part(fc.integer()),
      tags: part(fc.dictionary(fc.string(), part(fc.string()))),
      way: part(fc.oneof(fc.record({ a: part(fc.constant('x')) }), fc.record({ b: fc.array(part(fc.boolean())) }))),
      both: part(fc.record({ l: part(fc.double({ noNaN: true, noDefaultInfinity: true })), r: part(fc.integer()) })),
      any: rough,
    },
    { requiredKeys: ['way'] },
  );
  fc.assert(
    fc.property(value, (one) => {
      expect(misfit(schema, one) === undefined).toBe(validator.Check(one));
    }),
    { numRuns: 3_000 },
  );
});
