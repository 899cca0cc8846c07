/** How long to wait before trying again: exponential, with jitter so that many who failed together don't return together. */

export interface Backoff {
  /** Milliseconds to wait before the next try; never less than `atLeastMs` (a Retry-After). */
  next(atLeastMs?: number): number;
  /** To be called after success. */
  reset(): void;
}

/**
 * The n-th wait is drawn evenly from the upper half of `min(longestMs, firstMs × 2ⁿ)`.
 * @param random numbers in [0, 1).
 */
export function createBackoff(options: {
  readonly random: () => number;
  /** Default 100. */
  readonly firstMs?: number;
  /** Default 5000. */
  readonly longestMs?: number;
}): Backoff {
  const { random, firstMs = 100, longestMs = 5_000 } = options;
  let ceiling = firstMs;
  return {
    next: (atLeastMs = 0) => {
      const wait = (ceiling / 2) * (1 + random());
      ceiling = Math.min(longestMs, ceiling * 2);
      return Math.max(wait, atLeastMs);
    },
    reset: () => {
      ceiling = firstMs;
    },
  };
}
