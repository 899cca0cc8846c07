import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonProblem, linePlace } from './json-text.ts';

const problemOf = (text: string) => jsonProblem(text, 16);

describe('text that is not JSON is told with its place', () => {
  test.each([
    ['{"kind":', 8, /^A value is expected here, not the end/],
    ['{"a": }', 6, /^A value is expected here, not "}"/],
    ['{"a":1,}', 7, /^After "," another name/],
    ['{"a" 1}', 5, /^":" is expected/],
    ['[1 2]', 3, /^"," or "]" is expected here, not "2"/],
    ['{} {}', 3, /goes on with "\{" after its end/],
    ["{'a':1}", 1, /double quotes/],
    ['{"a":\'b\'}', 5, /write text in double quotes/],
    ['{"a":NaN}', 5, /"NaN" is no JSON value; write a number/],
    ['{"a":True}', 5, /write true/],
    ['{"a":010}', 5, /no leading zero/],
    ['{"a":/*x*/1}', 5, /no comments/],
    ['{"a":"b', 5, /no closing quote/],
    ['{"a":"b\nc"}', 7, /U\+000A itself/],
    ['"\\x"', 1, /unknown escape/],
    ['"\\u12"', 1, /four hexadecimal digits/],
    ['{"a":\u00a01}', 5, /not U\+00A0/],
  ])('%j', (text, offset, problem) => {
    expect(problemOf(text)).toMatchObject({ offset, syntax: true, problem: expect.stringMatching(problem) });
    expect(() => JSON.parse(text)).toThrow();
  });
});

describe('JSON that readers understand differently is refused by field', () => {
  test.each([
    ['{"spec":{"a":1,"a":2}}', 'spec.a', /is there twice/],
    ['{"spec":{"a":1,"\\u0061":2}}', 'spec.a', /is there twice/],
    ['{"a":[{"b":1e400}]}', 'a[0].b', /larger than any number/],
    ['{"a":9007199254740993}', 'a', /can't be kept exactly/],
    ['{"a":-0}', 'a', /write 0/],
    ['{"a":-0.0e5}', 'a', /write 0/],
    ['{"a":1e-999}', 'a', /too small/],
    ['{"a":"x\\u0000"}', 'a', /U\+0000/],
    ['{"a":"\\ud800"}', 'a', /half of a surrogate pair \(\\ud800\)/],
    ['{"a":"\\udc00\\ud800"}', 'a', /half of a surrogate pair \(\\udc00\)/],
    ['{"a b":{"":"\\ud800x"}}', '["a b"][""]', /surrogate/],
    ['\ufeff{}', '', /byte order mark/],
    ['['.repeat(17) + ']'.repeat(17), '', /deeper than 16 levels/],
    ['['.repeat(100_000), '', /deeper than 16 levels/],
  ])('%s', (text, field, problem) => {
    expect(problemOf(text)).toMatchObject({ field, syntax: false, problem: expect.stringMatching(problem) });
  });

  test.each([
    '{"a":0}',
    '{"a":"\\ud83d\\ude00"}',
    '[9007199254740991,1.5e3,0.1]',
    '{"a":{},"b":[],"c":{"a":1}}',
    ' 1 ',
  ])('and %s is not', (text) => {
    expect(problemOf(text)).toBeUndefined();
  });
});

test('it calls text no JSON exactly when JSON.parse does, whatever is cut out of it or put in', () => {
  const broken = fc
    .tuple(
      fc.json({ maxDepth: 5 }),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', ',', '"', '}', ']', '\\', '0', '-', 'e', ' '),
    )
    .map(([text, from, count, put]) => {
      const start = from % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + count);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      let parsed = true;
      try {
        JSON.parse(text);
      } catch {
        parsed = false;
      }
      const problem = jsonProblem(text, 64);
      if (parsed) expect(problem?.syntax ?? false).toBe(false);
      else expect(problem).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

test('a place counts lines and characters from one', () => {
  expect(linePlace('{\n "😀": x', 8)).toBe('line 2, column 6');
  expect(linePlace('x', 0)).toBe('line 1, column 1');
});
