/** The part of a store that is CoreBGP's: everything below one root, with keys relative to it. */
import type { Condition, Entry, Operation, Store, StoreChange } from '../store/store.ts';

/** Where CoreBGP's keys live in a store that it may share with others. */
export const defaultRoot = '/corebgp/v1/';

/** The same store, seen from the root. Closing it closes the store. */
export function below(root: string, store: Store): Store {
  const outside = (key: string) => root + key;
  const inside = (key: string) => key.slice(root.length);
  const relative = (entry: Entry): Entry => ({ ...entry, key: inside(entry.key) });
  const change = (one: StoreChange): StoreChange =>
    one.op === 'put' ? { op: 'put', entry: relative(one.entry) } : { op: 'delete', key: inside(one.key) };

  return {
    get: async (key, signal) => {
      const found = await store.get(outside(key), signal);
      return { revision: found.revision, entry: found.entry && relative(found.entry) };
    },
    list: async (prefix, { after, ...page }, signal) => {
      const asked = after === undefined ? page : { ...page, after: outside(after) };
      const found = await store.list(outside(prefix), asked, signal);
      return { ...found, entries: found.entries.map(relative) };
    },
    commit: async (conditions, operations, signal) => {
      const result = await store.commit(
        conditions.map((condition): Condition => ({ ...condition, key: outside(condition.key) })),
        operations.map((operation): Operation => ({ ...operation, key: outside(operation.key) })),
        signal,
      );
      if (result.committed) return result;
      return { ...result, current: result.current.map((entry) => entry && relative(entry)) };
    },
    watch: async function* (prefix, from, signal) {
      for await (const { revision, changes } of store.watch(outside(prefix), from, signal)) {
        yield { revision, changes: changes.map(change) };
      }
    },
    grantLease: (ttlMs, signal) => store.grantLease(ttlMs, signal),
    keepLeaseAlive: (lease, signal) => store.keepLeaseAlive(lease, signal),
    revokeLease: (lease, signal) => store.revokeLease(lease, signal),
    status: (signal) => store.status(signal),
    close: () => store.close(),
  };
}
