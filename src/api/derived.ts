/**
 * What is made of the records and kept in step with the server's copy. All of it at once takes seconds when there are
 * many: it is built aside, in slices, and takes its place in the same turn as the copy that it was made of.
 */
import type { CachedChange, CachedEntry, CacheRevision } from './cached.ts';

export interface Derived {
  /** A new one, empty and aside; the one in place goes on serving. */
  begin(): Draft;
  /** A revision on top of what is in place. */
  apply(change: CacheRevision): void;
}

export interface Draft {
  add(entry: CachedEntry): void;
  /**
   * Makes it the one in place.
   * @param changes what leads to it from the one before; undefined when that was of another history, or there was none.
   */
  place(revision: number, changes: readonly CachedChange[] | undefined): void;
}
