/** The transport over HTTP: keep-alive connections, deadlines, problem+json, and server-sent events. */
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import type { Endpoint } from '../contract/endpoint.ts';
import { endpoints } from '../contract/endpoints.ts';
import { type LineSlice, linesType } from '../contract/lists.ts';
import type { StreamMessage } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import { createLineReader, type LineReader } from './line-reader.ts';
import { problemFrom } from './problem.ts';
import { createEventReader } from './stream-reader.ts';
import type { ApiRequest, ApiResponse, Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** `http://127.0.0.1:8080`, `https://api.example:8443/base`. */
  readonly url: string;
  readonly clock: Clock;
  /** Most time a call, or the start of a stream, may take, milliseconds. Default: what the endpoint may take, and a second. */
  readonly timeoutMs?: number;
  /** A stream, or a list in lines, without a byte for so long is given up as half-open, milliseconds. Default 15,000; bookmarks come every 5 s. */
  readonly silenceMs?: number;
  /** PEM; default: the system's. */
  readonly ca?: string;
}

export interface HttpTransport extends Transport {
  /** Ends idle connections; calls in flight go on. */
  close(): void;
}

/** For the way there and back, beside what the server may take, milliseconds: so that its own word on it arrives. */
const beyondServerMs = 1_000;
/** Largest answer that is read, bytes. */
const mostBytes = 256 * 1024 * 1024;

/** Of an answer that is read as it comes. */
interface Part {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** @throws CoreBgpError `invalid` when the URL is none of http or https. */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { clock, timeoutMs, silenceMs = 15_000 } = options;
  const timeoutOf = ({ answerWithinMs }: Endpoint) => timeoutMs ?? answerWithinMs + beyondServerMs;
  const base = parseBase(options.url);
  // TLS takes a while to load, and most API servers are the node's own.
  const secure = base.protocol === 'https:' ? process.getBuiltinModule('node:https') : undefined;
  const agentOptions = { keepAlive: true, maxSockets: 256, maxFreeSockets: 16 };
  const agent = secure
    ? new secure.Agent({ ...agentOptions, ...(options.ca === undefined ? {} : { ca: options.ca }) })
    : new Agent(agentOptions);

  /** Sends, and resolves with the head of the answer. Aborting destroys the connection. */
  const send = (endpoint: Endpoint, request: ApiRequest, accept: string, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const url = urlOf(base, endpoint, request);
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      const headers = {
        ...request.headers,
        accept,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      };
      const start = secure?.request ?? requestHttp;
      const attempt = (again: boolean) => {
        const outgoing: ClientRequest = start(url, { method: endpoint.method, headers, agent });
        let incoming: IncomingMessage | undefined;
        let connected = false;
        outgoing.once('socket', (socket) => {
          const event = secure ? 'secureConnect' : 'connect';
          const note = () => {
            connected = true;
          };
          socket.once(event, note);
          // A kept connection has been connected before, and would gather one of these with each call.
          outgoing.once('close', () => socket.removeListener(event, note));
        });
        // By hand: of an answer that has arrived but was not read to its end, aborting by `signal` throws at nobody.
        const stop = () => {
          incoming?.destroy();
          outgoing.destroy(new CoreBgpError('unavailable', 'the call was given up'));
        };
        signal.addEventListener('abort', stop, { once: true });
        outgoing.once('close', () => signal.removeEventListener('abort', stop));
        if (signal.aborted) stop();
        outgoing.on('response', (response) => {
          incoming = response;
          // Whoever reads it sees the error; one that nobody reads any more must not end the process.
          response.on('error', () => undefined);
          resolve(response);
        });
        outgoing.on('error', (error) => {
          const { reusedSocket } = outgoing;
          // The server closed an idle connection just as it was used. Only what reads is repeated: a write may have been
          // done, and would then be refused for its condition, or find nothing to delete, though it succeeded.
          if (again && reusedSocket && endpoint.method === 'GET' && !signal.aborted) attempt(false);
          else reject(reusedSocket || connected ? brokenOff(base, endpoint, error) : unreachable(base, error));
        });
        outgoing.end(body);
      };
      attempt(true);
    });

  const call = async (request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> => {
    const endpoint = endpointOf(request);
    return await withDeadline(clock, timeoutOf(endpoint), `${endpoint.id} at ${base.origin}`, signal, async (inner) => {
      const response = await send(endpoint, request, 'application/json', inner);
      const text = await readText(base, endpoint, response);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw problemFrom(base.origin, endpoint.id, status, response.headers, text);
      return { status, body: parseJson(base, text) };
    });
  };

  /** The head of the answer, then its body as it comes. A body that breaks off, or is silent for too long, throws. */
  async function* open(request: ApiRequest, accept: string, signal: AbortSignal): AsyncGenerator<Part, void> {
    const endpoint = endpointOf(request);
    const controller = new AbortController();
    const pass = () => controller.abort(signal.reason);
    if (signal.aborted) pass();
    signal.addEventListener('abort', pass, { once: true });
    let response: IncomingMessage | undefined;
    try {
      const doing = `${endpoint.id} at ${base.origin}`;
      const within = timeoutOf(endpoint);
      const answer = await withDeadline(clock, within, doing, controller.signal, () =>
        send(endpoint, request, accept, controller.signal),
      );
      response = answer;
      const status = answer.statusCode ?? 0;
      if (status !== 200) {
        const text = await withDeadline(clock, within, doing, controller.signal, () =>
          readText(base, endpoint, answer),
        );
        throw problemFrom(base.origin, endpoint.id, status, answer.headers, text);
      }
      const { headers } = answer;
      yield { headers, text: '' };
      const chunks = answer.setEncoding('utf8')[Symbol.asyncIterator]();
      while (true) {
        // Only waiting counts as silence, not the time the consumer takes.
        const cancel = clock.after(silenceMs, () => controller.abort(silent(base, endpoint, silenceMs)));
        const chunk = await chunks
          .next()
          .catch((error: unknown) => {
            controller.signal.throwIfAborted();
            throw unreachable(base, error);
          })
          .finally(cancel);
        if (chunk.done === true) break;
        yield { headers, text: String(chunk.value) };
      }
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', pass);
      // The connection of an answer that has come whole goes back to the agent: to destroy it then is nobody's error to hear.
      if (response?.complete === true) response.resume();
      else controller.abort();
    }
  }

  async function* stream(request: ApiRequest, signal: AbortSignal): AsyncGenerator<StreamMessage> {
    const reader = createEventReader(base.origin);
    for await (const { text } of open(request, 'text/event-stream', signal)) yield* reader(text);
    throw new CoreBgpError('unavailable', `The API server at ${base.origin} ended the watch stream.`);
  }

  async function* lines(request: ApiRequest, signal: AbortSignal): AsyncGenerator<LineSlice> {
    let reader: LineReader | undefined;
    for await (const { headers, text } of open(request, linesType, signal)) {
      reader ??= createLineReader(base.origin, headers);
      yield reader.read(text);
    }
    reader?.end();
  }

  return { call, lines, stream, close: () => agent.destroy() };
}

