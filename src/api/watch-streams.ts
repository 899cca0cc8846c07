/** The open watch streams of records: what happens is put into the queues of those that asked for it. */
import { type CacheRevision, changesMessage, changesOf } from './cached.ts';
import { createSubscription, type QueueLimits, type Subscription } from './subscription.ts';

export interface WatchStreams {
  open(kinds: ReadonlySet<string>): Subscription;
  leave(subscription: Subscription): void;
  /**
   * One store revision, or the difference between two loads, to those that want any of it. A difference that is too
   * large for a message ends their streams: they begin anew.
   */
  send(change: CacheRevision): void;
  /** To all of them. */
  bookmark(revision: number): void;
  /** Ends all of them. */
  end(code: 'compacted' | 'unavailable', detail: string): void;
  count(): number;
}

/** Characters; readers refuse a message above 64 Mi. A store revision has at most 128 records of 256 KiB. */
const mostOfChanges = 48 * 1024 * 1024;
const tooMuch = 'Too much has changed while the server could not follow the store; start over without since.';

export function createWatchStreams(limits: QueueLimits): WatchStreams {
  const open = new Set<Subscription>();
  return {
    open: (kinds) => {
      const subscription = createSubscription(kinds, limits);
      open.add(subscription);
      return subscription;
    },
    leave: (subscription) => void open.delete(subscription),
    /** Streams that watch the same kinds get the same message object, so that it is encoded once. */
    send: ({ revision, changes }) => {
      const shared = new Map<string, ReturnType<typeof changesMessage> | undefined>();
      for (const subscription of open) {
        const { kindsKey, kinds } = subscription;
        if (!shared.has(kindsKey)) {
          const wanted = changesOf(changes, kinds);
          shared.set(kindsKey, wanted.length === 0 ? undefined : changesMessage(revision, wanted));
        }
        const message = shared.get(kindsKey);
        if (message === undefined) continue;
        if (message.size <= mostOfChanges) subscription.push(message);
        else subscription.end({ type: 'error', code: 'compacted', detail: tooMuch });
      }
    },
    bookmark: (revision) => {
      for (const subscription of open) subscription.push({ type: 'bookmark', revision });
    },
    end: (code, detail) => {
      for (const subscription of open) subscription.end({ type: 'error', code, detail });
    },
    count: () => open.size,
  };
}
