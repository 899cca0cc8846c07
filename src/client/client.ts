/** Typed calls of the contract's endpoints over any transport. */
import type { Static, TSchema } from 'typebox';
import type { Endpoint, EndpointOutput } from '../contract/endpoint.ts';
import { CoreBgpError } from '../model/errors.ts';
import { misfit } from './shape.ts';
import type { Transport } from './transport.ts';

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
}

export function createClient(transport: Transport): Client {
  return {
    call: async <E extends Endpoint>(endpoint: E, input: CallInput<E>, signal: AbortSignal) => {
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
      const response = await transport.call(body === undefined ? request : { ...request, body }, signal);
      return checked(endpoint, response.body);
    },
  };
}

/** The answer, once it has the shape the contract gives it: another program may listen at that address. */
function checked<E extends Endpoint>(endpoint: E, body: unknown): EndpointOutput<E> {
  if (endpoint.output === undefined) {
    throw new CoreBgpError('internal', `${endpoint.id} answers a stream; use the transport's stream`);
  }
  const first = misfit(endpoint.output, body);
  // The check has seen the shape that the type is inferred from.
  if (first === undefined) return body as EndpointOutput<E>;
  const where = first.at === '' ? `it must be ${first.wanted}` : `"${first.at}" must be ${first.wanted}`;
  throw new CoreBgpError(
    'internal',
    `The answer to ${endpoint.id} is not what CoreBGP's API answers: ${where}. Check that the URL is that of a CoreBGP API server of this version.`,
  );
}

/** Values as text; what is undefined is left out. */
function asText(values: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}
