/** The OpenAPI 3.1 document, made of the table of endpoints: nothing in it is written by hand. */
import type { TSchema } from 'typebox';
import { type ErrorCode, errorCodes } from '../model/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';

type Json = Readonly<Record<string, unknown>>;

/** What every call may answer, beside its own codes. */
const common: readonly ErrorCode[] = ['invalid', 'forbidden', 'internal', 'unavailable', 'timeout'];

const problem = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(errorCodes) },
    detail: { type: 'string', description: 'What is wrong, with which object, and what to do.' },
    field: { type: 'string', description: 'Path of the offending field: spec.nextHops[1].address.' },
    reason: { type: 'string', description: 'The reason word, where one applies.' },
  },
};

/** @param version of CoreBGP. @returns plain JSON, the same for the same version. */
export function openapiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of allEndpoints(endpoints)) {
    const { path, method } = endpoint;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'CoreBGP',
      version,
      description: 'Manages BGP announcements: prefixes, the next hops that serve them, and how those are checked.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas: { Problem: problem } },
  };
}

/** Every row of the table, in its order. */
export function allEndpoints(table: object): readonly Endpoint[] {
  return Object.values(table).flatMap((row: object): readonly Endpoint[] =>
    isEndpoint(row) ? [row] : allEndpoints(row),
  );
}

function isEndpoint(row: object): row is Endpoint {
  return 'method' in row && 'permission' in row;
}

function operation(endpoint: Endpoint): Json {
  const { id, summary, permission, params, query, body, conditional } = endpoint;
  const parameters = [
    ...parametersOf('path', params),
    ...parametersOf('query', query),
    ...(conditional ? conditionParameters : []),
  ];
  return {
    operationId: id,
    summary,
    tags: [id.split('.')[0]],
    'x-permission': permission,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: plain(body) } } } }),
    responses: responsesOf(endpoint),
  };
}

const conditionParameters = [
  {
    name: 'If-Match',
    in: 'header',
    schema: { type: 'string', pattern: '^"\\d+"$' },
    description: 'The write succeeds only at this revision of the object: its ETag.',
  },
  {
    name: 'If-None-Match',
    in: 'header',
    schema: { type: 'string', const: '*' },
    description: 'The write succeeds only if the object does not exist.',
  },
];

function parametersOf(place: 'path' | 'query', schema: TSchema): readonly Json[] {
  const shape = plain(schema);
  const required = new Set(Array.isArray(shape['required']) ? shape['required'] : []);
  return Object.entries(Object(shape['properties'])).map(([name, part]) => {
    const { description, ...rest } = Object(part);
    const about = description === undefined ? {} : { description };
    return { name, in: place, required: required.has(name), ...about, schema: rest };
  });
}

function responsesOf({ output, status, errors }: Endpoint): Json {
  const success =
    output === undefined
      ? {
          description: 'Server-sent events, each with a JSON message in data.',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        }
      : { description: 'Done.', content: { 'application/json': { schema: plain(output) } } };
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...errors, ...common])) {
    const own = errorCodes[code].status;
    byStatus.set(own, [...(byStatus.get(own) ?? []), code]);
  }
  const failures = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([code, words]) => [
      String(code),
      {
        description: words.join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]);
  return { [String(status)]: success, ...Object.fromEntries(failures) };
}

/** Typebox keeps its own marks in properties that JSON leaves out. */
function plain(schema: TSchema): Json {
  return JSON.parse(JSON.stringify(schema));
}
