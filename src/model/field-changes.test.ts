/** Field differences: exact (they lead from one version to the other), and readable where it matters. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FieldChange, fieldChanges } from './field-changes.ts';

type Step = string | number;

/** `spec.nextHops[1]["a b"]` as its steps. */
function stepsOf(field: string): readonly Step[] {
  return [...field.matchAll(/\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)].map(
    ([, name, index, quoted]) => name ?? (index === undefined ? JSON.parse(quoted ?? '""') : Number(index)),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON.
type Json = any;

/** As the docstring says: removals from the end, additions from the start, then changes. */
function applied(before: unknown, changes: readonly FieldChange[]): unknown {
  const top: Json = { root: structuredClone(before) };
  const removed = changes.filter(({ after }) => after === undefined);
  const added = changes.filter((change) => change.before === undefined);
  const changed = changes.filter((change) => change.before !== undefined && change.after !== undefined);
  // A list's own removals and additions come before anything inside its entries, whose indexes count afterwards.
  const byDepth = (list: readonly FieldChange[]) => list.map((change) => ({ change, steps: stepsOf(change.field) }));
  const deepest = Math.max(0, ...changes.map(({ field }) => stepsOf(field).length));
  for (let depth = 0; depth <= deepest; depth += 1) {
    const at = (list: readonly FieldChange[]) => byDepth(list).filter(({ steps }) => steps.length === depth);
    for (const { steps } of at(removed).reverse()) {
      const [parent, key] = placeOf(top, steps);
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
    }
    for (const { change, steps } of at(added)) {
      const [parent, key] = placeOf(top, steps);
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(change.after));
      else define(parent, key, structuredClone(change.after));
    }
    for (const { change, steps } of at(changed)) {
      const [parent, key] = placeOf(top, steps);
      define(parent, key, structuredClone(change.after));
    }
  }
  return top.root;
}

function placeOf(top: Json, steps: readonly Step[]): [Json, Step] {
  let [parent, key]: [Json, Step] = [top, 'root'];
  for (const step of steps) [parent, key] = [parent[key], step];
  return [parent, key];
}

function define(parent: Json, key: Step, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

const name = fc.constantFrom('a', 'b', 'address', 'prefix', 'x.y/z', '0', 'with "quotes"', ' ');
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, 1, '', 'one', 'two', '10.0.0.1', '2001:db8::1'),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

test('the changes, applied to the one version, give the other; without any they are equal', () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const changes = fieldChanges(before, after);
      expect(applied(before, changes)).toEqual(after);
      expect(changes.length === 0).toBe(isDeepStrictEqual(before, after));
    }),
    { numRuns: 2_000 },
  );
});

test('an equal value has no changes', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(fieldChanges(value, structuredClone(value))).toEqual([]);
    }),
  );
});

test('entries of a list are told apart by what they are about', () => {
  const before = {
    spec: {
      prefixes: ['203.0.113.1/32', '2001:db8::1/128'],
      nextHops: [{ address: '10.0.0.1', zone: 'a' }, { address: '10.0.0.2' }, { address: '2001:db8::2', zone: 'a' }],
    },
  };
  const after = {
    metadata: { labels: { 'app/name': 'web' } },
    spec: {
      prefixes: ['2001:db8::1/128', '203.0.113.2/32'],
      nextHops: [{ address: '10.0.0.1', zone: 'b' }, { address: '2001:db8::2' }],
    },
  };
  expect(fieldChanges(before, after)).toEqual([
    { field: 'spec.prefixes[0]', before: '203.0.113.1/32' },
    { field: 'spec.prefixes[1]', after: '203.0.113.2/32' },
    { field: 'spec.nextHops[1]', before: { address: '10.0.0.2' } },
    { field: 'spec.nextHops[0].zone', before: 'a', after: 'b' },
    { field: 'spec.nextHops[1].zone', before: 'a' },
    { field: 'metadata', after: { labels: { 'app/name': 'web' } } },
  ]);
  expect(fieldChanges({ labels: {} }, { labels: { 'app/name': 'web' } })).toEqual([
    { field: 'labels["app/name"]', after: 'web' },
  ]);
});

test('a list that is too long to compare entry by entry is one change', () => {
  const long = Array.from({ length: 200 }, (_, index) => `n${index}`);
  expect(fieldChanges({ long }, { long: [...long, 'more'] })).toEqual([
    { field: 'long', before: long, after: [...long, 'more'] },
  ]);
  expect(fieldChanges({ long }, { long: [...long] })).toEqual([]);
});
