/** What an example of a call is: the document shows it, and a test makes the call and compares the answers. */
import { isJson, type Json } from './openapi-schemas.ts';

/** A value of an earlier answer, which is another one each time. */
export interface FromAnswer {
  /** The example whose answer has it: `leases.grant/checker`. */
  readonly answer: string;
  /** Names and indexes, with dots: `metadata.revision`. */
  readonly path: string;
  /** As an entity tag: "42", with the quotes. */
  readonly quoted?: boolean;
}

export interface Example {
  /** Tells it from the endpoint's other examples; lower case. */
  readonly name: string;
  readonly summary: string;
  readonly params?: Json;
  readonly query?: Json;
  /** Lower-case names. */
  readonly headers?: Json;
  readonly body?: unknown;
  /** Of the answer. */
  readonly status: number;
  /** Examples that must have been carried out before it, beside those whose answers it uses. */
  readonly after?: readonly string[];
}

/** What the server said: JSON, or a list of the messages of a stream, or of the lines of a list. */
export interface RecordedAnswer {
  readonly status: number;
  readonly body: unknown;
}
export type RecordedAnswers = Readonly<Record<string, RecordedAnswer>>;

const mark = 'fromAnswer';

/** Stands in an example for a value of an earlier answer. */
export function fromAnswer(answer: string, path: string, quoted = false): Json {
  return { [mark]: { answer, path, quoted } };
}

/** The value with every reference replaced by what it refers to. */
export function resolved(value: unknown, read: (from: FromAnswer) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => resolved(part, read));
  if (!isJson(value)) return value;
  const from = value[mark];
  if (isFrom(from)) {
    const found = read(from);
    return from.quoted === true ? `"${found}"` : found;
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part, read)]));
}

/** Every reference in the value. */
export function referencesIn(value: unknown): readonly FromAnswer[] {
  const found: FromAnswer[] = [];
  resolved(value, (from) => found.push(from));
  return found;
}

/** @returns undefined when there is nothing at the path. */
export function readPath(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), value);
}

function isFrom(value: unknown): value is FromAnswer {
  return isJson(value) && typeof value['answer'] === 'string' && typeof value['path'] === 'string';
}
