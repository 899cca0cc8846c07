/** Schema of one word out of a list, with the type of exactly those words. */
import Type, { type TLiteral, type TSchemaOptions, type TUnion } from 'typebox';

/** `Type.Union` over a mapped array would infer `never`: it wants a tuple, which `map` does not give. */
export function oneOf<const Words extends readonly string[]>(words: Words, schemaOptions: TSchemaOptions = {}) {
  const union: unknown = Type.Union(
    words.map((word) => Type.Literal(word)),
    schemaOptions,
  );
  return union as TUnion<Literals<Words>>;
}

type Literals<Words extends readonly string[]> = Words extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? [TLiteral<First>, ...Literals<Rest>]
  : [];
