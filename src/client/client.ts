/** Typed calls of the contract's endpoints over any transport. */
import type { Static, TSchema } from 'typebox';
import type { Endpoint, EndpointLine, EndpointOutput } from '../contract/endpoint.ts';
import type { LineSlice } from '../contract/lists.ts';
import { CoreBgpError } from '../model/errors.ts';
import { misfit } from './shape.ts';
import type { ApiRequest, Transport } from './transport.ts';

type Given<Key extends string, Value> =
  Record<never, never> extends Value ? { readonly [key in Key]?: Value } : { readonly [key in Key]: Value };

/** EndpointInput, but what has nothing required may be left out. */
export type CallInput<E extends Endpoint> = Given<'params', Static<E['params']>> &
  Given<'query', Static<E['query']>> &
  (E['body'] extends TSchema ? { readonly body: Static<E['body']> } : { readonly body?: undefined }) & {
    /** The write succeeds only at this revision of the object. */
    readonly ifMatch?: number;
    /** The write succeeds only if the object does not exist. */
    readonly ifAbsent?: boolean;
  };

export interface Client {
  /**
   * @throws CoreBgpError the server's own code, detail, field and reason; `unavailable` or `timeout` when it can't be
   *   reached (then it may or may not have done it); `internal` when its answer is not what the contract says.
   */
  call<E extends Endpoint>(endpoint: E, input: CallInput<E>, signal: AbortSignal): Promise<EndpointOutput<E>>;
  /**
   * Everything that an endpoint answers in lines, one after the other; no page, no limit.
   * @throws CoreBgpError as `call`; also `unavailable` in the middle, when the answer was cut: what came was not all.
   */
  lines<E extends Endpoint>(endpoint: E, input: CallInput<E>, signal: AbortSignal): AsyncGenerator<EndpointLine<E>>;
  /** The same as it comes in, with its revision and whether it is stale; at least one slice. */
  slices<E extends Endpoint>(
    endpoint: E,
    input: CallInput<E>,
    signal: AbortSignal,
  ): AsyncGenerator<LineSlice<EndpointLine<E>>>;
}

export function createClient(transport: Transport): Client {
  async function* slices<E extends Endpoint>(endpoint: E, input: CallInput<E>, signal: AbortSignal) {
    let rest: number | undefined;
    for await (const slice of transport.lines(requestOf(endpoint, input), signal)) {
      rest = (rest ?? slice.total) - slice.rows.length;
      yield { ...slice, rows: slice.rows.map((row) => checkedLine(endpoint, row)) };
    }
    if (rest === 0) return;
    throw new CoreBgpError('unavailable', `The answer to ${endpoint.id} was cut in the middle; ask again.`);
  }

  return {
    call: async (endpoint, input, signal) => {
      const response = await transport.call(requestOf(endpoint, input), signal);
      return checked(endpoint, response.body);
    },
    slices,
    lines: async function* (endpoint, input, signal) {
      for await (const { rows } of slices(endpoint, input, signal)) yield* rows;
    },
  };
}

function requestOf<E extends Endpoint>(endpoint: E, input: CallInput<E>): ApiRequest {
  const { params = {}, query = {}, body, ifMatch, ifAbsent } = input;
  const request = {
    endpoint: endpoint.id,
    params: asText(params),
    query: asText(query),
    headers: {
      ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
      ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
    },
  };
  return body === undefined ? request : { ...request, body };
}

/** The answer, once it has the shape the contract gives it: another program may listen at that address. */
function checked<E extends Endpoint>(endpoint: E, body: unknown): EndpointOutput<E> {
  if (endpoint.output === undefined) {
    throw new CoreBgpError('internal', `${endpoint.id} answers in lines or messages; read it with lines or stream`);
  }
  checkShape(endpoint, endpoint.output, body);
  // The check has seen the shape that the type is inferred from.
  return body as EndpointOutput<E>;
}

function checkedLine<E extends Endpoint>(endpoint: E, row: unknown): EndpointLine<E> {
  if (endpoint.lines === undefined) throw new CoreBgpError('internal', `${endpoint.id} does not answer in lines`);
  checkShape(endpoint, endpoint.lines, row);
  return row as EndpointLine<E>;
}

function checkShape({ id }: Endpoint, schema: TSchema, value: unknown): void {
  const first = misfit(schema, value);
  if (first === undefined) return;
  const where = first.at === '' ? `it must be ${first.wanted}` : `"${first.at}" must be ${first.wanted}`;
  throw new CoreBgpError(
    'internal',
    `The answer to ${id} is not what CoreBGP's API answers: ${where}. Check that the URL is that of a CoreBGP API server of this version.`,
  );
}

/** Values as text; what is undefined is left out. */
function asText(values: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}
