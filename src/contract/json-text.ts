/**
 * What is wrong with JSON text before anything is made of it: where it stops being JSON, too deep, or not the same to every reader.
 *
 * `JSON.parse` alone takes the last of two equal keys, rounds long numbers and makes 0 of 1e-999; and its messages, which
 * differ between versions, often say no place. RFC 8259 calls such text unpredictable (4, 6, 8.2); here it is refused.
 */

export interface JsonProblem {
  /** Index of the offending character. */
  readonly offset: number;
  /** Of the value: `spec.nextHops[1].address`; empty for the whole. */
  readonly field: string;
  /** Whether it isn't JSON at all, by the grammar. */
  readonly syntax: boolean;
  /** To follow the name of the text or of the field. */
  readonly problem: string;
}

/** @param mostDepth of lists and objects inside each other. @returns undefined when `JSON.parse` may have it. */
export function jsonProblem(text: string, mostDepth: number): JsonProblem | undefined {
  let at = 0;
  const path: (string | number)[] = [];

  const wrong = (problem: string, offset = at, syntax = false): JsonProblem => ({
    offset,
    field: fieldOf(path),
    syntax,
    problem,
  });
  const expected = (what: string): JsonProblem => wrong(`${what} is expected here, not ${shownAt(text, at)}`, at, true);

  function space(): number {
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      at += 1;
      code = text.charCodeAt(at);
    }
    return code;
  }

  function readValue(depth: number): JsonProblem | undefined {
    const code = space();
    switch (code) {
      case 0x7b:
      case 0x5b:
        if (depth === mostDepth) return { ...wrong(`is nested deeper than ${mostDepth} levels`), field: '' };
        return code === 0x7b ? readObject(depth + 1) : readList(depth + 1);
      case 0x22:
        return readString();
      default:
        return readWord();
    }
  }

  function readObject(depth: number): JsonProblem | undefined {
    at += 1;
    if (space() === 0x7d) {
      at += 1;
      return undefined;
    }
    const seen = new Set<string>();
    for (;;) {
      if (space() !== 0x22) return expected(seen.size === 0 ? 'A name in double quotes, or "}",' : nameAfterComma);
      const start = at;
      const bad = readString();
      if (bad !== undefined) return bad;
      const raw = text.slice(start + 1, at - 1);
      const name = raw.includes('\\') ? String(JSON.parse(text.slice(start, at))) : raw;
      path.push(name);
      if (seen.has(name)) {
        return wrong('is there twice, and readers differ in which one they take; write it once', start);
      }
      seen.add(name);
      if (space() !== 0x3a) return expected('":"');
      at += 1;
      const inside = readValue(depth);
      if (inside !== undefined) return inside;
      path.pop();
      const end = space();
      at += 1;
      if (end === 0x7d) return undefined;
      if (end === 0x2c) continue;
      at -= 1;
      return expected('"," or "}"');
    }
  }

  function readList(depth: number): JsonProblem | undefined {
    at += 1;
    if (space() === 0x5d) {
      at += 1;
      return undefined;
    }
    for (let index = 0; ; index += 1) {
      path.push(index);
      const inside = readValue(depth);
      if (inside !== undefined) return inside;
      path.pop();
      const end = space();
      at += 1;
      if (end === 0x5d) return undefined;
      if (end === 0x2c) continue;
      at -= 1;
      return expected('"," or "]"');
    }
  }

  function readString(): JsonProblem | undefined {
    const start = at;
    at += 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        at += 1;
        return undefined;
      }
      if (Number.isNaN(code)) return wrong('a text begins here that has no closing quote', start, true);
      if (code < 0x20) {
        return wrong(`a text holds ${shownAt(text, at)} itself; write it as an escape such as "\\n"`, at, true);
      }
      if (code !== 0x5c) {
        at += 1;
        continue;
      }
      const bad = readEscape();
      if (bad !== undefined) return bad;
    }
  }

  /** Of what can be escaped, half a surrogate pair and the zero character are no text that programs agree on. */
  function readEscape(): JsonProblem | undefined {
    const next = text[at + 1] ?? '';
    if (next !== 'u') {
      if (!'"\\/bfnrt'.includes(next) || next === '')
        return wrong(`a text has the unknown escape "\\${next}"`, at, true);
      at += 2;
      return undefined;
    }
    const unit = unitAt(at);
    if (unit === undefined) return wrong('a text has an escape "\\u" without four hexadecimal digits', at, true);
    if (unit === 0) return wrong('holds the character U+0000, which is no text; leave it out');
    if (unit < 0xd800 || unit > 0xdfff) {
      at += 6;
      return undefined;
    }
    const second = unit < 0xdc00 ? unitAt(at + 6) : undefined;
    if (second === undefined || second < 0xdc00 || second > 0xdfff) {
      return wrong(`holds half of a surrogate pair (${text.slice(at, at + 6)}), which is no character; leave it out`);
    }
    at += 12;
    return undefined;
  }

  function unitAt(index: number): number | undefined {
    const digits = text.slice(index, index + 6);
    return /^\\u[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits.slice(2), 16) : undefined;
  }

  function readWord(): JsonProblem | undefined {
    word.lastIndex = at;
    const [found = ''] = word.exec(text) ?? [];
    if (found === 'true' || found === 'false' || found === 'null') {
      at += found.length;
      return undefined;
    }
    if (found === '') return expected('A value');
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(found)) {
      return wrong(`${JSON.stringify(cut(found))} is no JSON value${wordHint(found)}`, at, true);
    }
    const bad = numberProblem(found);
    if (bad !== undefined) return wrong(bad);
    at += found.length;
    return undefined;
  }

  if (text.startsWith('\ufeff')) {
    return wrong('begins with a byte order mark (U+FEFF), an invisible character; send it without', 0);
  }
  const inside = readValue(0);
  if (inside !== undefined) return inside;
  return Number.isNaN(space()) ? undefined : wrong(`it goes on with ${shownAt(text, at)} after its end`, at, true);
}

