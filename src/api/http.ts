/** The API over HTTP: Fastify routes made of the contract's table. It only translates; dispatch does the work. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Endpoint, jsonType, mergePatchType, mostBodyBytes } from '../contract/endpoint.ts';
import { CoreBgpError } from '../model/errors.ts';
import { watchLateness } from '../runtime/lateness.ts';
import { formFor } from './accept.ts';
import type { ApiContext } from './context.ts';
import { createGate, firstThrough, type Gate, isCostly } from './costly.ts';
import { type Dispatch, routeTable } from './dispatch.ts';
import { addDocsPage } from './docs-page.ts';
import { createEventStreams, type EventStreams } from './event-stream.ts';
import { createInFlight, limitConnections } from './http-load.ts';
import type { HttpMetrics } from './http-metrics.ts';
import { nothingAt, requestId, requestOf, resumed } from './http-request.ts';
import { parseBody } from './json.ts';
import { serveLines } from './line-stream.ts';
import { type ListenAddress, refuseForeign } from './loopback.ts';
import { methodsOf } from './paths.ts';
import { type Problem, problemOf, problemType, unsupportedBody } from './problem.ts';
import { createShedding, defaultSheddingLimits } from './shedding.ts';
import { answerUnparsed } from './unparsed.ts';

export interface HttpServer {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Ends the streams, lets calls in flight finish for a moment, then closes every connection. */
  close(): Promise<void>;
}

/** How long calls in flight get to finish when the server closes, milliseconds. */
const finishWithinMs = 2_000;

/** Twice the watch streams that the cache allows, so that people and calls always find room beside them. */
export const defaultMostConnections = 4_096;
/** Requests being answered at a time, watch streams and the calls of monitoring aside. */
export const mostRequestsInFlight = 1_024;
/** How long a client may take to send headers, and the whole request; and a connection may be idle; milliseconds. */
export const httpTimes = { headersMs: 10_000, requestMs: 30_000, idleMs: 60_000 };
/** An answer that took longer is logged as slow, milliseconds. */
const slowMs = 1_000;
export interface HttpLimits {
  /** Open at a time; a further one is closed unanswered, and logged. */
  readonly mostConnections: number;
  /** Requests being answered at a time; a further one is answered `limited`. */
  readonly mostInFlight: number;
  /** Lateness of the event loop above which people's reads are answered `limited`, milliseconds. */
  readonly mostLateMs: number;
}

/**
 * @throws CoreBgpError `unavailable` with field `api.listen` when the address can't be listened on.
 */
export async function serveHttp(
  context: ApiContext,
  dispatch: Dispatch,
  metrics: HttpMetrics,
  listen: ListenAddress,
  { mostConnections, mostInFlight, mostLateMs }: HttpLimits,
): Promise<HttpServer> {
  const { clock, log } = context;
  const streams = createEventStreams(clock, (why) => metrics.streamCut(why));
  const lateness = watchLateness(clock);
  const shedding = { ...defaultSheddingLimits, lateMs: mostLateMs };
  const gate = createGate(clock, () => metrics.shed('reads'));
  const shed = createShedding(context, () => metrics.shed('late'), shedding);
  const requests = createInFlight(mostInFlight, lateness, shed, gate, clock);
  const server = createServer(context, dispatch, metrics, streams, requests, gate);
  const connections = limitConnections(server, context, metrics, mostConnections);
  metrics.serving(() => ({ inFlight: requests.count(), connections: connections(), lateMs: lateness.ms() }));
  let url: string;
  try {
    url = await server.listen(listen);
  } catch (cause) {
    lateness.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CoreBgpError('unavailable', `The API can't listen on ${listen.host}:${listen.port}: ${why}.`, {
      field: 'api.listen',
      cause,
    });
  }
  log.info({ url }, 'the API listens');
  return {
    url,
    close: async () => {
      streams.close();
      lateness.close();
      const cancel = clock.after(finishWithinMs, () => server.server.closeAllConnections());
      try {
        await server.close();
      } finally {
        cancel();
      }
    },
  };
}

