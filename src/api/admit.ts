/** The door: nothing gets past it that its schema doesn't allow, and a refusal says which field and what to write instead. */
import type { Static, TSchema } from 'typebox';
import { refusalOf } from '../contract/refusal.ts';
import { CoreBgpError } from '../model/errors.ts';

/**
 * @param what the whole value, in a sentence; @param prefix what its fields are called.
 * @throws CoreBgpError `invalid` with the field.
 */
export function admit<S extends TSchema>(
  schema: S,
  value: unknown,
  what: string,
  prefix = '',
): asserts value is Static<S> {
  const refusal = refusalOf(schema, value);
  if (refusal === undefined) return;
  const { field, problem } = refusal;
  if (field === '') throw new CoreBgpError('invalid', `${what} ${problem}.`);
  throw new CoreBgpError('invalid', `${prefix}${field} ${problem}${/[.?]$/.test(problem) ? '' : '.'}`, { field });
}

/** Values of a query string are text: numbers and booleans are made of them where the schema asks for such. */
export function convertQuery(
  schema: TSchema,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const properties: Readonly<Record<string, { readonly type?: string }>> =
    'properties' in schema ? Object(schema.properties) : {};
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return [name, Number(text)];
      if (type === 'boolean' && (text === 'true' || text === 'false')) return [name, text === 'true'];
      return [name, text];
    }),
  );
}
