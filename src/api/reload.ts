/** Loads the server's copy from the store, and builds what is made of it, all of it aside: see derived.ts. */
import type { Clock } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import { type CacheEntries, differences, loadEntries } from './cache-entries.ts';
import type { CachedChange } from './cached.ts';
import type { Derived, Draft } from './derived.ts';
import { createSlices, type Slices } from './slices.ts';
import type { CachePosition } from './watch-cache.ts';

export interface Reloaded {
  readonly revision: number;
  readonly entries: CacheEntries;
  /** What leads to it from the copy before; undefined when that was of another history, or there was none. */
  readonly changes: readonly CachedChange[] | undefined;
  /** Puts what is made of the copy in its place, or brings it there. In the same turn as the copy itself. */
  place(): void;
}

/** Up to so many changes are applied to what is in place; beyond, all is made anew. */
const fewChanges = 200;
const storeAnswersWithinMs = 5_000;

/** @param before the copy that was followed until now; nobody may change it meanwhile. */
export async function reload(
  { store, clock, derived }: { readonly store: Store; readonly clock: Clock; readonly derived: readonly Derived[] },
  storeId: string,
  before: { readonly position: CachePosition | undefined; readonly entries: CacheEntries },
  signal: AbortSignal,
): Promise<Reloaded> {
  const slices = createSlices(clock, signal);
  const { revision, entries } = await loadEntries(store, clock, storeAnswersWithinMs, slices, signal);
  const { position } = before;
  const goesOn = position !== undefined && position.storeId === storeId && position.revision <= revision;
  const changes = goesOn ? await differences(before.entries, entries, slices) : undefined;
  if (changes !== undefined && changes.length <= fewChanges) {
    const place = () => {
      for (const one of derived) one.apply({ revision, changes });
    };
    return { revision, entries, changes, place };
  }
  const drafts = await draftsOf(derived, entries, slices);
  const place = () => {
    for (const draft of drafts) draft.place(revision, changes);
  };
  return { revision, entries, changes, place };
}

async function draftsOf(derived: readonly Derived[], from: CacheEntries, slices: Slices): Promise<readonly Draft[]> {
  const drafts = derived.map((one) => one.begin());
  for (const entry of from.all()) {
    for (const draft of drafts) draft.add(entry);
    if (slices.over()) await slices.rest();
  }
  return drafts;
}
