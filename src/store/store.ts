/**
 * The store contract: revisioned keys after etcd's model, which every adapter honours and one suite proves
 * (test/contract/store.ts). The only folder that knows a database is this one.
 *
 * A store counts **revisions**: each successful commit adds exactly one, whatever number of keys it changes. Every read
 * says at which revision it is true.
 */

export interface Entry {
  readonly key: string;
  /** JSON text; the store never looks inside. */
  readonly value: string;
  /** Revision that created the key; a deleted and recreated key has a new one. */
  readonly createRevision: number;
  /** Revision that last wrote the key. */
  readonly modRevision: number;
  /** The lease it vanishes with. */
  readonly lease?: string;
}

/** Revision 0 = the key must be absent. */
export type Condition =
  | { readonly key: string; readonly createRevision: number }
  | { readonly key: string; readonly modRevision: number };

export type Operation =
  | { readonly op: 'put'; readonly key: string; readonly value: string; readonly lease?: string }
  | { readonly op: 'delete'; readonly key: string };

export type CommitResult =
  /** All operations, at this revision, durable. Deleting absent keys only still counts as done (at the current revision). */
  | { readonly committed: true; readonly revision: number }
  /** Nothing was done. `current[i]` is the entry under the key of condition i, null when absent. */
  | { readonly committed: false; readonly revision: number; readonly current: readonly (Entry | null)[] };

export type StoreChange =
  | { readonly op: 'put'; readonly entry: Entry }
  | { readonly op: 'delete'; readonly key: string };

/** All that one revision changed below the watched prefix, in the order of the operations. */
export interface StoreRevision {
  readonly revision: number;
  readonly changes: readonly StoreChange[];
}

export interface ListPage {
  /** The revision at which all pages of this list are true. */
  readonly revision: number;
  /** In key order (bytes). */
  readonly entries: readonly Entry[];
  /** Whether keys are left behind the last one. */
  readonly more: boolean;
}

export interface StoreStatus {
  /** Names this store's history: another id means that revisions must not be compared. */
  readonly storeId: string;
  readonly revision: number;
}

/** Most conditions, and most operations, of one commit; no key twice among the operations (etcd's default limits). */
export const commitLimit = 128;

/** Errors of all calls: `unavailable` (nothing is known of what happened), `timeout`, `invalid` (a limit), `internal`. */
export interface Store {
  get(key: string, signal: AbortSignal): Promise<{ readonly revision: number; readonly entry: Entry | null }>;
  /**
   * Keys that start with `prefix`, in key order, after `after`, at most `limit` (default: all).
   * Without `at`: now. With `at`: as they were at that revision; `compacted` when that is gone.
   */
  list(
    prefix: string,
    page: { readonly after?: string; readonly limit?: number; readonly at?: number },
    signal: AbortSignal,
  ): Promise<ListPage>;
  /**
   * All or nothing. `leaseExpired` when an operation names a lease that is gone. After `unavailable` or `timeout` it
   * may or may not have happened: only a conditional commit may be repeated.
   */
  commit(
    conditions: readonly Condition[],
    operations: readonly Operation[],
    signal: AbortSignal,
  ): Promise<CommitResult>;
  /**
   * Every revision ≥ `from` that touches keys starting with `prefix`: in order, whole, without gap or duplicate.
   * Throws `compacted` when `from` is no longer held. Ends only by an error or the signal.
   */
  watch(prefix: string, from: number, signal: AbortSignal): AsyncIterable<StoreRevision>;
  /** A lease lives `ttlMs` after its last keepalive; then its keys vanish in one revision. */
  grantLease(ttlMs: number, signal: AbortSignal): Promise<{ readonly lease: string; readonly ttlMs: number }>;
  /** `leaseExpired` when it is gone. */
  keepLeaseAlive(lease: string, signal: AbortSignal): Promise<void>;
  /** Deletes its keys at once. Revoking a lease that is gone is no error. */
  revokeLease(lease: string, signal: AbortSignal): Promise<void>;
  status(signal: AbortSignal): Promise<StoreStatus>;
  /** Waits for commits in flight; later calls fail with `unavailable`. */
  close(): Promise<void>;
}
