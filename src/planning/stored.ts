/** Records as the store holds them, seen from a mirror: the shape planning needs of an entry, and of a decoded one. */

/** As client/mirror.ts hands it out. */
export interface StoredEntry {
  readonly key: string;
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
}

/** A decoded record and the revisions of its key. */
export interface Stored<Item> {
  readonly key: string;
  readonly record: Item;
  readonly createRevision: number;
  /** Revision that last wrote the key: what evidence points to. */
  readonly revision: number;
}
