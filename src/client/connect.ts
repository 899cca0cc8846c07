/** The client as a library: every endpoint of the contract's table as a function of one object, and streams beside them. */
import { type Endpoint, isEndpoint } from '../contract/endpoint.ts';
import { endpoints } from '../contract/endpoints.ts';
import type { Collection } from '../model/resource.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { systemRandom } from '../runtime/random.ts';
import { silentLog } from '../runtime/silent-log.ts';
import { callInput } from './call-input.ts';
import type { CoreBgpCalls } from './calls.ts';
import { createClient } from './client.ts';
import { createHttpTransport } from './http.ts';
import { createMirror, type Mirror } from './mirror.ts';

/** Where the server is, and how to reach it. */
export interface ConnectOptions {
  /** `http://127.0.0.1:8080`, `https://api.example:8443/base`. */
  readonly url: string;
  /** Most time a call, or the start of a stream, may take, milliseconds. Default: what the call may take at the server, and a second. */
  readonly timeoutMs?: number;
  /** Certificates of authorities to trust, PEM. Default: the system's. */
  readonly ca?: string;
}

/** What a mirror copies. */
export interface MirrorChoice {
  readonly collections: readonly Collection[];
  /** Gets told when the stream breaks and when it is there again. Default: nobody. */
  readonly log?: Log;
}

/** Every call throws CoreBgpError: the server's own code, detail, field and reason, or `unavailable`, `timeout`. */
export interface CoreBgpClient extends CoreBgpCalls {
  /** A copy of some collections that follows the server until it is closed; it connects again by itself. */
  mirror(choice: MirrorChoice): Mirror;
  /** Ends idle connections; calls in flight go on. */
  close(): void;
}

/**
 * Connects when the first call is made.
 * @throws CoreBgpError `invalid` when the URL is none of http or https.
 */
export function connect(options: ConnectOptions): CoreBgpClient {
  const transport = createHttpTransport({ ...options, clock: systemClock });
  const client = createClient(transport);

  const callOf = (endpoint: Endpoint) => (given: unknown) => {
    const { input, signal } = callInput(endpoint, given);
    if (endpoint.output !== undefined) return client.call(endpoint, input, signal);
    if (endpoint.lines !== undefined) return client.lines(endpoint, input, signal);
    const query = Object.entries(input.query ?? {}).map(([name, value]) => [name, String(value)]);
    return transport.stream(
      { endpoint: endpoint.id, params: {}, query: Object.fromEntries(query), headers: {} },
      signal,
    );
  };
  const calls = (table: object): object =>
    Object.fromEntries(
      Object.entries(table).map(([name, row]) => [name, isEndpoint(row) ? callOf(row) : calls(row)] as const),
    );

  // The types of the calls are printed from the table that they are made of.
  const made = calls(endpoints) as CoreBgpCalls;
  return {
    ...made,
    mirror: ({ collections, log = silentLog }) =>
      createMirror({ transport, collections, clock: systemClock, random: systemRandom, log }),
    close: () => transport.close(),
  };
}
