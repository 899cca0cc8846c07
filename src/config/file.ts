/** The configuration file: YAML text to flat keys, each with its line. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { CoreBgpError } from '../model/errors.ts';
import { yamlOptions, yamlProblem } from './strict-yaml.ts';

export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

export interface FileEntry {
  /** Dotted. */
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
}

/** Far above any real one. */
const mostBytes = 1_048_576;
const mostAliases = 10;

/**
 * @returns every `group.key` with a value; deeper structure stays in the value, for its schema to refuse.
 * @throws CoreBgpError `invalid` when the text is not one YAML mapping.
 */
export function readConfigFile({ name, text }: ConfigFile): readonly FileEntry[] {
  if (text.length > mostBytes) throw new CoreBgpError('tooLarge', `${name} is larger than ${mostBytes} bytes.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, ...yamlOptions });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}, line ${line}, column ${col}`;
  };
  const [error] = document.errors;
  if (error !== undefined) {
    throw new CoreBgpError('invalid', `${placeOf(error.pos[0])}: this is not valid YAML: ${error.message}`, {
      cause: error,
    });
  }
  const ambiguous = yamlProblem(document, mostAliases);
  if (ambiguous !== undefined) {
    throw new CoreBgpError('invalid', `${placeOf(ambiguous.offset)}: ${ambiguous.problem}.`);
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root)) throw notMapping(name, 1, 'the file');

  const entries: FileEntry[] = [];
  for (const pair of root.items) {
    const group = nameOf(pair.key);
    const line = lineOf(lines, pair.key);
    if (isScalar(pair.value) && pair.value.value === null) continue;
    if (!isMap(pair.value)) {
      if (group.includes('.')) throw dotted(name, line, group);
      throw notMapping(name, line, `"${group}"`);
    }
    for (const inner of pair.value.items) {
      const at = lineOf(lines, inner.key);
      entries.push({ key: `${group}.${nameOf(inner.key)}`, value: plain(document, inner.value, name, at), line: at });
    }
  }
  return entries;
}

function plain(document: Document, value: unknown, name: string, line: number): unknown {
  if (!isNode(value)) return value;
  try {
    return value.toJS(document, { maxAliasCount: mostAliases });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CoreBgpError('invalid', `${name}, line ${line}: this value can't be read: ${why}`, { cause });
  }
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function lineOf(lines: LineCounter, node: unknown): number {
  return isScalar(node) && node.range ? lines.linePos(node.range[0]).line : 1;
}

function notMapping(name: string, line: number, what: string): CoreBgpError {
  return new CoreBgpError(
    'invalid',
    `${name}, line ${line}: ${what} must be a mapping, as in "speaker:" with "  asn: 64512" below it.`,
  );
}

function dotted(name: string, line: number, key: string): CoreBgpError {
  const [group = '', ...rest] = key.split('.');
  return new CoreBgpError(
    'invalid',
    `${name}, line ${line}: write "${group}:" with "  ${rest.join('.')}: …" below it instead of "${key}".`,
    { field: key },
  );
}
