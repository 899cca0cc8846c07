/** What the watch cache keeps for its streams, and how many of these there may be. */
import type { RecentLimits } from './recent.ts';
import type { QueueLimits } from './subscription.ts';

export interface WatchCacheLimits {
  readonly streams: number;
  readonly queue: QueueLimits;
  readonly recent: RecentLimits;
}

export const defaultCacheLimits: WatchCacheLimits = {
  streams: 2_000,
  queue: { messages: 10_000, size: 16 * 1024 * 1024 },
  recent: { revisions: 20_000, size: 32 * 1024 * 1024 },
};
