/** JSON Schema, as the OpenAPI document has it, printed as TypeScript: objects and unions with a name are declared, the rest stands where it is used. */
import { isJson, type Json } from '../contract/openapi-schemas.ts';
import { CoreBgpError } from '../model/errors.ts';

const widest = 120;
const step = '  ';

/** Schemas by the name that a `$ref` ends with. */
export type Named = Json;

/** A field of an interface, or of a type literal. */
export interface Field {
  readonly name: string;
  readonly schema: Json;
  readonly required: boolean;
}

/** @throws CoreBgpError `internal` from each function when the schema holds what can't be printed. */
export interface SchemaTypes {
  /** `export interface …` or `export type …` with the schema's description above. */
  declaration(name: string, schema: Json): string;
  /** An interface of its own making. */
  interfaceOf(name: string, about: string, fields: readonly Field[], bases?: readonly string[]): string;
  /** The type as it stands in a line with this indent. */
  typeOf(schema: Json, indent?: string): string;
}

/** The fields that the schema of an object has. */
export function fieldsOf(schema: Json): readonly Field[] {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).map(([name, part]) => ({
    name,
    schema: jsonOr(part, name),
    required: required.has(name),
  }));
}

/** A comment for editors, cut into lines where it is too wide. */
export function docComment(text: string, indent = ''): string {
  const safe = text.replaceAll('*/', '* /');
  const oneLine = `${indent}/** ${safe} */\n`;
  if (oneLine.length <= widest + 1 && !safe.includes('\n')) return oneLine;
  const lines = safe.split('\n').flatMap((paragraph) => wrapped(paragraph, widest - indent.length - 3));
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd().concat('\n')).join('')}${indent} */\n`;
}

export function createSchemaTypes(named: Named): SchemaTypes {
  const resolved = (schema: Json): Json => {
    const { $ref } = schema;
    return typeof $ref === 'string' ? jsonOr(named[refName($ref)], $ref) : schema;
  };

  const isUnion = (schema: Json): boolean => {
    const { $ref, anyOf, enum: words } = schema;
    if (typeof $ref === 'string') return !isDeclared(resolved(schema)) && isUnion(resolved(schema));
    return (Array.isArray(anyOf) && anyOf.length > 1) || (Array.isArray(words) && words.length > 1);
  };

  const describe = (schema: Json): string | undefined => {
    const { description } = resolved(schema);
    return typeof description === 'string' ? description : undefined;
  };

  const field = ({ name, schema, required }: Field, indent: string): string => {
    const about = describe(schema);
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
    const start = `${indent}readonly ${key}${required ? '' : '?'}:`;
    const type = typeOf(schema, indent);
    const fits = type.startsWith('\n') || `${start} ${type.split('\n', 1)[0]};`.length <= widest;
    const shown = fits ? type : unionIn(alternativesOf(schema), `${indent}${step}`);
    return `${about === undefined ? '' : docComment(about, indent)}${start}${shown.startsWith('\n') ? '' : ' '}${shown};\n`;
  };

  const literal = (fields: readonly Field[], indent: string): string =>
    fields.length === 0
      ? 'Record<never, never>'
      : `{\n${fields.map((one) => field(one, `${indent}${step}`)).join('')}${indent}}`;

  /** One alternative a line, each below its description. */
  const unionIn = (alternatives: readonly Json[], indent: string): string =>
    alternatives
      .map((one) => {
        const about = typeof one['description'] === 'string' ? docComment(one['description'], indent) : '';
        return `\n${about}${indent}| ${typeOf(one, `${indent}${step}`)}`;
      })
      .join('');

  const typeOf = (schema: Json, indent = ''): string => {
    const { $ref, anyOf, allOf, type, items } = schema;
    if (typeof $ref === 'string') {
      const target = resolved(schema);
      // Plain strings and numbers with a name say no more by it; the description says what they are.
      return isDeclared(target) ? refName($ref) : typeOf(target, indent);
    }
    if ('const' in schema) return constant(schema['const']);
    if (Array.isArray(schema['enum'])) return schema['enum'].map(constant).join(' | ');
    if (Array.isArray(anyOf)) {
      const alternatives = alternativesOf(schema);
      const parts = [...new Set(alternatives.map((one) => typeOf(one, indent)))];
      return parts.some((part) => part.includes('\n')) ? unionIn(alternatives, `${indent}${step}`) : parts.join(' | ');
    }
    if (Array.isArray(allOf)) {
      return literal(
        allOf.flatMap((one) => fieldsOf(resolved(jsonOr(one, 'allOf')))),
        indent,
      );
    }
    if (type === 'array') {
      const item = typeOf(jsonOr(items, 'items'), indent);
      return `readonly ${isUnion(jsonOr(items, 'items')) ? `(${item})` : item}[]`;
    }
    if (type === 'object')
      return isJson(schema['properties']) ? literal(fieldsOf(schema), indent) : record(schema, indent);
    if (type === 'integer' || type === 'number') return 'number';
    if (type === 'string' || type === 'boolean' || type === 'null') return type;
    if (type === undefined && Object.keys(schema).every((key) => key === 'description' || key === 'title')) {
      return 'unknown';
    }
    throw new CoreBgpError('internal', `there is no TypeScript for the schema ${JSON.stringify(schema).slice(0, 200)}`);
  };

  const record = (schema: Json, indent: string): string => {
    const { patternProperties, additionalProperties } = schema;
    const values = isJson(patternProperties) ? Object.values(patternProperties) : [additionalProperties];
    const types = [...new Set(values.map((value) => typeOf(jsonOr(value, 'values'), indent)))];
    return `Readonly<Record<string, ${types.join(' | ')}>>`;
  };

  const interfaceOf = (name: string, about: string, fields: readonly Field[], bases: readonly string[] = []) => {
    const above = bases.length === 0 ? '' : ` extends ${bases.join(', ')}`;
    const body = fields.length === 0 ? '{}' : `{\n${fields.map((one) => field(one, step)).join('')}}`;
    return `${docComment(about)}export interface ${name}${above} ${body}\n`;
  };

  return {
    typeOf,
    interfaceOf,
    declaration: (name, schema) => {
      const about = describe(schema) ?? name;
      if (isJson(schema['properties'])) return interfaceOf(name, about, fieldsOf(schema));
      const type = typeOf(schema);
      const fits = type.startsWith('\n') || `export type ${name} = ${type};`.length <= widest;
      const shown = fits ? type : unionIn(alternativesOf(schema), step);
      return `${docComment(about)}export type ${name} =${shown.startsWith('\n') ? '' : ' '}${shown};\n`;
    },
  };
}

/** Whether a schema with a name gets a declaration. */
export function isDeclared(schema: Json): boolean {
  return isJson(schema['properties']) || Array.isArray(schema['anyOf']);
}

function alternativesOf(schema: Json): readonly Json[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? anyOf.map((one) => jsonOr(one, 'anyOf')) : [schema];
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function constant(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function jsonOr(value: unknown, where: string): Json {
  if (isJson(value)) return value;
  throw new CoreBgpError('internal', `${where}: a schema is missing`);
}
