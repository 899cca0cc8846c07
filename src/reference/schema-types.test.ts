import { expect, test } from 'vitest';
import { createSchemaTypes, docComment } from './schema-types.ts';

const text = { type: 'string' };
const types = createSchemaTypes({
  Name: { type: 'string', description: 'At most 63 characters.' },
  Hop: { type: 'object', properties: { address: text }, required: ['address'], description: 'A next hop.' },
  Health: { anyOf: [{ const: 'up' }, { const: 'down' }] },
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

test('an object with a name is an interface whose fields have their descriptions', () => {
  const schema = {
    type: 'object',
    description: 'What users want.',
    properties: {
      name: ref('Name'),
      hops: { type: 'array', items: ref('Hop'), description: 'Matched by family.' },
      'a-b': { type: 'integer' },
      policy: { type: 'object', properties: { on: { type: 'boolean' } } },
    },
    required: ['name'],
  };
  expect(types.declaration('Spec', schema)).toBe(`/** What users want. */
export interface Spec {
  /** At most 63 characters. */
  readonly name: string;
  /** Matched by family. */
  readonly hops?: readonly Hop[];
  readonly 'a-b'?: number;
  readonly policy?: {
    readonly on?: boolean;
  };
}
`);
});

test.each([
  ['a reference', ref('Hop'), 'Hop'],
  ['words', { anyOf: [{ const: "it's" }, { const: 1 }, { const: true }] }, "'it\\'s' | 1 | true"],
  ['a list of a named union', { type: 'array', items: ref('Health') }, 'readonly Health[]'],
  ['a list of words', { type: 'array', items: { enum: ['a', 'b'] } }, "readonly ('a' | 'b')[]"],
  ['alternatives of one type', { anyOf: [text, ref('Name')] }, 'string'],
  ['a map', { type: 'object', patternProperties: { '^a': text } }, 'Readonly<Record<string, string>>'],
  ['a map of anything', { type: 'object', additionalProperties: {} }, 'Readonly<Record<string, unknown>>'],
  ['an object without fields', { type: 'object', properties: {} }, 'Record<never, never>'],
  ['anything', { description: 'As it was stored.' }, 'unknown'],
])('it prints %s', (_, schema, printed) => {
  expect(types.typeOf(schema)).toBe(printed);
});

test('objects of which all hold become one', () => {
  const more = { type: 'object', properties: { zone: text } };
  expect(types.typeOf({ allOf: [ref('Hop'), more] })).toBe(
    '{\n  readonly address: string;\n  readonly zone?: string;\n}',
  );
});

test('words that are too many for a line stand below each other', () => {
  const words = Array.from({ length: 20 }, (_, index) => ({ const: `a word ${index}` }));
  const printed = types.declaration('Words', { anyOf: words });
  expect(printed).toContain("=\n  | 'a word 0'\n  | 'a word 1'");
  expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThan(121);
});

test('alternatives that are objects have their description above them', () => {
  const one = (type: string) => ({ type: 'object', properties: { type: { const: type } }, required: ['type'] });
  expect(types.declaration('Message', { anyOf: [{ ...one('a'), description: 'The first.' }, one('b')] })).toContain(
    "=\n  /** The first. */\n  | {\n      readonly type: 'a';\n    }\n  | {\n      readonly type: 'b';\n    };\n",
  );
});

test('what it does not know is refused, not printed as something else', () => {
  expect(() => types.typeOf({ not: text })).toThrow('there is no TypeScript for');
  expect(() => types.typeOf({ type: 'array' })).toThrow('a schema is missing');
  expect(() => types.typeOf(ref('Unknown'))).toThrow('Unknown: a schema is missing');
});

test('a comment is cut into lines and can not be ended by its text', () => {
  expect(docComment('ends */ here')).toBe('/** ends * / here */\n');
  const long = docComment('some words '.repeat(40).trim(), '  ').split('\n');
  expect(long[0]).toBe('  /**');
  expect(Math.max(...long.map((line) => line.length))).toBeLessThan(121);
});
