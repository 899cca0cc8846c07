/** Every documented example, made as a call to a real server: what it answers is what the document says, judged by another validator. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openapiDocument } from '../../src/contract/openapi.ts';
import { isJson, type Json } from '../../src/contract/openapi-schemas.ts';
import { recordedAnswers } from '../../src/contract/recorded-answers.ts';
import { isErrorCode } from '../../src/model/errors.ts';
import { type ApiRig, startApi } from '../rig/api.ts';
import { type CarriedOut, carryOutExamples, orderOfExamples, provokeProblems } from '../rig/examples.ts';

let rig: ApiRig;
let document: Json;
const ajv = new Ajv2020({ strict: false, allErrors: true });
let answers: ReadonlyMap<string, CarriedOut>;
beforeAll(async () => {
  rig = await startApi();
  document = (await rig.send('GET', '/openapi.json')).body;
  ajv.addSchema({ $id: 'corebgp', paths: document['paths'], components: document['components'] });
  answers = new Map((await carryOutExamples(rig.url)).map((one) => [one.key, one]));
});
afterAll(() => rig.close());

const problem = ['components', 'schemas', 'Problem'];
const keys = orderOfExamples().map(({ key }) => key);

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inside, name) => (isJson(inside) ? inside[name] : undefined), value);

/** Checks with the schema that stands at this place of the served document. */
function offences(place: readonly string[], value: unknown): readonly unknown[] {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const check = ajv.getSchema(`corebgp#/${pointer}`);
  if (check === undefined) throw new Error(`there is no schema at ${pointer}`);
  return check(value) === true
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Names and kinds of values: objects by their fields, lists by the kinds of entries that they have. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((part) => JSON.stringify(shapeOf(part))))].sort();
  if (!isJson(value)) return value === null ? 'null' : typeof value;
  const fields = Object.entries(value).filter(([name]) => name !== 'requestId');
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, shapeOf(part)]));
}

test('the server serves the document that is made of its table', () => {
  expect(document).toEqual(JSON.parse(JSON.stringify(openapiDocument('0.0.0'))));
});

test('a wrong answer is told from a right one', () => {
  expect(offences(problem, { code: 'nonsense' })).not.toEqual([]);
  expect(shapeOf({ a: [1, { b: 'x' }] })).not.toEqual(shapeOf({ a: [1, { b: 2 }] }));
});

test.each(keys)('%s is answered as documented', (key) => {
  const answer = answers.get(key);
  if (answer === undefined) throw new Error('it was not carried out');
  const { endpoint, example, status, contentType, headers, body } = answer;
  expect(status, JSON.stringify(body)).toBe(example.status);

  const [type = ''] = contentType.split(';');
  const place = ['paths', endpoint.path, endpoint.method.toLowerCase(), 'responses', String(status)];
  const response = at(document, ...place);
  const content = at(response, 'content', type);
  expect(content, `${type} of ${status}`).toBeDefined();
  if (at(content, 'x-itemSchema') === undefined) {
    expect(offences([...place, 'content', type, 'schema'], body)).toEqual([]);
  } else {
    const item = [...place, 'content', type, 'x-itemSchema'];
    expect(Array.isArray(body)).toBe(true);
    expect(Array.isArray(body) ? body.flatMap((one) => offences(item, one)) : []).toEqual([]);
  }
  for (const name of Object.keys(Object(at(response, 'headers')))) {
    const { required } = Object(at(document, 'components', 'headers', name));
    const ofLines = name === 'corebgp-revision' || name === 'corebgp-total';
    if (required === false || (ofLines && type !== 'application/x-ndjson') || type === 'text/event-stream') continue;
    expect(headers.get(name), name).not.toBeNull();
  }
  expect(shapeOf(body)).toEqual(shapeOf(recordedAnswers[key]?.body));
});

test('bodies and parameters of the examples that succeed are what the document asks for', () => {
  for (const { key, endpoint, example } of orderOfExamples()) {
    if (example.status >= 300) continue;
    const place = ['paths', endpoint.path, endpoint.method.toLowerCase()];
    const contents = at(document, ...place, 'requestBody', 'content');
    for (const type of example.body === undefined ? [] : Object.keys(Object(contents))) {
      const content = [...place, 'requestBody', 'content', type];
      const shown = at(document, ...content, 'examples', example.name, 'value');
      expect(shown, `${key} as ${type}`).toBeDefined();
      expect(offences([...content, 'schema'], shown), key).toEqual([]);
    }
    const parameters = at(document, ...place, 'parameters');
    for (const [index, parameter] of (Array.isArray(parameters) ? parameters : []).entries()) {
      const { name, example: value } = Object(parameter);
      if (value === undefined) continue;
      expect(offences([...place, 'parameters', String(index), 'schema'], value), `${key} ${name}`).toEqual([]);
    }
  }
});

test('every documented problem is what a server says', async () => {
  const provoked = await provokeProblems();
  const shown = Object.entries(Object(at(document, 'components', 'examples')));
  expect(shown.map(([code]) => code).sort()).toEqual([...provoked.keys()].sort());
  for (const [code, example] of shown) {
    expect(isErrorCode(code)).toBe(true);
    expect(offences(problem, provoked.get(code)), code).toEqual([]);
    expect(shapeOf(provoked.get(code)), code).toEqual(shapeOf(at(example, 'value')));
  }
});
