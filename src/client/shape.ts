/**
 * Whether an answer has the shape of its schema: types, required fields, constants, alternatives. Limits, patterns, which
 * words there are and unknown fields are the server's to judge (a newer one may send more), and compiling a validator
 * for a single answer would take longer than the call.
 */
import type { TSchema } from 'typebox';
import { isObject } from '../model/json-object.ts';

export interface Misfit {
  /** Where, as a JSON pointer; empty for the whole. */
  readonly at: string;
  /** To follow "must be": `an array`. */
  readonly wanted: string;
}

/** The first thing that does not fit, or undefined. */
export function misfit(schema: TSchema, value: unknown): Misfit | undefined {
  return search(schema, value, '');
}

const articles: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'an array',
  integer: 'an integer',
  null: 'null',
};

function search(schema: unknown, value: unknown, at: string): Misfit | undefined {
  const { type, anyOf, allOf, required, properties, patternProperties, items } = fields(schema);
  const constant = fields(schema)['const'];
  if (constant !== undefined && constant !== value) return { at, wanted: JSON.stringify(constant) };
  if (typeof type === 'string' && !isOf(type, value)) return { at, wanted: articles[type] ?? `a ${type}` };
  for (const part of list(allOf)) {
    const found = search(part, value, at);
    if (found !== undefined) return found;
  }
  const ways = list(anyOf);
  // A list of words: a newer version may have added one. A constant that stands alone (a tag) tells alternatives apart.
  if (ways.length > 0 && ways.every(isWord)) return typeof value === 'string' ? undefined : { at, wanted: 'a string' };
  if (ways.length > 0 && ways.every((way) => search(way, value, at) !== undefined)) {
    return ways.length === 1 ? search(ways[0], value, at) : { at, wanted: 'one of its alternatives' };
  }
  if (Array.isArray(value)) return inItems(items, value, at);
  if (typeof value !== 'object' || value === null) return undefined;
  return inFields(value, list(required), fields(properties), Object.values(fields(patternProperties)), at);
}

function isWord(way: unknown): boolean {
  return typeof fields(way)['const'] === 'string';
}

function inItems(items: unknown, values: readonly unknown[], at: string): Misfit | undefined {
  if (items === undefined) return undefined;
  for (const [index, value] of values.entries()) {
    const found = search(items, value, `${at}/${index}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inFields(
  value: object,
  required: readonly unknown[],
  properties: Fields,
  others: readonly unknown[],
  at: string,
): Misfit | undefined {
  const missing = required.find((name) => typeof name !== 'string' || !Object.hasOwn(value, name));
  if (missing !== undefined) return { at: `${at}/${String(missing)}`, wanted: 'there' };
  for (const [name, inner] of Object.entries(value)) {
    const schemas = Object.hasOwn(properties, name) ? [properties[name]] : others;
    for (const schema of schemas) {
      const found = search(schema, inner, `${at}/${name}`);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

type Fields = { readonly [name: string]: unknown };

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
