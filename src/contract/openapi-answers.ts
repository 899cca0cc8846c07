/** The answers in the OpenAPI document: successes with their headers and contents, and every problem with what a server says. */
import { type ErrorCode, errorCodes, isErrorCode } from '../model/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { linesType } from './lists.ts';
import type { Operation, ShownExample } from './openapi.ts';
import { isJson, type Json, type SchemaBook } from './openapi-schemas.ts';
import { recordedAnswers } from './recorded-answers.ts';
import { StreamMessageSchema } from './stream-schema.ts';

/** What every call may answer, beside its own codes. */
const common: readonly ErrorCode[] = ['invalid', 'forbidden', 'limited', 'internal', 'unavailable', 'timeout'];

const problem = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', description: 'urn:corebgp:error: and the code; a word, not a place.' },
    title: { type: 'string', description: 'The code in words.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    code: { type: 'string', enum: Object.keys(errorCodes), description: 'What programs go by.' },
    detail: { type: 'string', description: 'What is wrong, with which object, and what to do.' },
    field: { type: 'string', description: 'Path of the offending field: spec.nextHops[1].address.' },
    reason: { type: 'string', description: 'The reason word, where one applies.' },
    requestId: { type: 'string', description: "The x-request-id: it is in the server's log." },
  },
};

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });
const number = (description: string, example: number) => ({ description, schema: { type: 'integer' }, example });

const headers = {
  'x-request-id': text("The request's own id when it had one, else a new one; it is in the server's log.", '5b1c9d2e'),
  ETag: text('Revision of the object, for If-Match.', '"1042"'),
  'corebgp-stale': {
    ...text('There, and "true", while the store cannot be reached: answered from the cache.', 'true'),
    required: false,
  },
  'corebgp-revision': number('Store revision of metadata and spec of all lines.', 1042),
  'corebgp-total': number('Lines of the whole answer: who got fewer got a part of it.', 2),
  'Retry-After': number('Try again no sooner than this, seconds.', 1),
};
type HeaderName = keyof typeof headers;

const refs = (...names: readonly HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** What the operations refer to. */
export function sharedAnswers(): { readonly schemas: Json; readonly headers: Json; readonly examples: Json } {
  const examples = Object.entries(recordedAnswers).flatMap(([key, { body }]) => {
    const [, code] = /^problem\/(\w+)$/.exec(key) ?? [];
    return isErrorCode(code) ? [[code, { summary: errorCodes[code].title, value: body }]] : [];
  });
  return { schemas: { Problem: problem }, headers, examples: Object.fromEntries(examples) };
}

/** @param shared gets the answers that several operations have, by the name they are referred to. */
export function answersOf(
  rows: Operation,
  shown: readonly ShownExample[],
  book: SchemaBook,
  shared: Map<string, Json>,
): Json {
  const [{ status }] = rows;
  const success = {
    description: rows.map(successText).join(' '),
    headers: refs(
      'x-request-id',
      ...rows.flatMap((row): readonly HeaderName[] => [
        ...(hasRevision(row) ? (['ETag'] as const) : []),
        ...(row.lines === undefined ? [] : (['corebgp-revision', 'corebgp-total'] as const)),
      ]),
      ...(rows.some(isCached) ? (['corebgp-stale'] as const) : []),
    ),
    content: Object.fromEntries(rows.map((row) => contentOf(row, shown, book))),
  };
  return { [String(status)]: success, ...failuresOf(rows, shown, shared) };
}

const isCached = ({ method, permission, output, lines }: Endpoint) =>
  method === 'GET' && permission === 'read' && (output !== undefined || lines !== undefined);

function successText({ output, lines, status }: Endpoint): string {
  if (lines !== undefined) return 'In lines: one JSON object a line.';
  if (output === undefined) return 'Server-sent events, each with a JSON message in data.';
  return status === 201 ? 'Created.' : 'Done.';
}

function contentOf(row: Endpoint, shown: readonly ShownExample[], book: SchemaBook): readonly [string, Json] {
  const own = shown.filter(({ id, status, answer }) => id === row.id && status < 300 && answer !== undefined);
  const examples = (value: (answer: unknown) => unknown) =>
    own.length === 0
      ? {}
      : {
          examples: Object.fromEntries(
            own.map(({ name, summary, answer }) => [name, { summary, value: value(answer) }]),
          ),
        };
  if (row.lines !== undefined) {
    const lines = (answer: unknown) =>
      listOf(answer)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
    return [
      linesType,
      {
        schema: { type: 'string', description: 'One JSON object a line.' },
        // OpenAPI 3.1 has no word for the schema of one line or one event; 3.2 calls it itemSchema.
        'x-itemSchema': book.place(row.lines),
        ...examples(lines),
      },
    ];
  }
  if (row.output === undefined) {
    const events = (answer: unknown) =>
      listOf(answer)
        .map((one) => `data: ${JSON.stringify(one)}\n\n`)
        .join('');
    return [
      'text/event-stream',
      {
        schema: { type: 'string', description: 'Server-sent events; the data of each is one JSON message.' },
        'x-itemSchema': book.place(StreamMessageSchema),
        ...examples(events),
      },
    ];
  }
  return ['application/json', { schema: book.place(row.output), ...examples((answer) => answer) }];
}

/** Those without examples of their own are the same for many operations, and stand in `shared`. */
function failuresOf(rows: Operation, shown: readonly ShownExample[], shared: Map<string, Json>): Json {
  const codes = new Set<ErrorCode>(rows.flatMap(({ errors }) => [...errors]));
  for (const code of common) codes.add(code);
  if (rows.some(({ body }) => body !== undefined)) codes.add('tooLarge').add('unsupportedMediaType');
  if (rows.length > 1) codes.add('notAcceptable');
  const byStatus = new Map<number, readonly ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const own = shown.filter(({ status, answer }) => status >= 400 && answer !== undefined);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, words]) => {
        const ownExamples = own.filter((one) => one.status === status);
        if (ownExamples.length > 0) return [String(status), problemAnswer(status, words, ownExamples)];
        const name = words.join('-');
        shared.set(name, problemAnswer(status, words, []));
        return [String(status), { $ref: `#/components/responses/${name}` }];
      }),
  );
}

function problemAnswer(status: number, words: readonly ErrorCode[], own: readonly ShownExample[]): Json {
  const general = words
    .filter((code) => recordedAnswers[`problem/${code}`] !== undefined)
    .map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  const special = own.map(({ name, summary, answer }) => [name, { summary, value: answer }]);
  return {
    description: words.map((code) => `${code}: ${errorCodes[code].title}.`).join(' '),
    headers: refs('x-request-id', ...(status === 429 || status >= 503 ? (['Retry-After'] as const) : [])),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries([...general, ...special]),
      },
    },
  };
}

/** Answers with an object have its revision as their ETag. */
function hasRevision({ output }: Endpoint): boolean {
  const shape: unknown = output === undefined ? undefined : JSON.parse(JSON.stringify(output));
  const branches = isJson(shape) && Array.isArray(shape['anyOf']) ? shape['anyOf'] : [shape];
  return branches.some((one) => {
    const { metadata } = Object(Object(one)['properties']);
    return isJson(metadata) && isJson(metadata['properties']) && 'revision' in metadata['properties'];
  });
}

const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);
