/** An answer in lines on its wire: no faster than the reader takes it, and cut (never ended) when it can't be completed. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { linesType } from '../contract/lists.ts';
import { isAbort } from '../runtime/abort.ts';
import type { ApiContext, LineTexts } from './context.ts';
import { drained } from './event-stream.ts';

/**
 * Throws before the first byte what the source throws at its first step. Later the connection is destroyed: a reader must
 * never take a part for the whole. It can tell: the body ends without its last chunk, and `corebgp-total` is not reached.
 */
export async function serveLines(
  { clock, log }: Pick<ApiContext, 'clock' | 'log'>,
  open: (signal: AbortSignal) => AsyncGenerator<LineTexts, void>,
  signal: AbortSignal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const slices = open(signal);
  const first = await slices.next();
  const { raw } = reply;
  // Someone must hear it: a write after the reader has gone is no failure of ours.
  raw.on('error', () => {});
  reply.hijack();
  try {
    if (first.done !== true) {
      const { revision, stale, total } = first.value;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.writeHead(200, {
        'content-type': `${linesType}; charset=utf-8`,
        'corebgp-revision': String(revision),
        'corebgp-total': String(total),
        ...(stale ? { 'corebgp-stale': 'true' } : {}),
      });
    }
    const bodiless = request.method === 'HEAD';
    for (let next = first; next.done !== true && !bodiless; next = await slices.next()) {
      const { texts } = next.value;
      // As bytes: of a text their number would have to be found out first.
      if (texts.length > 0 && !raw.write(Buffer.from(`${texts.join('\n')}\n`))) await drained(clock, raw, signal);
    }
    raw.end();
  } catch (caught) {
    raw.destroy();
    if (!isAbort(caught, signal)) log.warn({ detail: String(caught) }, 'an answer in lines was cut');
  } finally {
    await slices.return();
  }
}
