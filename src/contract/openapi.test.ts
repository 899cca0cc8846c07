import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../model/errors.ts';
import { endpoints } from './endpoints.ts';
import { examples } from './examples.ts';
import { allEndpoints, openapiDocument, operationsOf } from './openapi.ts';
import { createSchemaBook, isJson, type Json } from './openapi-schemas.ts';
import { recordedAnswers } from './recorded-answers.ts';

const rows = allEndpoints(endpoints);
const document = openapiDocument('1.2.3');
const schemas: Json = Object(Reflect.get(Object(document['components']), 'schemas'));

/** Everything in the document that is an object, with its place. */
function* nodesOf(value: unknown, place: string): Generator<readonly [string, Json]> {
  if (Array.isArray(value)) for (const [index, part] of value.entries()) yield* nodesOf(part, `${place}[${index}]`);
  if (!isJson(value)) return;
  yield [place, value];
  for (const [key, part] of Object.entries(value)) {
    if (key !== 'example' && key !== 'examples') yield* nodesOf(part, `${place}.${key}`);
  }
}
const nodes = [...nodesOf(document, '')];

function isDescribed(node: unknown): boolean {
  if (!isJson(node)) return false;
  const { description, $ref } = node;
  if (typeof $ref === 'string') return isDescribed(schemas[$ref.replace('#/components/schemas/', '')]);
  return typeof description === 'string' && description !== '';
}

test('every row is in an operation with its own id, and rows that share one are told apart by what they answer', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  for (const group of operationsOf(rows)) {
    const [{ id, method, path }] = group;
    expect(Reflect.get(Reflect.get(Object(document['paths']), path), method.toLowerCase())).toMatchObject({
      operationId: id,
    });
    const kinds = group.map(({ output, lines }) =>
      lines !== undefined ? 'lines' : output !== undefined ? 'json' : 'events',
    );
    expect(new Set(kinds).size, path).toBe(group.length);
  }
});

test('parameters of a path are declared and required', () => {
  for (const { path, params } of rows) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(params.properties).sort()).toEqual(inPath.sort());
    expect([...(params.required ?? [])].sort()).toEqual(inPath);
  }
});

test('the document is the same each time', () => {
  expect(JSON.stringify(openapiDocument('1'))).toBe(JSON.stringify(openapiDocument('1')));
});

describe('judged by others', () => {
  test('the document is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  test('a document with a fault is told from it', async () => {
    const broken = {
      ...structuredClone(document),
      paths: { '/v1/version': { get: { responses: { twohundred: {} } } } },
    };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test('every schema is JSON Schema 2020-12, and every reference leads somewhere', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    ajv.addSchema({ $id: 'corebgp', components: document['components'] });
    for (const name of Object.keys(schemas)) {
      expect(ajv.getSchema(`corebgp#/components/schemas/${name}`), name).toBeTypeOf('function');
    }
    for (const [place, { $ref }] of nodes) {
      if (typeof $ref !== 'string') continue;
      const target = $ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, part) => Reflect.get(Object(at), part), document);
      expect(target, `${place} -> ${$ref}`).toBeDefined();
    }
  });
});

describe('everything is described', () => {
  test('every field of every schema', () => {
    const silent = nodes.flatMap(([place, { properties }]) =>
      isJson(properties) && !place.endsWith('.properties')
        ? Object.entries(properties).flatMap(([name, part]) => (isDescribed(part) ? [] : [`${place}.${name}`]))
        : [],
    );
    expect(silent).toEqual([]);
  });

  test('every schema with a name, every parameter, answer, header, tag and server', () => {
    const silent = [
      ...Object.entries(schemas).filter(([, schema]) => !isDescribed(schema)),
      ...nodes
        .filter(([place]) =>
          /\.(parameters\[\d+\]|responses\.[\w-]+|headers\.[\w-]+|tags\[\d+\]|servers\[\d+\])$/.test(place),
        )
        .filter(([, node]) => !isDescribed(node) && node['$ref'] === undefined),
    ].map(([place]) => place);
    expect(silent).toEqual([]);
    expect(document['tags']).not.toEqual([]);
  });

  test('every operation has a summary', () => {
    for (const { id, summary } of rows) expect(summary.length, id).toBeGreaterThan(10);
  });
});

describe('examples', () => {
  test('every endpoint has one that succeeds, and nothing else has any', () => {
    const without = rows.filter(({ id, status }) => !(examples[id] ?? []).some((one) => one.status === status));
    expect(without.map(({ id }) => id)).toEqual([]);
    const ids = new Set(rows.map(({ id }) => id));
    expect(Object.keys(examples).filter((id) => !ids.has(id))).toEqual([]);
  });

  test('have names of their own, and each its recorded answer; run test/rig/record-examples.ts after a change', () => {
    const keys = rows.flatMap(({ id }) => (examples[id] ?? []).map(({ name }) => `${id}/${name}`));
    expect(new Set(keys).size).toBe(keys.length);
    const recorded = Object.keys(recordedAnswers).filter((key) => !key.startsWith('problem/'));
    expect(recorded.sort()).toEqual([...keys].sort());
  });

  test('show every problem that an operation names, but for those that no server answers yet', () => {
    const shown = Object.keys(recordedAnswers).flatMap((key) => /^problem\/(\w+)$/.exec(key)?.[1] ?? []);
    const missing = Object.keys(errorCodes).filter((code) => !shown.includes(code));
    expect(missing).toEqual(['unauthenticated']);
  });
});

test('two different schemas of one name are refused', () => {
  const book = createSchemaBook();
  book.place({ title: 'Thing', type: 'string' });
  book.place({ title: 'Thing', type: 'string' });
  expect(() => book.place({ title: 'Thing', type: 'number' })).toThrow('Thing');
});

test('schemas stand in the document once', () => {
  expect(JSON.stringify(document).length).toBeLessThan(250_000);
});