/** `line 3, column 14`, both from 1; columns count characters. */
export function linePlace(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}, column ${[...before.slice(before.lastIndexOf('\n') + 1)].length + 1}`;
}

const nameAfterComma = 'After "," another name in double quotes';
const word = /[^\s,:[\]{}"]+/y;

function numberProblem(text: string): string | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return `is ${cut(text)}, which is larger than any number that can be kept`;
  if (Object.is(value, -0)) return `is ${cut(text)}; write 0`;
  if (value === 0 && /[1-9]/.test(text.split(/e/i)[0] ?? '')) return `is ${cut(text)}, too small to be kept; write 0`;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return `is ${cut(text)}, which can't be kept exactly; the largest whole number is ${Number.MAX_SAFE_INTEGER}`;
  }
  return undefined;
}

function wordHint(found: string): string {
  if (/^('|`)/.test(found)) return '; write text in double quotes';
  if (/^(\/\/|\/\*|#)/.test(found)) return '; JSON has no comments';
  if (/^(true|false|null)$/i.test(found)) return `; write ${found.toLowerCase()}`;
  if (found === 'None' || found === 'undefined') return '; leave the field out';
  if (/^[+-]?(nan|inf|infinity)$/i.test(found)) return '; write a number, or leave the field out';
  if (/^-?0\d/.test(found)) return '; numbers have no leading zero';
  return '; text needs double quotes';
}

function shownAt(text: string, offset: number): string {
  const point = text.codePointAt(offset);
  if (point === undefined) return 'the end';
  const character = String.fromCodePoint(point);
  return /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(character)
    ? JSON.stringify(character)
    : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function fieldOf(path: readonly (string | number)[]): string {
  let field = '';
  for (const step of path) {
    if (typeof step === 'number') field += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) field += field === '' ? step : `.${step}`;
    else field += `[${JSON.stringify(cut(step))}]`;
  }
  return field;
}
