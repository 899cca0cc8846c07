/** From a request to its endpoint: admitted input in, output or an error out. The same for every adapter. */
import { setMaxListeners } from 'node:events';
import { type Endpoint, isEndpoint } from '../contract/endpoint.ts';
import { endpoints } from '../contract/endpoints.ts';
import { type LineSlice, linesType } from '../contract/lists.ts';
import type { StreamMessage } from '../contract/stream.ts';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import { admit, convertQuery } from './admit.ts';
import type { CacheMessage } from './cached.ts';
import type { ApiContext, LinesOf, LineTexts } from './context.ts';
import { streamMessage } from './frames.ts';
import { routes } from './routes.ts';

/** The same shape as client/transport.ts, which the API must not know. */
export interface ApiRequest {
  /** Id of the endpoint. */
  readonly endpoint: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In every line that is logged for it. */
  readonly requestId?: string;
}

export interface Dispatch {
  /** @throws CoreBgpError always of that kind, but for the signal's own reason. */
  call(request: ApiRequest, signal: AbortSignal): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Gives at least one slice. Ends by throwing unless it is complete. */
  lines(request: ApiRequest, signal: AbortSignal): AsyncGenerator<LineSlice, void>;
  /** The same, encoded. */
  lineTexts(request: ApiRequest, signal: AbortSignal): AsyncGenerator<LineTexts, void>;
  /** Ends by throwing, unless the signal is aborted. */
  stream(request: ApiRequest, signal: AbortSignal): AsyncGenerator<StreamMessage, void>;
  /** The same, not yet encoded; ends after a message of type `error`. */
  messages(request: ApiRequest, signal: AbortSignal): AsyncGenerator<CacheMessage, void>;
}

type Run = (context: ApiContext, input: unknown, signal: AbortSignal) => unknown;
interface Route {
  readonly endpoint: Endpoint;
  readonly run: Run;
}

export const routeTable: ReadonlyMap<string, Route> = tableOf(endpoints, routes);

export function createDispatch(context: ApiContext): Dispatch {
  const call = async (request: ApiRequest, signal: AbortSignal) => {
    const { endpoint, run } = routeOf(request);
    const input = inputOf(endpoint, request);
    const own = ownContext(context, request);
    if (endpoint.output === undefined) throw new CoreBgpError('internal', `${endpoint.id} answers a stream`);
    // A role within this process may make many calls at a time under its one signal: that is no leak.
    setMaxListeners(0, signal);
    try {
      const body = await withDeadline(context.clock, endpoint.answerWithinMs, endpoint.id, signal, async (inner) =>
        run(own, input, inner),
      );
      return { status: endpoint.status, body };
    } catch (caught) {
      throw failure(own, endpoint, caught, signal);
    }
  };

  async function* linesBy<Slice>(
    request: ApiRequest,
    form: (source: LinesOf<unknown>) => AsyncGenerator<Slice, void>,
    signal: AbortSignal,
  ): AsyncGenerator<Slice, void> {
    const { endpoint, run } = routeOf(request);
    const own = ownContext(context, request);
    try {
      if (endpoint.lines === undefined) throw new CoreBgpError('internal', `${endpoint.id} does not answer in lines`);
      refusePaging(request);
      const source = run(own, inputOf(endpoint, request), signal);
      if (!isLines(source)) throw new CoreBgpError('internal', `${endpoint.id} gives no lines`);
      yield* form(source);
    } catch (caught) {
      throw failure(own, endpoint, caught, signal);
    }
  }

  const lines = (request: ApiRequest, signal: AbortSignal) =>
    linesBy(request, (source) => source.objects(signal), signal);

  const lineTexts = (request: ApiRequest, signal: AbortSignal) =>
    linesBy(request, (source) => source.texts(signal), signal);

  async function* messages(request: ApiRequest, signal: AbortSignal): AsyncGenerator<CacheMessage, void> {
    const { endpoint, run } = routeOf(request);
    const own = ownContext(context, request);
    try {
      const source = run(own, inputOf(endpoint, request), signal);
      if (!isMessages(source)) throw new CoreBgpError('internal', `${endpoint.id} is no stream`);
      yield* source;
    } catch (caught) {
      throw failure(own, endpoint, caught, signal);
    }
  }

  async function* stream(request: ApiRequest, signal: AbortSignal): AsyncGenerator<StreamMessage, void> {
    for await (const message of messages(request, signal)) yield streamMessage(message);
    if (!signal.aborted) throw new CoreBgpError('unavailable', 'The server ended the watch stream; connect again.');
  }

  return { call, lines, lineTexts, stream, messages };
}

