/**
 * What one YAML reader takes for another thing than the next one does: refused, with what to write. YAML 1.2 (core schema)
 * is read here; most people know 1.1, where `012` is ten and `<<` copies a mapping.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  type Node,
  type Pair,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';

export interface YamlProblem {
  /** Index of the offending character in the text. */
  readonly offset: number;
  /** A sentence without its full stop. */
  readonly problem: string;
}

/** For the reader: it would look for repeated names by comparing each with each, hours for a file of 10 MB; we do it below. */
export const yamlOptions = { uniqueKeys: false } as const;

/**
 * The first one.
 * @param document read with `yamlOptions`, without errors of its own.
 * @param mostAliases that may stand in it: resolving one takes as long as reading the whole document.
 */
export function yamlProblem(document: Document.Parsed, mostAliases: number): YamlProblem | undefined {
  const start = document.contents?.range?.[0] ?? document.range[0];
  const { version, explicit } = document.directives.yaml;
  if (explicit === true && version !== '1.2') {
    return { offset: document.range[0], problem: `"%YAML ${version}" asks for another YAML than 1.2; leave it out` };
  }
  const [warning] = document.warnings;
  if (warning !== undefined) {
    const [tag = 'this tag'] = /![^\s]*/.exec(warning.message) ?? [];
    return { offset: warning.pos[0], problem: `${tag.replace(/[:.,]$/, '')} means nothing here; leave the tag out` };
  }
  const anchors = new Set<string>();
  let aliases = 0;
  let found: YamlProblem | undefined;
  const stop = (node: unknown, problem: string) => {
    found = { offset: offsetOf(node) ?? start, problem };
    return visit.BREAK;
  };
  visit(document, {
    Pair: (_key, pair) => {
      const problem = keyProblem(pair);
      return problem === undefined ? undefined : stop(pair.key, problem);
    },
    Collection: (_key, collection) => {
      if (collection.anchor !== undefined) anchors.add(collection.anchor);
      const twice = isMap(collection) ? repeatedName(collection) : undefined;
      return twice === undefined ? undefined : stop(twice, `${String(twice.value)} is there twice; write it once`);
    },
    Alias: (_key, alias) => {
      aliases += 1;
      if (aliases > mostAliases) return stop(alias, `more than ${mostAliases} aliases; write the values out`);
      if (anchors.has(alias.source)) return undefined;
      return stop(alias, `*${alias.source} refers to an anchor that is not there above it; write the value itself`);
    },
    Scalar: (_key, scalar) => {
      if (scalar.anchor !== undefined) anchors.add(scalar.anchor);
      const problem = scalarProblem(scalar);
      return problem === undefined ? undefined : stop(scalar, problem);
    },
  });
  return found;
}

function repeatedName({ items }: YAMLMap): Scalar | undefined {
  const names = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (names.has(name)) return key;
    names.add(name);
  }
  return undefined;
}

function keyProblem({ key }: Pair): string | undefined {
  if (isAlias(key) || !isScalar(key)) return 'a name of a field must be plain text, not a list, a mapping or an alias';
  if (key.value === null || key.value === '') return 'a field has no name; write one before the ":"';
  if (key.value === '<<' && key.type === 'PLAIN') {
    return '"<<" (merge) is not part of YAML 1.2; write the fields out, or use an alias for the whole value';
  }
  return undefined;
}

function scalarProblem({ value, source, type }: Scalar): string | undefined {
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'number' || source === undefined || type !== 'PLAIN') return undefined;
  if (/^[-+]?0\d/.test(source)) {
    return `${source} has a leading zero, which some programs read as octal; write ${value}, or "${source}" for text`;
  }
  if (!Number.isFinite(value)) return `${source} is no number that can be kept; leave the field out`;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return `${source} can't be kept exactly; the largest whole number is ${Number.MAX_SAFE_INTEGER}`;
  }
  return undefined;
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'a text holds the character U+0000; leave it out';
  return /\p{Cs}/u.test(text)
    ? 'a text holds half of a surrogate pair, which is no character; leave it out'
    : undefined;
}

function offsetOf(node: unknown): number | undefined {
  const one: Node | undefined = isNode(node) ? node : undefined;
  return one?.range?.[0];
}
