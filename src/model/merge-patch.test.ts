/** Merge patch: the examples of RFC 7396, appendix A, and its pseudo-code (section 2) as an oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePatch } from './merge-patch.ts';

test.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
])('%s patched with %s is %s', (target, patch, result) => {
  expect(mergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result));
});

const plain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Word for word: if Patch is an Object, then if Target is not one it becomes an empty one, and for each pair … */
function byTheBook(target: unknown, patch: unknown): unknown {
  if (!plain(patch)) return patch;
  const result: Record<string, unknown> = plain(target) ? { ...target } : {};
  for (const name of Object.keys(patch)) {
    if (patch[name] === null) {
      if (Object.hasOwn(result, name)) delete result[name];
    } else result[name] = byTheBook(result[name], patch[name]);
  }
  return result;
}

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 'x', '203.0.113.1/32', '2001:db8::1/128'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('it does what the pseudo-code of the RFC does, and changes neither side', () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const [targetBefore, patchBefore] = [structuredClone(target), structuredClone(patch)];
      const result = mergePatch(target, patch);
      expect(result).toEqual(byTheBook(target, patch));
      expect([target, patch]).toEqual([targetBefore, patchBefore]);
    }),
    { numRuns: 1_000 },
  );
});

test('a field called __proto__ is a field like any other', () => {
  const merged = mergePatch({ spec: {} }, JSON.parse('{"spec":{"__proto__":{"polluted":true}}}'));
  expect(JSON.stringify(merged)).toBe('{"spec":{"__proto__":{"polluted":true}}}');
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
