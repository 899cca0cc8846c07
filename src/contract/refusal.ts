/** Says what is wrong with a value, and how to put it right: the first offence against a schema, as a field and a sentence. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isObject } from '../model/json-object.ts';
import { patternProblem } from './pattern-words.ts';
import {
  didYouMean,
  kindWords,
  listed,
  noList,
  noObject,
  type SchemaNode,
  show,
  typeName,
  unquoted,
  wantedWords,
  within,
  wrongType,
} from './refusal-words.ts';

export interface Refusal {
  /** Path below the value, dots and indexes: `spec.nextHops[1].address`; empty for the value itself. */
  readonly field: string;
  readonly problem: string;
}

const compiled = new WeakMap<TSchema, (value: unknown) => boolean>();

/** Compiles the schema at its first use; the fast answer to whether the value fits. */
export function fits(schema: TSchema, value: unknown): boolean {
  let check = compiled.get(schema);
  if (check === undefined) {
    const validator = Compile(schema);
    check = (candidate) => validator.Check(candidate);
    compiled.set(schema, check);
  }
  return check(value);
}

/** @returns undefined when the value fits the schema. */
export function refusalOf(schema: TSchema, value: unknown): Refusal | undefined {
  if (fits(schema, value)) return undefined;
  return find(node(schema), value, '') ?? { field: '', problem: 'does not fit its schema' };
}

const node = (schema: TSchema): SchemaNode => schema;

function find(schema: SchemaNode, value: unknown, field: string): Refusal | undefined {
  const refuse = (problem: string): Refusal => ({ field, problem });
  if (schema.anyOf !== undefined) return findInUnion(schema.anyOf, value, field);
  if (schema.allOf !== undefined) {
    for (const part of schema.allOf) {
      const refusal = find(part, value, field);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
  if ('const' in schema) {
    if (value === schema.const) return undefined;
    return refuse(`must be ${show(schema.const)}, not ${show(value)}${didYouMean(value, [schema.const])}`);
  }
  switch (schema.type) {
    case 'object':
      return isObject(value) ? findInObject(schema, value, field) : refuse(noObject(schema, value));
    case 'array':
      return Array.isArray(value)
        ? findInArray(schema, value, field)
        : refuse(noList(value, isOneOf(schema.items, value)));
    case 'string':
      return typeof value === 'string' ? textRefusal(schema, value, refuse) : refuse(wrongType('text', value, schema));
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        return refuse(wrongType('a whole number', value, schema));
      }
      return numberRefusal(schema, value, refuse);
    case 'number':
      if (typeof value !== 'number') return refuse(wrongType('a number', value, schema));
      return numberRefusal(schema, value, refuse);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : refuse(wrongType('true or false', value, schema));
    default:
      return undefined;
  }
}

/** Whether the value would be a right entry. */
function isOneOf(items: SchemaNode | undefined, value: unknown): boolean {
  return items !== undefined && value !== null && find(items, value, '') === undefined;
}

function findInObject(schema: SchemaNode, value: object, field: string): Refusal | undefined {
  const { properties = {}, patternProperties = {} } = schema;
  const entries = Object.entries(value);
  const { maxProperties = Number.POSITIVE_INFINITY } = schema;
  if (entries.length > maxProperties) {
    return { field, problem: `has ${entries.length} entries; at most ${maxProperties} are allowed` };
  }
  for (const [name, part] of entries) {
    if (part === undefined) continue;
    const at = within(field, name);
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const matching = Object.entries(patternProperties).find(([pattern]) => new RegExp(pattern, 'u').test(name));
    const inside = own ?? matching?.[1];
    if (inside === undefined) {
      const [pattern] = Object.keys(patternProperties);
      if (pattern !== undefined) {
        return { field: at, problem: patternProblem(pattern, name, 'as a name', `it must match ${pattern}`) };
      }
      if (schema.additionalProperties === false) return unknownField(at, name, Object.keys(properties));
      continue;
    }
    const refusal = find(inside, part, at);
    if (refusal !== undefined) return refusal;
  }
  const given = new Set(entries.flatMap(([name, part]) => (part === undefined ? [] : [name])));
  const missing = (schema.required ?? []).find((name) => !given.has(name));
  if (missing === undefined) return undefined;
  return { field: within(field, missing), problem: `is missing${wantedWords(properties[missing])}` };
}

function unknownField(field: string, name: string, known: readonly string[]): Refusal {
  const meant = didYouMean(name, known);
  if (meant !== '') return { field, problem: `is unknown${meant}` };
  const expected = known.length === 0 ? 'nothing is expected here' : `known here: ${known.join(', ')}`;
  return { field, problem: `is unknown; ${expected}` };
}

function findInArray(schema: SchemaNode, value: readonly unknown[], field: string): Refusal | undefined {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  if (value.length < minItems) {
    return { field, problem: `must have at least ${minItems} ${minItems === 1 ? 'entry' : 'entries'}` };
  }
  if (value.length > maxItems) {
    return { field, problem: `has ${value.length} entries; at most ${maxItems} are allowed` };
  }
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      const refusal = find(items, item, `${field}[${index}]`);
      if (refusal !== undefined) return refusal;
    }
  }
  if (schema.uniqueItems === true) {
    const seen = new Set<string>();
    for (const [index, item] of value.entries()) {
      const text = JSON.stringify(item);
      if (seen.has(text)) return { field: `${field}[${index}]`, problem: `repeats ${show(item)}; write it once` };
      seen.add(text);
    }
  }
  return undefined;
}

