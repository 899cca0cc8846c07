import { expect, test } from 'vitest';
import { formFor } from './accept.ts';

test.each([
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
  ['application/x-ndjson', 'lines'],
  ['Application/X-NDJSON; charset=utf-8', 'lines'],
  ['application/x-ndjson, */*', 'lines'],
  ['application/x-ndjson;q=0.1, */*', 'lines'],
  ['application/x-ndjson;q=0, */*', 'json'],
  ['application/x-ndjson, application/json', 'lines'],
  ['application/json, application/x-ndjson', 'json'],
  ['application/json;q=0.5, application/x-ndjson', 'lines'],
  ['application/x-ndjson;q=0.2, application/json;q=0.4', 'json'],
])('Accept: %s asks for %s', (accept, form) => {
  expect(formFor(accept)).toBe(form);
});

test.each([['text/html'], ['application/json;q=0'], ['text/event-stream, image/*']])(
  'Accept: %s takes neither',
  (accept) => {
    expect(() => formFor(accept)).toThrow(expect.objectContaining({ code: 'notAcceptable', field: 'Accept' }));
  },
);