function createServer(
  context: ApiContext,
  dispatch: Dispatch,
  metrics: HttpMetrics,
  streams: EventStreams,
  requests: ReturnType<typeof createInFlight>,
  gate: Gate,
): FastifyInstance {
  const server = fastify({
    bodyLimit: mostBodyBytes,
    logger: false,
    genReqId: (raw) => requestId(raw.headers['x-request-id'], context),
    keepAliveTimeout: httpTimes.idleMs,
    requestTimeout: httpTimes.requestMs,
    forceCloseConnections: 'idle',
    // Query strings are read by hand: duplicates and empty values are errors.
    routerOptions: { maxParamLength: 256, querystringParser: () => ({}) },
    http: { headersTimeout: httpTimes.headersMs, connectionsCheckingInterval: 5_000 },
    frameworkErrors: (error, request, reply) => sendError(request, reply, error),
    clientErrorHandler: (error, socket) => answerUnparsed(error, socket, requestId(undefined, context)),
  });

  server.removeAllContentTypeParsers();
  server.addContentTypeParser([jsonType, mergePatchType], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      checkBodyType(request);
      done(null, parseBody(body));
    } catch (error) {
      done(error instanceof Error ? error : new CoreBgpError('invalid', String(error)));
    }
  });

  server.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    refuseForeign(request.method, request.headers.host, request.headers.origin);
    await requests.enter(request, reply);
  });
  server.addHook('onResponse', async (request, reply) => {
    const endpoint = answeredBy.get(request)?.id ?? request.routeOptions.config.endpoint ?? 'none';
    const { statusCode, elapsedTime } = reply;
    const problem = problems.get(request);
    metrics.answered(endpoint, statusCode, elapsedTime, problem?.code);
    logAnswer(context.log, request, endpoint, statusCode, elapsedTime, problem);
  });
  server.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  server.setNotFoundHandler((request, reply) => sendError(request, reply, notFound(request, reply)));

  for (const { endpoint } of routeTable.values()) {
    if (endpoint.lines === undefined) addRoute(server, endpoint, context, dispatch, streams, gate);
  }

  let document: string | undefined;
  server.get('/openapi.json', { config: { endpoint: 'openapi' } }, async (_request, reply) => {
    document ??= JSON.stringify((await import('../contract/openapi.ts')).openapiDocument(context.version));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  addDocsPage(server);
  server.get('/metrics', { config: { endpoint: 'metrics' } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  return server;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Id of the endpoint, for metrics and logs. */
    endpoint?: string;
  }
}

function addRoute(
  server: FastifyInstance,
  endpoint: Endpoint,
  context: ApiContext,
  dispatch: Dispatch,
  streams: EventStreams,
  gate: Gate,
): void {
  const url = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
  const { method, id } = endpoint;
  const config = { endpoint: id };
  const inLines = inLinesBeside(endpoint);
  if (endpoint.output === undefined) {
    server.route({
      method,
      url,
      config,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const asked = resumed(requestOf(endpoint, request));
        await streams.serve((signal) => dispatch.messages(asked, signal), request, reply);
      },
    });
    return;
  }
  server.route({
    method,
    url,
    config,
    bodyLimit: endpoint.mostBodyBytes,
    handler: async (request, reply) => {
      const signal = signalOf(reply);
      if (inLines !== undefined && formFor(request.headers.accept) === 'lines') {
        answeredBy.set(request, inLines);
        const asked = requestOf(inLines, request);
        const open = (inner: AbortSignal) => firstThrough(gate, dispatch.lineTexts(asked, inner), inner);
        return serveLines(context, open, signal, request, reply);
      }
      const asked = requestOf(endpoint, request);
      const answer = async () => {
        const { status, body } = await dispatch.call(asked, signal);
        return { status, tag: etagOf(body), text: JSON.stringify(body) };
      };
      const { status, tag, text } = await (isCostly(asked) ? gate.through(answer, signal) : answer());
      reply.code(status).type('application/json; charset=utf-8');
      if (tag !== undefined) reply.header('etag', tag);
      if (method === 'GET' && endpoint.permission === 'read' && !context.cache.isFresh()) {
        reply.header('corebgp-stale', 'true');
      }
      return reply.send(text);
    },
  });
}

/** @throws CoreBgpError `unsupportedMediaType`: a merge patch where a whole resource is wanted would be taken for one. */
function checkBodyType({ method, headers, routeOptions }: FastifyRequest): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const types = routeTable.get(routeOptions.config.endpoint ?? '')?.endpoint.bodyTypes ?? [jsonType];
  if (!types.includes(type.trim().toLowerCase())) throw unsupportedBody(method);
}

/** By another row of the contract than the one the route is called by. */
const answeredBy = new WeakMap<FastifyRequest, Endpoint>();

/** The row that answers the same call in lines. */
function inLinesBeside({ method, path }: Endpoint): Endpoint | undefined {
  const rows = [...routeTable.values()].map(({ endpoint }) => endpoint);
  return rows.find((row) => row.lines !== undefined && row.method === method && row.path === path);
}

/** What was answered to the request, if it was an error. */
const problems = new WeakMap<FastifyRequest, Problem>();

/** Reads at debug, refused writes at info, what failed or took long as a warning. What was written is logged where it is committed. */
function logAnswer(
  log: ApiContext['log'],
  request: FastifyRequest,
  endpoint: string,
  status: number,
  elapsedMs: number,
  problem: Problem | undefined,
): void {
  const { method, id: requestId } = request;
  const [path = ''] = request.url.split('?');
  const ms = Math.round(elapsedMs * 10) / 10;
  const line = { requestId, endpoint, method, path, status, ms };
  const { code, detail, field, reason } = problem ?? {};
  const told = problem === undefined ? line : { ...line, code, detail, field, reason };
  if (status >= 500) log.warn(told, 'a request failed');
  else if (elapsedMs > slowMs && endpoint !== 'watch' && problem?.code !== 'limited')
    log.warn(told, 'a request was slow');
  else if (problem !== undefined && method !== 'GET') log.info(told, 'a request was refused');
  else log.debug(told, 'a request was answered');
}

/** Aborted when the connection is gone before the answer. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new CoreBgpError('unavailable', 'the client has gone'));
  });
  return controller.signal;
}

function etagOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('metadata' in body)) return undefined;
  const { metadata } = body;
  if (typeof metadata !== 'object' || metadata === null || !('revision' in metadata)) return undefined;
  return `"${metadata.revision}"`;
}

function notFound(request: FastifyRequest, reply: FastifyReply): CoreBgpError {
  const [path = ''] = request.url.split('?');
  const methods = methodsOf(path);
  if (methods.length > 0) {
    reply.header('allow', methods.join(', '));
    return new CoreBgpError(
      'methodNotAllowed',
      `${request.method} is not possible on ${path}; use ${methods.join(' or ')}.`,
    );
  }
  return nothingAt(path);
}

function sendError(request: FastifyRequest, reply: FastifyReply, caught: unknown): void {
  const { status, body, retryAfterS } = problemOf(caught, request.method, request.routeOptions.bodyLimit, request.id);
  problems.set(request, body);
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  reply.code(status).type(problemType).send(JSON.stringify(body));
}
