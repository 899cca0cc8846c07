/** The words of refusals: what a value is, what it should be, and what was probably meant. */
import { isObject } from '../model/json-object.ts';
import { nearest } from '../model/nearest.ts';
import { meantBy, patternWords } from './pattern-words.ts';

/** The keywords of JSON Schema that the contract uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly maxProperties?: number;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

export function wrongType(wanted: string, value: unknown, schema: SchemaNode): string {
  const words = schema.pattern === undefined ? undefined : patternWords(schema.pattern);
  if (words !== undefined && typeof value === 'number') {
    const meant = schema.pattern === undefined ? undefined : meantBy(schema.pattern, String(value));
    const hint = meant === undefined || meant === String(value) ? quoted(schema, value) : `; write "${meant}"`;
    return `must be ${words}, in quotes, not ${show(value)}${hint}`;
  }
  const hint =
    wanted === 'text'
      ? quoted(schema, value)
      : wanted === 'true or false'
        ? truthHint(value)
        : unquoted(value, wanted === 'a number');
  return `must be ${words ?? wanted}, not ${show(value)}${hint}`;
}

function quoted({ pattern }: SchemaNode, value: unknown): string {
  if (typeof value !== 'number' && typeof value !== 'boolean') return '';
  const fitting = pattern === undefined || new RegExp(pattern, 'u').test(String(value));
  return fitting ? `; write it in quotes: "${value}"` : '';
}

export function unquoted(value: unknown, fractions = false): string {
  if (typeof value !== 'string') return '';
  return (fractions ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/).test(value) ? `; write it without quotes: ${value}` : '';
}

/** Words that other formats, YAML 1.1 among them, take for booleans. */
function truthHint(value: unknown): string {
  if (value === 1 || (typeof value === 'string' && /^(true|yes|on|y|1)$/i.test(value))) return '; write true';
  if (value === 0 || (typeof value === 'string' && /^(false|no|off|n|0)$/i.test(value))) return '; write false';
  return '';
}

/** Somebody who wrote text where an object of one needed field belongs meant that field. */
export function noObject(schema: SchemaNode, value: unknown): string {
  const [only, ...others] = schema.required ?? [];
  const isText = only !== undefined && schema.properties?.[only]?.type === 'string';
  const hint = others.length === 0 && isText && typeof value === 'string' ? `; write { ${only}: ${shown(value)} }` : '';
  return `must be an object, not ${show(value)}${hint}`;
}

/** @param fits whether the value would be a right entry of the list. */
export function noList(value: unknown, fits: boolean): string {
  if (!fits) return `must be a list, not ${show(value)}`;
  return `must be a list, not ${show(value)}; write ${isObject(value) ? '"- " before it' : `[${show(value)}]`}`;
}

export function didYouMean(value: unknown, words: readonly unknown[]): string {
  const known = words.filter((word) => typeof word === 'string');
  const meant = typeof value === 'string' ? nearest(value, known) : undefined;
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** What belongs into a field that is missing. */
export function wantedWords(schema: SchemaNode | undefined): string {
  if (schema === undefined) return '';
  if ('const' in schema) return `; write ${show(schema.const)}`;
  const words = schema.pattern === undefined ? schema.description : patternWords(schema.pattern);
  return words === undefined ? '' : `: ${words}`;
}

export function kindWords({ type, pattern, minimum, maximum, description }: SchemaNode): string {
  if (type === 'integer') {
    return minimum === undefined || maximum === undefined
      ? 'a whole number'
      : `a whole number from ${minimum} to ${maximum}`;
  }
  return (pattern === undefined ? undefined : patternWords(pattern)) ?? description ?? type ?? 'something else';
}

/** For a hint that is YAML and reads as JSON5: quotes only where needed. */
function shown(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}

export function typeName(value: unknown): string {
  if (Number.isInteger(value)) return 'integer';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = String(value);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function within(field: string, name: string): string {
  const step = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `["${name}"]`;
  if (field === '') return step;
  return step.startsWith('[') ? `${field}${step}` : `${field}.${step}`;
}
