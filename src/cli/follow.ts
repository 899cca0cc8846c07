/** The stream of records, for as long as somebody looks: where it breaks it goes on, after a wait that grows. */
import type { Transport } from '../client/transport.ts';
import type { StreamMessage } from '../contract/stream.ts';
import { CoreBgpError, isErrorCode, toCoreBgpError } from '../model/errors.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Shell } from './shell.ts';
import { printable } from './table.ts';

/** What is left of the stream's messages once its own affairs are dealt with. */
export type RecordMessage = Extract<StreamMessage, { readonly type: 'state' | 'synced' | 'changes' | 'bookmark' }>;

export interface Followed {
  readonly transport: Transport;
  /** Collections, with commas between. */
  readonly kinds: string;
  /** Revision after which it begins; without one the state comes first. */
  readonly since?: number;
  /** For the message when something unexpected breaks it: `watching`. */
  readonly doing: string;
  /** Whether a server that can't be reached is waited for; else that is the error. */
  mayWait(): boolean;
}

/**
 * Ends only by throwing. After a break that the server can't bridge the state comes again.
 * @throws CoreBgpError what the server refuses; the signal's reason.
 */
export async function follow(
  { transport, kinds, since, doing, mayWait }: Followed,
  take: (message: RecordMessage) => void,
  { signal, clock, random, stderr }: Shell,
): Promise<never> {
  const backoff = createBackoff({ random });
  let from = since;
  for (;;) {
    try {
      const query = { kinds, ...(from === undefined ? {} : { since: String(from) }) };
      for await (const message of transport.stream({ endpoint: 'watch', params: {}, query, headers: {} }, signal)) {
        take(recordMessage(message));
        if ('revision' in message) from = message.revision;
        backoff.reset();
      }
      signal.throwIfAborted();
    } catch (caught) {
      signal.throwIfAborted();
      const error = toCoreBgpError(caught, doing);
      if (!mayWait() || !['unavailable', 'timeout', 'compacted', 'limited'].includes(error.code)) throw error;
      if (error.code === 'compacted') from = undefined;
      stderr.write(`note: ${printable(error.message)} Connecting again.\n`);
      await clock.sleep(backoff.next(error.retryAfterMs), signal);
    }
  }
}

function recordMessage(message: StreamMessage): RecordMessage {
  switch (message.type) {
    case 'error':
      throw new CoreBgpError(isErrorCode(message.code) ? message.code : 'unavailable', message.detail);
    case 'objects':
    case 'updates':
      throw new CoreBgpError('internal', `The API server sent "${message.type}" where records were asked for.`);
    default:
      return message;
  }
}