/** The same, but that what it logs names the request. */
function ownContext(context: ApiContext, { requestId }: ApiRequest): ApiContext {
  return requestId === undefined ? context : { ...context, log: context.log.child({ requestId }) };
}

function routeOf({ endpoint }: ApiRequest): Route {
  const route = routeTable.get(endpoint);
  if (route !== undefined) return route;
  throw new CoreBgpError('notFound', `There is no endpoint "${endpoint}".`);
}

/** The other answer at the same path takes these, so that they are asked for here too. */
function refusePaging({ query }: ApiRequest): void {
  for (const field of ['limit', 'continue']) {
    if (query[field] === undefined) continue;
    throw new CoreBgpError(
      'invalid',
      `The query parameter ${field} does not go with Accept: ${linesType}, which answers everything; leave one of them out.`,
      { field },
    );
  }
}

function inputOf(endpoint: Endpoint, request: ApiRequest): unknown {
  const { params, headers, body } = request;
  admit(endpoint.params, params, 'The path', 'In the path, ');
  const query = convertQuery(endpoint.query, request.query);
  admit(endpoint.query, query, 'The query', 'Query parameter ');
  if (endpoint.body === undefined) {
    if (body !== undefined) throw new CoreBgpError('invalid', `${endpoint.method} ${endpoint.path} takes no body.`);
  } else {
    if (body === undefined) throw new CoreBgpError('invalid', `${endpoint.method} ${endpoint.path} needs a JSON body.`);
    admit(endpoint.body, body, 'The body');
  }
  return { params, query, body, ...conditionsOf(endpoint, headers) };
}

function conditionsOf(endpoint: Endpoint, headers: Readonly<Record<string, string>>) {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (!endpoint.conditional) {
    if (endpoint.method === 'GET' || (match === undefined && noneMatch === undefined)) return {};
    throw new CoreBgpError('invalid', `${endpoint.method} ${endpoint.path} takes no If-Match and no If-None-Match.`);
  }
  return {
    ...(match === undefined ? {} : { ifMatch: revisionOf(match) }),
    ...(noneMatch === undefined ? {} : { ifAbsent: isStar(noneMatch) }),
  };
}

function revisionOf(match: string): number {
  const [, revision] = /^"(\d{1,15})"$/.exec(match.trim()) ?? [];
  if (revision !== undefined) return Number(revision);
  throw new CoreBgpError('invalid', `If-Match must be a revision in quotes, as in the ETag: "42"; not ${match}.`, {
    field: 'If-Match',
  });
}

function isStar(noneMatch: string): true {
  if (noneMatch.trim() === '*') return true;
  throw new CoreBgpError('invalid', `If-None-Match may only be * (the object must not exist); not ${noneMatch}.`, {
    field: 'If-None-Match',
  });
}

function failure(context: ApiContext, { id }: Endpoint, caught: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && caught === signal.reason) return caught;
  const error = toCoreBgpError(caught, id);
  if (error.code === 'internal') {
    const { stack } = caught instanceof Error ? caught : error;
    context.log.error({ endpoint: id, detail: error.message, stack }, 'an endpoint failed');
  }
  return error;
}

/** The table of endpoints and the table of functions have the same shape; the compiler has seen to it. */
function tableOf(rows: object, functions: object): ReadonlyMap<string, Route> {
  const table = new Map<string, Route>();
  for (const [key, row] of Object.entries(rows)) {
    const own: unknown = Reflect.get(functions, key);
    if (isEndpoint(row)) {
      if (!isRun(own)) throw new CoreBgpError('internal', `no function answers ${row.id}`);
      table.set(row.id, { endpoint: row, run: own });
    } else if (typeof own === 'object' && own !== null) {
      for (const [id, route] of tableOf(row, own)) table.set(id, route);
    }
  }
  return table;
}

function isRun(value: unknown): value is Run {
  return typeof value === 'function';
}

function isLines(value: unknown): value is LinesOf<unknown> {
  return typeof value === 'object' && value !== null && 'objects' in value && 'texts' in value;
}

function isMessages(value: unknown): value is AsyncGenerator<CacheMessage, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
