/** How late probes start, as a histogram of constant size. */

export interface Lag {
  observe(ms: number): void;
  /** The delay that all but one in a hundred stay below, to within 10 %; 0 before the first. Milliseconds. */
  p99(): number;
  reset(): void;
}

const growth = 1.1;
/** Below it everything counts as one. */
const smallestMs = 0.1;
const bucketCount = 160;

export function createLag(): Lag {
  const buckets = new Uint32Array(bucketCount);
  let count = 0;
  return {
    observe: (ms) => {
      const bucket = Math.ceil(Math.log(Math.max(ms, smallestMs) / smallestMs) / Math.log(growth));
      const index = Math.min(bucketCount - 1, bucket);
      buckets[index] = (buckets[index] ?? 0) + 1;
      count += 1;
    },
    p99: () => {
      if (count === 0) return 0;
      let left = Math.floor(count / 100);
      const index = buckets.findLastIndex((inBucket) => {
        left -= inBucket;
        return left < 0;
      });
      return smallestMs * growth ** Math.max(0, index);
    },
    reset: () => {
      buckets.fill(0);
      count = 0;
    },
  };
}
