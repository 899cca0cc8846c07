import { expect, test } from 'vitest';
import { parseBody } from './json.ts';

test('a body nested deeper than 16 levels is refused, brackets in strings do not count', () => {
  expect(parseBody('['.repeat(16) + ']'.repeat(16))).toBeDefined();
  expect(() => parseBody('['.repeat(17) + ']'.repeat(17))).toThrow(/16 levels/);
  expect(parseBody(JSON.stringify({ a: '[[[[[[[[[[[[[[[[[[[[\\"{{{{' }))).toBeDefined();
});

test('what is no JSON is refused, and an empty body is none', () => {
  expect(() => parseBody('{"a":')).toThrow(expect.objectContaining({ code: 'invalid' }));
  expect(parseBody(' \n')).toBeUndefined();
});
