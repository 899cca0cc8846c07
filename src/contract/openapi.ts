/** The OpenAPI 3.1 document, made of the table of endpoints, their examples and what a server answered to them. */
import type { TSchema } from 'typebox';
import { type Endpoint, isEndpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { type Example, readPath, resolved } from './example.ts';
import { examples } from './examples.ts';
import { answersOf, sharedAnswers } from './openapi-answers.ts';
import { createSchemaBook, type Json, type SchemaBook } from './openapi-schemas.ts';
import { tagOf, tagsOf } from './openapi-tags.ts';
import { recordedAnswers } from './recorded-answers.ts';

const description = `Manages BGP announcements: prefixes, the next hops that serve them, and how those are checked.

Every error is an \`application/problem+json\` (RFC 9457) with a code, the offending field and what to do. Every answer
has an \`x-request-id\`: that of the request when it had one, else a new one; the server logs it. Unknown fields and
unknown query parameters are errors. There is no access control yet: the server listens on loopback addresses only.
A method that a path does not have is answered 405 with \`Allow\`.`;

/** @param version of CoreBGP. @returns plain JSON, the same for the same version. */
export function openapiDocument(version: string): Json {
  const book = createSchemaBook();
  const responses = new Map<string, Json>();
  const rows = allEndpoints(endpoints);
  const paths: Record<string, Record<string, Json>> = {};
  for (const group of operationsOf(rows)) {
    const [{ path, method }] = group;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(group, book, responses) };
  }
  const shared = sharedAnswers();
  return {
    openapi: '3.1.0',
    info: {
      title: 'CoreBGP',
      version,
      summary: 'Keeps BGP speakers announcing exactly the healthy next hops of what users declared.',
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The server that this document comes from; by default http://127.0.0.1:8080.' }],
    tags: tagsOf(rows),
    paths,
    components: {
      schemas: { ...book.components(), ...shared.schemas },
      responses: Object.fromEntries(responses),
      headers: shared.headers,
      examples: shared.examples,
    },
  };
}

/** Every row of the table, in its order. */
export function allEndpoints(table: object): readonly Endpoint[] {
  return Object.values(table).flatMap((row: object): readonly Endpoint[] =>
    isEndpoint(row) ? [row] : allEndpoints(row),
  );
}

/** Rows of one method and path, which the Accept header chooses between, are one operation; the first gives its name. */
export type Operation = readonly [Endpoint, ...Endpoint[]];

export function operationsOf(rows: readonly Endpoint[]): readonly Operation[] {
  const groups = new Map<string, Operation>();
  for (const row of rows) {
    const key = `${row.method} ${row.path}`;
    const group = groups.get(key);
    groups.set(key, group === undefined ? [row] : [...group, row]);
  }
  return [...groups.values()];
}

function operation(rows: Operation, book: SchemaBook, responses: Map<string, Json>): Json {
  const [first] = rows;
  const { id, summary, permission, body } = first;
  const own = rows.flatMap((row) => shownExamples(row.id));
  const parameters = [
    ...parametersOf('path', first.params, own, book),
    ...parametersOf('query', mergedQuery(rows), own, book),
    ...(rows.some(({ conditional }) => conditional) ? conditionParameters(own) : []),
  ];
  const withBody = own.filter((one) => one.body !== undefined);
  return {
    operationId: id,
    summary,
    tags: [tagOf(first)],
    'x-permission': permission,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              first.bodyTypes.map((type) => [
                type,
                {
                  schema: book.place(body),
                  ...(withBody.length === 0 ? {} : { examples: named(withBody, (one) => one.body) }),
                },
              ]),
            ),
          },
        }),
    responses: answersOf(rows, own, book, responses),
  };
}

/** An example as the document shows it: what it takes from earlier answers is filled in. */
export interface ShownExample extends Example {
  /** Of the endpoint. */
  readonly id: string;
  readonly answer: unknown;
}

function shownExamples(id: string): readonly ShownExample[] {
  return (examples[id] ?? []).map((example) => {
    const shown = (value: unknown) =>
      resolved(value, ({ answer, path }) => readPath(recordedAnswers[answer]?.body, path) ?? '');
    const { params, query, headers, body, ...rest } = example;
    const shownPart = (key: string, value: unknown) => (value === undefined ? {} : { [key]: shown(value) });
    return {
      ...rest,
      ...shownPart('params', params),
      ...shownPart('query', query),
      ...shownPart('headers', headers),
      ...shownPart('body', body),
      id,
      answer: recordedAnswers[`${id}/${example.name}`]?.body,
    };
  });
}

/** OpenAPI's map of examples. */
export function named(shown: readonly ShownExample[], value: (one: ShownExample) => unknown): Json {
  return Object.fromEntries(shown.map((one) => [one.name, { summary: one.summary, value: value(one) }]));
}

function mergedQuery([first, ...others]: Operation): TSchema {
  // The row with an output takes more parameters than its twin in lines, never fewer.
  return others.reduce<TSchema>(
    (widest, { query }) =>
      Object.keys(query.properties).length > Object.keys(propertiesOf(widest)).length ? query : widest,
    first.query,
  );
}

function propertiesOf(schema: TSchema): object {
  return 'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null
    ? schema.properties
    : {};
}

function parametersOf(
  place: 'path' | 'query',
  schema: TSchema,
  shown: readonly ShownExample[],
  book: SchemaBook,
): readonly Json[] {
  const required = new Set('required' in schema && Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(propertiesOf(schema)).map(([name, part]: [string, TSchema]) => {
    const about = 'description' in part ? { description: part.description } : {};
    const valuesIn = shown.filter((one) => one[place === 'path' ? 'params' : 'query']?.[name] !== undefined);
    const [example] = valuesIn.filter(({ status }) => status < 300);
    const value = example?.[place === 'path' ? 'params' : 'query']?.[name];
    return {
      name,
      in: place,
      required: required.has(name),
      ...about,
      schema: book.place(part),
      ...(value === undefined ? {} : { example: typed(part, value) }),
    };
  });
}

/** In a query everything is text; in the document it has the type of its schema. */
function typed(schema: TSchema, value: unknown): unknown {
  const type = 'type' in schema ? schema.type : undefined;
  if (type === 'integer' || type === 'number') return Number(value);
  return type === 'boolean' ? value === 'true' : value;
}

function conditionParameters(shown: readonly ShownExample[]): readonly Json[] {
  const tag = shown.find(({ headers, status }) => status < 300 && headers?.['if-match'] !== undefined)?.headers?.[
    'if-match'
  ];
  return [
    {
      name: 'If-Match',
      in: 'header',
      required: false,
      description: 'The write succeeds only at this revision of the object: its ETag.',
      schema: { type: 'string', pattern: '^"\\d{1,15}"$' },
      ...(tag === undefined ? {} : { example: tag }),
    },
    {
      name: 'If-None-Match',
      in: 'header',
      required: false,
      description: 'The write succeeds only if the object does not exist.',
      schema: { type: 'string', const: '*' },
    },
  ];
}
