/** How much the HTTP server takes on: connections, and requests being answered. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Lateness } from '../runtime/lateness.ts';
import type { ApiContext } from './context.ts';
import { type Gate, isCostly } from './costly.ts';
import { routeTable } from './dispatch.ts';
import type { HttpMetrics } from './http-metrics.ts';
import type { createShedding } from './shedding.ts';

/** What tells how the server is must work also when it is full. */
const alwaysAnswered: ReadonlySet<string> = new Set(['healthz', 'readyz', 'metrics', 'watch']);
/**
 * What is refused for want of time is answered only after so long, milliseconds: else those who ask again at once keep the
 * server busy with refusing. It costs a timer each, and there are no more of them than connections.
 */
const refuseAfterMs = 1_000;
/** Refused connections are logged no oftener, milliseconds. */
const refusalsEveryMs = 10_000;

/** @returns how many are open. */
export function limitConnections(
  { server }: FastifyInstance,
  { clock, log }: ApiContext,
  metrics: HttpMetrics,
  most: number,
): () => number {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  let refused = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  server.maxConnections = most;
  server.on('drop', () => {
    refused += 1;
    metrics.connectionRefused();
    if (clock.now() - loggedAt < refusalsEveryMs) return;
    log.warn({ most, refused }, 'too many connections are open: new ones are closed unanswered');
    loggedAt = clock.now();
    refused = 0;
  });
  return () => open;
}

/** Counts the requests that are being answered; one too many, or one when all is late, is refused before its body is read. */
export function createInFlight(
  most: number,
  lateness: Pick<Lateness, 'ms'>,
  shedding: ReturnType<typeof createShedding>,
  gate: Gate,
  clock: Clock,
) {
  let count = 0;
  return {
    count: () => count,
    enter: async (request: FastifyRequest, reply: FastifyReply) => {
      const id = request.routeOptions.config.endpoint ?? '';
      if (alwaysAnswered.has(id)) return;
      try {
        shedding(routeTable.get(id)?.endpoint, { lateMs: lateness.ms(), inFlight: count });
        if (isCostly({ endpoint: id, query: {} })) gate.refuseIfFull();
      } catch (refusal) {
        await new Promise<void>((resolve) => {
          clock.after(refuseAfterMs, resolve);
        });
        throw refusal;
      }
      if (count >= most) {
        throw new CoreBgpError('limited', `The server is answering ${most} requests already; try again in a second.`, {
          retryAfterMs: 1_000,
        });
      }
      count += 1;
      // Comes also when the client goes away before the answer.
      reply.raw.once('close', () => {
        count -= 1;
      });
    },
  };
}
