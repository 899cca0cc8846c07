import { expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { encodeList, isLongList, parseBody } from './json.ts';

test('a body nested deeper than 16 levels is refused, brackets in strings do not count', () => {
  expect(parseBody('['.repeat(16) + ']'.repeat(16))).toBeDefined();
  expect(() => parseBody('['.repeat(17) + ']'.repeat(17))).toThrow(/16 levels/);
  expect(parseBody(JSON.stringify({ a: '[[[[[[[[[[[[[[[[[[[[\\"{{{{' }))).toBeDefined();
});

test('what is no JSON is refused, and an empty body is none', () => {
  expect(() => parseBody('{"a":')).toThrow(expect.objectContaining({ code: 'invalid' }));
  expect(parseBody(' \n')).toBeUndefined();
});

test('a long list is encoded in parts to the same text', async () => {
  const body = {
    revision: 7,
    resources: Array.from({ length: 3_000 }, (_, index) => ({ index, text: 'é'.repeat(40) })),
  };
  expect(isLongList(body)).toBe(true);
  expect(isLongList({ resources: [1] })).toBe(false);
  const parts: string[] = [];
  for await (const part of encodeList(body, systemClock)) parts.push(part);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.join('')).toBe(JSON.stringify(body));
});
