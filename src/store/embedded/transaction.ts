/** The writes of the store, each a step inside one lmdb transaction of many steps; run one after the other. */
import { changeOf, holds, keyOf } from '../apply.ts';
import { isLease } from '../limits.ts';
import { leaseExpired } from '../refusals.ts';
import type { CommitResult, Condition, Entry, Operation, StoreChange } from '../store.ts';
import { decodeEntry, encodeChanges, encodeEntry, type Head } from './records.ts';
import type { Tables } from './tables.ts';

/** How much of the history the log keeps; the older goes first, in the commit that exceeds it. */
export interface LogLimit {
  readonly revisions: number;
  readonly characters: number;
}

export interface Transaction {
  commit(conditions: readonly Condition[], operations: readonly Operation[]): CommitResult;
  grant(lease: string, ttlMs: number): void;
  /** Removes the lease and its keys, all in one revision. */
  end(lease: string): void;
  /** Writes what the steps left in memory; the last call within the transaction. */
  finish(): void;
}

/** Only within a transaction of the tables' root. */
export function beginTransaction(tables: Tables, limit: LogLimit): Transaction {
  const { entries, log, leases, leaseKeys } = tables;
  const before = tables.head();
  let head: Head = before;

  function entry(key: string): Entry | null {
    const record = entries.get(key);
    return record === undefined ? null : decodeEntry(key, record);
  }

  function write(change: StoreChange, lease: string | undefined): void {
    const key = keyOf(change);
    const after = change.op === 'put' ? change.entry.lease : undefined;
    if (lease !== after && lease !== undefined) leaseKeys.remove(`${lease} ${key}`);
    if (lease !== after && after !== undefined) leaseKeys.put(`${after} ${key}`, '-');
    if (change.op === 'put') entries.put(key, encodeEntry(change.entry));
    else entries.remove(key);
  }

  function record(changes: readonly StoreChange[]): void {
    const revision = head.revision + 1;
    const written = encodeChanges(changes);
    log.put(revision, written);
    let { compacted, logSize } = head;
    logSize += written.length;
    // The newest revision always stays, however large it is.
    while (compacted + 1 < revision && (revision - compacted > limit.revisions || logSize > limit.characters)) {
      compacted += 1;
      logSize -= log.get(compacted)?.length ?? 0;
      log.remove(compacted);
    }
    head = { ...head, revision, compacted, logSize };
  }

  return {
    commit: (conditions, operations) => {
      if (!conditions.every((condition) => holds(condition, entry(condition.key)))) {
        const current = conditions.map((condition) => entry(condition.key));
        return { committed: false, revision: head.revision, current };
      }
      for (const operation of operations) {
        if (operation.op === 'put' && operation.lease !== undefined) {
          if (!isLease(operation.lease) || !leases.doesExist(operation.lease)) throw leaseExpired(operation.lease);
        }
      }
      const changes: StoreChange[] = [];
      for (const operation of operations) {
        const old = entry(operation.key);
        const change = changeOf(operation, old, head.revision + 1);
        if (change === null) continue;
        write(change, old?.lease);
        changes.push(change);
      }
      if (changes.length > 0) record(changes);
      return { committed: true, revision: head.revision };
    },
    grant: (lease, ttlMs) => {
      leases.put(lease, String(ttlMs));
    },
    end: (lease) => {
      leases.remove(lease);
      // Between `<lease> ` and `<lease>!` lie exactly its keys: a space is the character below it.
      const keys = [...leaseKeys.getKeys({ start: `${lease} `, end: `${lease}!` })].map((text) =>
        text.slice(lease.length + 1),
      );
      const changes: readonly StoreChange[] = keys.map((key) => ({ op: 'delete', key }));
      for (const change of changes) write(change, lease);
      if (changes.length > 0) record(changes);
    },
    finish: () => {
      if (head !== before) tables.writeHead(head);
    },
  };
}
