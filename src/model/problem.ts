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

/**
 * Problems of the second and later occurrences, also when they are only written differently.
 * @param unit what the texts are, where two are alike: `address`.
 */
export function repeated(
  texts: readonly string[],
  fieldOf: (index: number) => string,
  unit: 'address' | 'prefix',
): readonly Problem[] {
  const seen = new Map<string, number>();
  return texts.flatMap((text, index) => {
    const canonical = canonicalText(text, unit);
    const first = seen.get(canonical);
    if (first === undefined) {
      seen.set(canonical, index);
      return [];
    }
    const problem =
      texts[first] === text
        ? `"${text}" is there twice; leave one out`
        : `"${text}" is there twice: it is the ${unit} "${texts[first]}" of ${fieldOf(first)}; leave it out`;
    return [{ field: fieldOf(index), problem }];
  });
}

/** What repeats another needs no second problem about how it is written. */
export function withRepeated(wrong: readonly Problem[], repeats: readonly Problem[]): readonly Problem[] {
  const fields = new Set(repeats.map(({ field }) => field));
  return [...wrong.filter(({ field }) => !fields.has(field)), ...repeats];
}

function canonicalText(text: string, unit: 'address' | 'prefix'): string {
  if (unit === 'address') {
    const parsed = parseAddress(text);
    return parsed.ok ? formatAddress(parsed.value) : text;
  }
  const parsed = parsePrefix(text);
  return parsed.ok ? formatPrefix(parsed.value) : text;
}
