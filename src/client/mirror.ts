/** A mirror of some collections, whole revisions at a time; it has no value until it has been synced once. */
import type { Collection } from '../model/resource.ts';

export interface MirrorEntry {
  readonly key: string;
  /** The stored record; decode it per object, an undecodable one must not hide the others. */
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
}

/** State of all mirrored collections at one revision. Live: read it at once, don't keep it across an await. */
export interface Snapshot {
  readonly storeId: string;
  readonly revision: number;
  readonly entries: ReadonlyMap<string, MirrorEntry>;
  /** Keys that start with `prefix`; backed by an index on the collection. */
  under(collection: Collection): ReadonlyMap<string, MirrorEntry>;
}

export interface Mirror {
  /** Undefined until synced for the first time. Kept, and still served, while the stream is broken. */
  snapshot(): Snapshot | undefined;
  /** Monotonic milliseconds since the server last proved to be fresh (synced, changes or bookmark); Infinity before. */
  ageMs(): number;
  /** Whether the stream is up and synced now. */
  connected(): boolean;
  /** Called after each applied revision with the keys it changed, and after a resync with those that differ. */
  onChange(listener: (keys: readonly string[]) => void): () => void;
  /** Resolves once synced for the first time. */
  synced(signal: AbortSignal): Promise<void>;
  /** Ends the stream; resolves when nothing is left running. */
  close(): Promise<void>;
}
