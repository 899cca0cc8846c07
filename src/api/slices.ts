/** Long work in slices: between two of them everything else gets its turn. */
import { breathe } from '../runtime/breathe.ts';
import type { Clock } from '../runtime/clock.ts';

/** A slice may take this long, milliseconds. */
export const sliceMs = 5;

export interface Slices {
  /** Whether the slice has lasted long enough. */
  over(): boolean;
  /** Lets everything else go on. @throws the signal's reason. */
  rest(): Promise<void>;
}

export function createSlices(clock: Clock, signal: AbortSignal, ms = sliceMs): Slices {
  let end = clock.now() + ms;
  return {
    over: () => clock.now() >= end,
    rest: async () => {
      await breathe();
      signal.throwIfAborted();
      end = clock.now() + ms;
    },
  };
}

/** Carries out work that stops after each small piece of it. @throws the signal's reason. */
export async function inSlices<Result>(work: Iterator<unknown, Result>, slices: Slices): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (slices.over()) await slices.rest();
  }
}

/** Sorted this many at once; small enough for a slice. */
const chunk = 1_000;

/**
 * Merge sort that leaves its input as it is. What is in order already, as most records of a cache are since it was
 * loaded, costs one look at each.
 */
export async function sortedInSlices<Item extends object>(
  items: readonly Item[],
  before: (a: Item, b: Item) => boolean,
  slices: Slices,
): Promise<readonly Item[]> {
  const runs: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; ) {
    let end = await endOfRun(items, start, before, slices);
    const isLong = end - start >= chunk;
    if (!isLong) end = Math.min(start + chunk, items.length);
    const run = items.slice(start, end);
    runs.push(isLong ? run : run.sort((a, b) => (before(a, b) ? -1 : 1)));
    start = end;
    if (slices.over()) await slices.rest();
  }
  // The shortest first, so that a long run is copied as seldom as possible.
  while (runs.length > 1) {
    runs.sort((a, b) => b.length - a.length);
    runs.push(await merge(runs.pop() ?? [], runs.pop() ?? [], before, slices));
  }
  return runs[0] ?? [];
}

/** Index of the first item that is not in order with those from `start` on. */
async function endOfRun<Item extends object>(
  items: readonly Item[],
  start: number,
  before: (a: Item, b: Item) => boolean,
  slices: Slices,
): Promise<number> {
  let end = start + 1;
  for (; end < items.length; end += 1) {
    const [former, item] = [items[end - 1], items[end]];
    if (former === undefined || item === undefined || before(item, former)) break;
    if (end % chunk === 0 && slices.over()) await slices.rest();
  }
  return end;
}

async function merge<Item extends object>(
  left: readonly Item[],
  right: readonly Item[],
  before: (a: Item, b: Item) => boolean,
  slices: Slices,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l], right[r]];
    if (a === undefined || b === undefined) break;
    if (before(b, a)) {
      merged.push(b);
      r += 1;
    } else {
      merged.push(a);
      l += 1;
    }
    if (merged.length % chunk === 0 && slices.over()) await slices.rest();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
