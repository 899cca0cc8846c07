/** Reads files of resources: several YAML documents, JSON, or a list that `get -o json` printed; with limits against hostile ones. */
import { Composer, type Document, isNode, LineCounter, Parser, parseDocument } from 'yaml';
import { yamlOptions, yamlProblem } from '../config/strict-yaml.ts';
import { jsonProblem, linePlace } from '../contract/json-text.ts';
import { CoreBgpError } from '../model/errors.ts';

/** One resource as a file has it, unchecked. */
export interface WrittenResource {
  readonly resource: unknown;
  /** `web.yaml, line 12 (document 2)` of a field, or of the resource. */
  place(field?: string): string;
}

/** What a list adds that `get -o json` printed. */
const listDepth = 2;

export const limits = {
  /** Bytes of one file. */
  fileBytes: 64 * 1024 * 1024,
  /** Characters of one YAML document, which the reader takes seconds for; a resource has 256 KiB at most. */
  documentCharacters: 1024 * 1024,
  resources: 100_000,
  /** Nesting of lists and mappings. */
  depth: 32,
  /** How often anchors may be repeated in a document, repetitions inside of repetitions multiplied. */
  aliases: 100,
} as const;

/**
 * @param name of the file, for messages.
 * @throws CoreBgpError `invalid` that names file, document and line; `tooLarge` at a limit.
 */
export function readResources(name: string, given: string): readonly WrittenResource[] {
  // Editors on Windows put it there; it means nothing.
  const text = given.startsWith('\ufeff') ? given.slice(1) : given;
  if (Buffer.byteLength(text) > limits.fileBytes) {
    throw new CoreBgpError('tooLarge', `${name} is larger than ${limits.fileBytes / 1024 / 1024} MiB; split it.`);
  }
  const broken = text.indexOf('\ufffd');
  if (broken >= 0) {
    const sentence = 'there are bytes that are no UTF-8, or the sign U+FFFD for such; save the file as UTF-8';
    throw new CoreBgpError('invalid', `${name}, ${linePlace(text, broken)}: ${sentence}.`);
  }
  const resources = [...(readJson(name, text) ?? readYaml(name, text))];
  if (resources.length > 0) return resources;
  throw new CoreBgpError('invalid', `${name} holds no resource; it should have "kind:", "metadata:" and "spec:".`);
}

/** Much faster than YAML; undefined when it isn't JSON, though a file that calls itself so must be. */
function readJson(name: string, text: string): readonly WrittenResource[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const found = jsonProblem(text, limits.depth + listDepth);
  if (found === undefined) {
    const value: unknown = JSON.parse(text);
    return listed(value, () => name);
  }
  const { syntax, field, problem, offset } = found;
  const place = `${name}, ${linePlace(text, offset)}`;
  if (!syntax) throw new CoreBgpError('invalid', `${place}: ${field === '' ? 'it' : field} ${problem}.`);
  if (name.endsWith('.json')) throw new CoreBgpError('invalid', `${place}: this is not valid JSON: ${problem}.`);
  // Flow YAML looks alike, and its reader says better what is wrong.
  return undefined;
}

function* readYaml(name: string, text: string): Generator<WrittenResource> {
  const long = text.split(/^---/m).find((document) => document.length > limits.documentCharacters);
  if (long !== undefined) {
    throw new CoreBgpError(
      'tooLarge',
      `${name}, ${linePlace(text, text.indexOf(long))}: a YAML document larger than 1 MiB begins here; begin a new one with "---" for each resource.`,
    );
  }
  const lines = new LineCounter();
  const documents = new Composer(yamlOptions).compose(new Parser(lines.addNewLine).parse(text));
  let number = 0;
  let count = 0;
  while (true) {
    const next = guarded(`${name}, document ${number + 1}`, () => documents.next());
    if (next.done) return;
    number += 1;
    const document = next.value;
    const at = (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return `${name}, line ${line}, column ${col} (document ${number})`;
    };
    const [error] = document.errors;
    if (error !== undefined) throw notYaml(at(error.pos[0]), error.message);
    const ambiguous = guarded(at(document.range[0]), () => yamlProblem(document, limits.aliases));
    if (ambiguous !== undefined) throw new CoreBgpError('invalid', `${at(ambiguous.offset)}: ${ambiguous.problem}.`);
    if (document.contents === null) continue;
    const value: unknown = guarded(at(document.contents.range[0]), () =>
      document.toJS({ maxAliasCount: limits.aliases }),
    );
    if (value === null) continue;
    const place = placer(name, text, document, number, lines);
    for (const resource of listed(value, place)) {
      count += 1;
      if (count > limits.resources)
        throw new CoreBgpError('tooLarge', `${name} holds more than ${limits.resources} resources.`);
      yield resource;
    }
  }
}

/** A list, and what `get -o json` prints, stand for their entries. */
function listed(value: unknown, place: (field?: string) => string): readonly WrittenResource[] {
  const inner = typeof value === 'object' && value !== null && 'resources' in value ? value.resources : value;
  if (!Array.isArray(inner)) return [checkedDepth({ resource: value, place })];
  const entries: readonly unknown[] = inner;
  if (entries.length > limits.resources) {
    throw new CoreBgpError('tooLarge', `${place()} holds more than ${limits.resources} resources.`);
  }
  return entries.map((resource, index) => checkedDepth({ resource, place: () => `${place()}, entry ${index + 1}` }));
}

function checkedDepth(written: WrittenResource): WrittenResource {
  const { resource, place } = written;
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) {
    throw new CoreBgpError(
      'invalid',
      `${place()}: this is no resource; it should be a mapping with "kind:", "metadata:" and "spec:".`,
    );
  }
  if (deeperThan(resource, limits.depth)) {
    throw new CoreBgpError('invalid', `${place()}: lists and mappings are nested more than ${limits.depth} deep.`);
  }
  return written;
}

function deeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  return Object.values(value).some((part) => deeperThan(part, most - 1));
}

/** The document is parsed once more when a field is asked for: keeping all of them would take many times the file's size. */
function placer(name: string, text: string, document: Document.Parsed, number: number, lines: LineCounter) {
  const [start, , end] = document.range;
  const first = document.contents?.range[0] ?? start;
  return (field?: string): string => {
    const offset = field === undefined ? first : fieldOffset(text.slice(start, end), field);
    const line = lines.linePos(field === undefined || offset === undefined ? first : start + offset).line;
    return `${name}, line ${line} (document ${number})`;
  };
}

/** Where `spec.nextHops[1].address` stands, or the nearest thing above it that exists. */
function fieldOffset(text: string, field: string): number | undefined {
  const document = parseDocument(text, yamlOptions);
  const path = [...field.matchAll(/([^.[\]"]+)/g)].map(([word]) => (/^\d+$/.test(word) ? Number(word) : word));
  while (path.length > 0) {
    const node: unknown = document.getIn(path, true);
    if (isNode(node) && node.range) return node.range[0];
    path.pop();
  }
  return undefined;
}

/** The reader throws plain errors at its limits. */
function guarded<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw notYaml(place, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function notYaml(place: string, said: string, cause?: unknown): CoreBgpError {
  // How nesting that exhausts the reader's stack shows itself.
  if (said.includes('call stack')) {
    return new CoreBgpError('invalid', `${place}: lists and mappings are nested too deeply.`, { cause });
  }
  const [first = ''] = said.split('\n');
  const plain = first.replace(/ at line \d+, column \d+:?$/, '');
  return new CoreBgpError('invalid', `${place}: this YAML can't be read: ${plain}.`, { cause });
}
