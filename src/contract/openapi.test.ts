import { expect, test } from 'vitest';
import { endpoints } from './endpoints.ts';
import { allEndpoints, openapiDocument } from './openapi.ts';

test('every endpoint is an operation with its own id, path and method', () => {
  const rows = allEndpoints(endpoints);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(new Set(rows.map(({ method, path }) => `${method} ${path}`)).size).toBe(rows.length);
  const { paths } = openapiDocument('1.2.3');
  for (const { id, method, path } of rows) {
    expect(Reflect.get(Reflect.get(Object(paths), path), method.toLowerCase())).toMatchObject({ operationId: id });
  }
});

test('parameters of a path are declared and required', () => {
  for (const { path, params } of allEndpoints(endpoints)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(params.properties).sort()).toEqual(inPath.sort());
    expect([...(params.required ?? [])].sort()).toEqual(inPath);
  }
});

test('the document is the same each time', () => {
  expect(JSON.stringify(openapiDocument('1'))).toBe(JSON.stringify(openapiDocument('1')));
});
