/** Schemas in the OpenAPI document: those with a name (their `title`) stand once in the components, the others where they are used. */
import type { TSchema } from 'typebox';
import { CoreBgpError } from '../model/errors.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface SchemaBook {
  /** The schema as the document shows it: named schemas in it, and itself when it has a name, are references. */
  place(schema: TSchema): Json;
  /** All named schemas placed so far, by name. */
  components(): Json;
}

const isName = (title: unknown): title is string => typeof title === 'string' && /^[A-Z][A-Za-z0-9]*$/.test(title);

/** @throws CoreBgpError `internal` from `place` when two different schemas have the same name. */
export function createSchemaBook(): SchemaBook {
  const named = new Map<string, { readonly text: string; readonly shown: Json }>();

  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert);
    if (!isJson(value)) return value;
    const { title } = value;
    const inside = () => Object.fromEntries(Object.entries(value).map(([key, part]) => [key, convert(part)]));
    if (!isName(title)) return inside();
    const text = JSON.stringify(value);
    const known = named.get(title);
    if (known === undefined) named.set(title, { text, shown: inside() });
    else if (known.text !== text) throw new CoreBgpError('internal', `two different schemas are called ${title}`);
    return { $ref: `#/components/schemas/${title}` };
  };

  return {
    place: (schema) => {
      // Typebox keeps its own marks in properties that JSON leaves out.
      const shown = convert(JSON.parse(JSON.stringify(schema)));
      return isJson(shown) ? shown : {};
    },
    components: () =>
      Object.fromEntries(
        [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { shown }]) => [name, shown] as const),
      ),
  };
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
