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

/** Sorted this many at once; small enough for a slice. */
const run = 1_000;

/** Merge sort that leaves its input as it is. */
export async function sortedInSlices<Item extends object>(
  items: readonly Item[],
  before: (a: Item, b: Item) => boolean,
  slices: Slices,
): Promise<readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let index = 0; index < items.length; index += run) {
    runs.push(items.slice(index, index + run).sort((a, b) => (before(a, b) ? -1 : 1)));
    if (slices.over()) await slices.rest();
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], before, slices));
    }
    runs = merged;
  }
  return runs[0] ?? [];
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
    if (merged.length % run === 0 && slices.over()) await slices.rest();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