const byId = new Map<string, Endpoint>();
for (const row of Object.values(endpoints)) {
  for (const endpoint of 'id' in row ? [row] : Object.values(row)) byId.set(endpoint.id, endpoint);
}

function endpointOf(request: ApiRequest): Endpoint {
  const endpoint = byId.get(request.endpoint);
  if (endpoint === undefined) throw new CoreBgpError('internal', `there is no endpoint "${request.endpoint}"`);
  return endpoint;
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CoreBgpError('invalid', `"${text}" is no URL of an API server; write it as in "http://127.0.0.1:8080".`);
  }
  return url;
}

function urlOf(base: URL, endpoint: Endpoint, request: ApiRequest): URL {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = request.params[name];
    if (value === undefined) throw new CoreBgpError('invalid', `${endpoint.id} needs "${name}"`, { field: name });
    return encodeURIComponent(value);
  });
  const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
  url.search = new URLSearchParams(request.query).toString();
  return url;
}

async function readText(base: URL, endpoint: Endpoint, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > mostBytes) throw new CoreBgpError('tooLarge', `The answer of ${base.origin} is above 256 MiB.`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw brokenOff(base, endpoint, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(base: URL, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CoreBgpError(
      'internal',
      `${base.origin} answered something that is not JSON. Is it a CoreBGP API server?`,
      {
        cause,
      },
    );
  }
}

function unreachable(base: URL, cause: unknown): CoreBgpError {
  if (cause instanceof CoreBgpError) return cause;
  return new CoreBgpError(
    'unavailable',
    `The API server at ${base.origin} can't be reached: ${whyOf(cause)}. Check that it runs ("corebgp up" or "corebgp api") and that the URL is right.`,
    { cause },
  );
}

/** The connection was there, and no whole answer came: the server may have done what it was asked to. */
function brokenOff(base: URL, endpoint: Endpoint, cause: unknown): CoreBgpError {
  if (cause instanceof CoreBgpError) return cause;
  if (endpoint.method === 'GET') return unreachable(base, cause);
  return new CoreBgpError(
    'unavailable',
    `The API server at ${base.origin} broke off before it had answered ${endpoint.id}: ${whyOf(cause)}. It may or may not have happened; look at what is there now before you repeat it.`,
    { cause },
  );
}

function whyOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

function silent(base: URL, { id }: Endpoint, ms: number): CoreBgpError {
  return new CoreBgpError('unavailable', `The answer of ${base.origin} to ${id} was silent for ${ms} ms; ask again.`);
}
