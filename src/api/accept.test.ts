import { expect, test } from 'vitest';
import { prefersLines } from './accept.ts';

test.each([
  [undefined, false],
  ['*/*', false],
  ['application/json', false],
  ['application/x-ndjson', true],
  ['Application/X-NDJSON; charset=utf-8', true],
  ['application/x-ndjson, */*', true],
  ['application/x-ndjson;q=0', false],
  ['application/x-ndjson, application/json', true],
  ['application/json, application/x-ndjson', false],
  ['application/json;q=0.5, application/x-ndjson', true],
  ['application/x-ndjson;q=0.2, application/json;q=0.4', false],
  ['text/html', false],
])('with Accept: %s lines are preferred: %s', (accept, preferred) => {
  expect(prefersLines(accept, 'application/x-ndjson')).toBe(preferred);
});
