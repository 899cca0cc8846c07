/** What one reader of the status view has still to get: the latest of each object, however long he takes. */
import type { WatchedRef } from '../contract/stream.ts';
import { hasRoom } from './batch.ts';
import type { CacheMessage, WatchedText } from './cached.ts';

export interface StatusStream {
  put(key: string, object: WatchedText): void;
  gone(key: string, ref: WatchedRef): void;
  /** The reader is about to get it otherwise, or needs not to. */
  forget(key: string): void;
  bookmark(revision: number): void;
  /** Gives the reader what there is. */
  deliver(): void;
  /** The reader gets the message, nothing of what waited, and then the end. */
  end(message: Extract<CacheMessage, { type: 'error' }>): void;
  /** Until the end, or until the signal is aborted. For one reader. @param revision of the store, now. */
  read(revision: () => number, signal: AbortSignal): AsyncGenerator<CacheMessage, void>;
}

type Waiting = { readonly put: WatchedText } | { readonly gone: WatchedRef };

export function createStatusStream(): StatusStream {
  const waiting = new Map<string, Waiting>();
  let bookmark: number | undefined;
  let ending: Extract<CacheMessage, { type: 'error' }> | undefined;
  let delivered = false;
  let wake = () => {};

  const take = (revision: number): CacheMessage => {
    const put: WatchedText[] = [];
    const deleted: WatchedRef[] = [];
    let size = 0;
    for (const [key, one] of waiting) {
      const own = 'put' in one ? one.put.text.length : 200;
      if (!hasRoom({ count: put.length + deleted.length, size }, own)) break;
      size += own;
      waiting.delete(key);
      if ('put' in one) put.push(one.put);
      else deleted.push(one.gone);
    }
    return { type: 'updates', revision, put, deleted };
  };

  const deliver = () => {
    delivered = true;
    wake();
  };

  return {
    put: (key, object) => {
      // It keeps its place in the queue, however often it changes meanwhile.
      waiting.set(key, { put: object });
    },
    gone: (key, ref) => {
      waiting.set(key, { gone: ref });
    },
    forget: (key) => {
      waiting.delete(key);
    },
    bookmark: (revision) => {
      bookmark = revision;
    },
    deliver,
    end: (message) => {
      ending ??= message;
      waiting.clear();
      deliver();
    },
    read: async function* (revision, signal) {
      const stop = () => wake();
      signal.addEventListener('abort', stop);
      try {
        while (!signal.aborted) {
          while (waiting.size > 0 && !signal.aborted) yield take(revision());
          if (signal.aborted) return;
          if (ending !== undefined) {
            yield ending;
            return;
          }
          if (bookmark !== undefined) {
            const at = bookmark;
            bookmark = undefined;
            yield { type: 'bookmark', revision: at };
          }
          if (!delivered) {
            await new Promise<void>((resolve) => {
              wake = resolve;
              if (signal.aborted) resolve();
            });
            wake = () => {};
          }
          delivered = false;
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