/** Words are listed; objects are told apart by the field that is a constant in each (`type`), else by their field names. */
function findInUnion(branches: readonly SchemaNode[], value: unknown, field: string): Refusal | undefined {
  if (branches.some((branch) => find(branch, value, field) === undefined)) return undefined;
  if (branches.every((branch) => 'const' in branch)) {
    const words = branches.map((branch) => show(branch.const));
    const hint = didYouMean(
      value,
      branches.map((branch) => branch.const),
    );
    return { field, problem: `must be ${listed(words)}, not ${show(value)}${hint}` };
  }
  const objects = branches.filter((branch) => branch.type === 'object');
  if (!isObject(value) || objects.length === 0) {
    if (objects.length > 0) return { field, problem: `must be an object, not ${show(value)}` };
    const sameType = branches.find((branch) => typeName(value) === branch.type && branch.type !== 'string');
    const inside = sameType && find(sameType, value, field);
    if (inside !== undefined) return inside;
    const bare = branches.some(({ type }) => type === 'integer') ? unquoted(value) : '';
    return { field, problem: `must be ${listed(branches.map(kindWords))}, not ${show(value)}${bare}` };
  }
  const tag = tagOf(objects);
  if (tag === undefined) {
    const likely = mostAlike(objects, value);
    return likely === undefined ? undefined : find(likely, value, field);
  }
  const told = Reflect.get(value, tag);
  const branch = objects.find((one) => one.properties?.[tag]?.const === told);
  if (branch !== undefined) return find(branch, value, field);
  const words = objects.map((one) => show(one.properties?.[tag]?.const));
  const hint = didYouMean(
    told,
    objects.map((one) => one.properties?.[tag]?.const),
  );
  const problem =
    told === undefined ? `is missing: ${listed(words)}` : `must be ${listed(words)}, not ${show(told)}${hint}`;
  return { field: within(field, tag), problem };
}

function tagOf(objects: readonly SchemaNode[]): string | undefined {
  const [first] = objects;
  return Object.keys(first?.properties ?? {}).find((name) =>
    objects.every((one) => one.properties?.[name] !== undefined && 'const' in one.properties[name]),
  );
}

function mostAlike(objects: readonly SchemaNode[], value: object): SchemaNode | undefined {
  const names = Object.keys(value);
  const shared = (one: SchemaNode) => names.filter((name) => one.properties?.[name] !== undefined).length;
  return [...objects].sort((a, b) => shared(b) - shared(a))[0];
}

function textRefusal(schema: SchemaNode, value: string, refuse: (problem: string) => Refusal): Refusal | undefined {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  if (value.length > maxLength) return refuse(`has ${value.length} characters; at most ${maxLength} are allowed`);
  if (value.length < minLength) return refuse(value === '' ? 'must not be empty' : `is shorter than ${minLength}`);
  if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return undefined;
  return refuse(patternProblem(pattern, value, show(value), schema.description || `it must match ${pattern}`));
}

function numberRefusal(schema: SchemaNode, value: number, refuse: (problem: string) => Refusal): Refusal | undefined {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value >= minimum && value <= maximum) return undefined;
  if (!Number.isFinite(maximum)) return refuse(`must be at least ${minimum}, not ${value}`);
  return refuse(`must be ${minimum} to ${maximum}, not ${value}`);
}
