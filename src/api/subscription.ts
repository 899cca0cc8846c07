/** One watch stream's queue: what the cache puts in and a reader takes out, cut when the reader is too slow. */
import type { CacheMessage } from './cached.ts';

export interface QueueLimits {
  readonly messages: number;
  /** Of their JSON text, characters. */
  readonly size: number;
}

export interface Subscription {
  readonly kinds: ReadonlySet<string>;
  /** The kinds, sorted and joined: streams with equal kinds share their messages. */
  readonly kindsKey: string;
  push(message: CacheMessage): void;
  /** Drops what is queued; the reader gets the message, and then the end. */
  end(message: Extract<CacheMessage, { type: 'error' }>): void;
  /** Messages until the end, or until the signal is aborted. For one reader. */
  read(signal: AbortSignal): AsyncGenerator<CacheMessage, void>;
}

export function createSubscription(kinds: ReadonlySet<string>, limits: QueueLimits): Subscription {
  let queue: CacheMessage[] = [];
  let size = 0;
  let ended = false;
  let wake = () => {};

  const end = (message: Extract<CacheMessage, { type: 'error' }>) => {
    if (ended) return;
    ended = true;
    queue = [message];
    size = 0;
    wake();
  };

  return {
    kinds,
    kindsKey: [...kinds].sort().join(),
    push: (message) => {
      if (ended) return;
      queue.push(message);
      size += message.type === 'changes' ? message.size : 0;
      // A single large revision must get through to a reader that waits for it.
      if (queue.length > limits.messages || (size > limits.size && queue.length > 1)) {
        end({
          type: 'error',
          code: 'limited',
          detail: `The reader was too slow: more than ${limits.messages} messages or ${limits.size} characters were waiting. Connect again with since.`,
        });
        return;
      }
      wake();
    },
    end,
    read: async function* (signal) {
      const stop = () => wake();
      signal.addEventListener('abort', stop);
      try {
        while (!signal.aborted) {
          const batch = queue;
          queue = [];
          size = 0;
          for (const message of batch) {
            if (signal.aborted) return;
            if (ended && message.type !== 'error') break;
            yield message;
            if (message.type === 'error') return;
          }
          if (queue.length > 0 || signal.aborted) continue;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = () => {};
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
