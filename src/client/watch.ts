/** Follows the watch stream for as long as wanted: connects, resumes, starts over when it must, and waits in between. */
import type { StreamMessage } from '../contract/stream.ts';
import { CoreBgpError, isErrorCode, toCoreBgpError } from '../model/errors.ts';
import type { Collection } from '../model/resource.ts';
import { isAbort } from '../runtime/abort.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Transport } from './transport.ts';

export interface Follow {
  readonly transport: Transport;
  readonly collections: readonly Collection[];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Revision to go on after; undefined = ask for the state. */
  resumeFrom(): number | undefined;
  opened(resumed: boolean): void;
  /** @returns whether the message completed the synchronisation. May throw: the connection is then given up. */
  received(message: StreamMessage): boolean;
  /** @param startOver the next connection must not resume. */
  closed(startOver: boolean): void;
}

/** Resolves only when the signal is aborted. */
export async function followStream(follow: Follow, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = follow;
  const backoff = createBackoff({ random });
  let broken = false;
  while (!signal.aborted) {
    const error = await followOnce(follow, signal, () => {
      if (broken) log.info({}, 'the watch is synced again');
      broken = false;
      backoff.reset();
    });
    if (error === undefined) return;
    follow.closed(mustStartOver(error));
    const wait = backoff.next(error.retryAfterMs);
    const fields = { code: error.code, detail: error.message, retryInMs: Math.round(wait) };
    if (broken) log.debug(fields, 'the watch is still broken');
    else log.warn(fields, 'the watch broke, connecting again');
    broken = true;
    // Sleep fails only by the signal, which ends the loop.
    await clock.sleep(wait, signal).catch(() => undefined);
  }
}

/** One connection. @returns why it ended; undefined when the signal was aborted. */
async function followOnce(follow: Follow, signal: AbortSignal, synced: () => void): Promise<CoreBgpError | undefined> {
  const since = follow.resumeFrom();
  const kinds = follow.collections.join(',');
  const query = since === undefined ? { kinds } : { kinds, since: String(since) };
  try {
    follow.opened(since !== undefined);
    const stream = follow.transport.stream({ endpoint: 'watch', params: {}, query, headers: {} }, signal);
    for await (const message of stream) {
      if (signal.aborted) break;
      if (message.type === 'error') throw streamError(message);
      if (follow.received(message)) synced();
    }
    if (signal.aborted) return undefined;
    return new CoreBgpError('unavailable', 'The API server ended the watch stream.');
  } catch (error) {
    if (signal.aborted || isAbort(error, signal)) return undefined;
    return toCoreBgpError(error, 'following the watch stream');
  }
}

function streamError(message: Extract<StreamMessage, { type: 'error' }>): CoreBgpError {
  return new CoreBgpError(isErrorCode(message.code) ? message.code : 'unavailable', message.detail);
}

/** A resumable position is worth nothing once the server, or its answer to it, proved wrong. */
function mustStartOver(error: CoreBgpError): boolean {
  return error.code === 'compacted' || error.code === 'internal' || error.code === 'invalid';
}
