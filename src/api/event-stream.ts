/** Watch streams as server-sent events on the raw answer: no faster than the reader takes them, cut when it takes none. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CacheMessage } from './cached.ts';
import { eventOf } from './frames.ts';
import { createPace, type Pace } from './pace.ts';

export interface EventStreams {
  /** Throws before the first byte what the stream throws at its first step; afterwards an error is its last event. */
  serve(
    open: (signal: AbortSignal) => AsyncGenerator<CacheMessage, void>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void>;
  /** Ends all with an error event. */
  close(): void;
}

/** A reader that takes nothing for so long is cut, milliseconds. */
export const takeWithinMs = 30_000;
/** Messages written in one turn of the event loop, to all streams together: one costs some 25 µs. */
const messagesPerTurn = 50;

/** @param cut told when a reader was too slow: `queue` (too much was waiting for it), `stalled` (it took nothing). */
export function createEventStreams(clock: Clock, cut: (why: 'queue' | 'stalled') => void): EventStreams {
  const open = new Set<AbortController>();
  const pace = createPace(messagesPerTurn);
  let closed = false;
  return {
    serve: async (start, request, reply) => {
      const controller = new AbortController();
      const gone = () => controller.abort(new CoreBgpError('unavailable', 'the reader has gone'));
      request.raw.socket.once('close', gone);
      open.add(controller);
      try {
        if (closed) throw closing();
        const messages = start(controller.signal);
        const first = await messages.next();
        reply.hijack();
        // What every answer has: the request's id, and how to take it.
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value);
        }
        await write({ clock, cut, pace }, reply.raw, first, messages, controller.signal);
      } finally {
        open.delete(controller);
        request.raw.socket.removeListener('close', gone);
        controller.abort();
      }
    },
    close: () => {
      closed = true;
      for (const controller of open) controller.abort(closing());
    },
  };
}

interface Writing {
  readonly clock: Clock;
  readonly cut: (why: 'queue' | 'stalled') => void;
  readonly pace: Pace;
}

async function write(
  { clock, cut, pace }: Writing,
  raw: ServerResponse,
  first: IteratorResult<CacheMessage, void>,
  messages: AsyncGenerator<CacheMessage, void>,
  signal: AbortSignal,
): Promise<void> {
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  // Someone must hear it: a write after the reader has gone is no failure of ours.
  raw.on('error', () => {});
  try {
    for (let next = first; next.done !== true; next = await messages.next()) {
      if (next.value.type === 'error' && next.value.code === 'limited') cut('queue');
      await pace.next(weightOf(next.value));
      if (!raw.write(eventOf(next.value))) await drained(clock, raw, signal);
    }
    if (signal.aborted && !raw.destroyed) raw.write(eventOf(errorMessage(signal.reason)));
    raw.end();
  } catch (caught) {
    if (raw.destroyed) return;
    const stuck = caught instanceof CoreBgpError && caught.code === 'limited';
    if (stuck) {
      cut('stalled');
      raw.destroy();
    } else raw.end(eventOf(errorMessage(caught)));
  } finally {
    await messages.return();
  }
}

/** Parts of a state are long, and encoded for each stream. */
function weightOf({ type }: CacheMessage): number {
  return type === 'state' || type === 'objects' ? messagesPerTurn : 1;
}

/** Resolves when the reader has taken what was written, or has gone. @throws CoreBgpError `limited` when it takes nothing. */
export function drained(clock: Clock, raw: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(takeWithinMs, () => {
      done();
      reject(new CoreBgpError('limited', `the reader took nothing for ${takeWithinMs} ms`));
    });
    const go = () => {
      done();
      resolve();
    };
    const done = () => {
      cancel();
      raw.removeListener('drain', go);
      raw.removeListener('close', go);
      signal.removeEventListener('abort', go);
    };
    raw.once('drain', go);
    raw.once('close', go);
    signal.addEventListener('abort', go);
    if (signal.aborted || raw.destroyed) go();
  });
}

function errorMessage(caught: unknown): CacheMessage {
  const { code, message } = toCoreBgpError(caught, 'streaming');
  return { type: 'error', code, detail: message };
}

function closing(): CoreBgpError {
  return new CoreBgpError('unavailable', 'The server is closing; connect again.');
}
