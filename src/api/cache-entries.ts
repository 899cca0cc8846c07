/** The entries of the watch cache, by collection, and how they are loaded from the store. */

import { historyCollection } from '../model/version.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Store, StoreChange } from '../store/store.ts';
import { type CachedChange, type CachedEntry, cachedEntry, collectionOf } from './cached.ts';
import type { Slices } from './slices.ts';

type Entries = ReadonlyMap<string, CachedEntry>;

export interface EntryReader {
  get(key: string): CachedEntry | undefined;
  /** Entries of one collection (the first part of the key). Live: don't keep it across an await. */
  under(collection: string): Entries;
}

export interface CacheEntries extends EntryReader {
  apply(change: CachedChange): void;
  /** The entries of these collections as they are now. */
  select(collections: ReadonlySet<string>): readonly CachedEntry[];
  keys(): Iterable<string>;
  all(): Iterable<CachedEntry>;
}

const none: Entries = new Map();

export function createCacheEntries(): CacheEntries {
  const index = new Map<string, Map<string, CachedEntry>>();
  return {
    get: (key) => index.get(collectionOf(key))?.get(key),
    under: (collection) => index.get(collection) ?? none,
    apply: (change) => {
      if (change.op === 'delete') {
        index.get(collectionOf(change.key))?.delete(change.key);
        return;
      }
      const { entry } = change;
      const collection = collectionOf(entry.key);
      const held = index.get(collection);
      if (held === undefined) index.set(collection, new Map([[entry.key, entry]]));
      else held.set(entry.key, entry);
    },
    select: (collections) => [...collections].flatMap((collection) => [...(index.get(collection)?.values() ?? [])]),
    keys: function* () {
      for (const held of index.values()) yield* held.keys();
    },
    all: function* () {
      for (const held of index.values()) yield* held.values();
    },
  };
}

/** Former versions are many and seldom asked for, so that they are read from the store itself. */
function isCached(key: string): boolean {
  return collectionOf(key) !== historyCollection;
}

/** A revision that only touched what is not kept still moves the copy on. */
export const isCachedChange = (change: StoreChange) => isCached(change.op === 'put' ? change.entry.key : change.key);

/** Behind every key of the collection, and before the next collection: "0" follows "/". */
const endOf = (collection: string) => `${collection}0`;

/** A page this large is read within a few milliseconds. */
const pageSize = 500;

/** The whole state at one revision, page by page; other work goes on in between. */
export async function loadEntries(
  store: Store,
  clock: Clock,
  pageWithinMs: number,
  slices: Slices,
  signal: AbortSignal,
): Promise<{ readonly revision: number; readonly entries: CacheEntries }> {
  const entries = createCacheEntries();
  let at: number | undefined;
  let after: string | undefined;
  for (;;) {
    const asked = {
      limit: pageSize,
      ...(at === undefined ? {} : { at }),
      ...(after === undefined ? {} : { after }),
    };
    const page = await withDeadline(clock, pageWithinMs, 'loading the store', signal, (inner) =>
      store.list('', asked, inner),
    );
    for (const entry of page.entries) {
      if (isCached(entry.key)) entries.apply({ op: 'put', entry: cachedEntry(entry) });
      if (slices.over()) await slices.rest();
    }
    at = page.revision;
    after = page.entries.at(-1)?.key;
    if (after !== undefined && !isCached(after)) after = endOf(historyCollection);
    if (!page.more || after === undefined) return { revision: at, entries };
    await slices.rest();
  }
}

/** What leads from one state to the other. Within one history, a key with the same revisions has the same value. */
export async function differences(
  before: CacheEntries,
  after: CacheEntries,
  slices: Slices,
): Promise<readonly CachedChange[]> {
  const changes: CachedChange[] = [];
  for (const key of before.keys()) {
    if (after.get(key) === undefined) changes.push({ op: 'delete', key });
    if (slices.over()) await slices.rest();
  }
  for (const now of after.all()) {
    const old = before.get(now.key);
    if (old?.modRevision !== now.modRevision || old.createRevision !== now.createRevision) {
      changes.push({ op: 'put', entry: now });
    }
    if (slices.over()) await slices.rest();
  }
  return changes;
}
