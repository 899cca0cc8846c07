/** What a schema can't say about an object: which field is wrong, and how to write it. */
import {
  type Address,
  formatAddress,
  formatPrefix,
  type Parsed,
  type Prefix,
  parseAddress,
  parsePrefix,
} from './prefix.ts';

export interface Problem {
  /** Dots and indexes, as in errors: `spec.nextHops[1].address`. */
  readonly field: string;
  /** A sentence that says what is wrong and what to write. */
  readonly problem: string;
}

/** Strict, and refused when the text isn't the canonical one; the problem names the canonical text. */
export function canonicalAddress(text: string): Parsed<Address> {
  const parsed = parseAddress(text);
  return parsed.ok ? onlyCanonical(text, formatAddress(parsed.value), parsed) : parsed;
}

/** As canonicalAddress. */
export function canonicalPrefix(text: string): Parsed<Prefix> {
  const parsed = parsePrefix(text);
  return parsed.ok ? onlyCanonical(text, formatPrefix(parsed.value), parsed) : parsed;
}

function onlyCanonical<Value>(text: string, canonical: string, parsed: Parsed<Value>): Parsed<Value> {
  return text === canonical
    ? parsed
    : { ok: false, problem: `"${text}" is not in canonical form; write "${canonical}"` };
}

/** Problems of the second and later occurrences. */
export function repeated(texts: readonly string[], fieldOf: (index: number) => string): readonly Problem[] {
  const seen = new Set<string>();
  return texts.flatMap((text, index) => {
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [{ field: fieldOf(index), problem: `"${text}" is there twice; leave one out` }];
  });
}
