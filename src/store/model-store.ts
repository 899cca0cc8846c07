/**
 * The store in memory: the contract in its plainest form. Oracle of the contract suite and store of the simulation:
 * deterministic, no timer and no randomness but those passed in. Every call takes effect before it returns its promise.
 */
import type { Clock } from '../runtime/clock.ts';
import { below, changeOf, holds, keyOf } from './apply.ts';
import { createBell } from './bell.ts';
import { checkKey, checkPrefix, endOfPrefix, startOfPage } from './keys.ts';
import { checkCommit, checkLeases, checkPage, checkPast, checkRevision, leaseLife, type Page } from './limits.ts';
import { compacted, leaseExpired, storeClosed } from './refusals.ts';
import type { Condition, Entry, Operation, Store, StoreChange, StoreRevision } from './store.ts';

export interface ModelStore extends Store {
  /** Forgets the history up to and including this revision; the state at it can still be listed. */
  compact(revision: number): void;
}

export interface ModelStoreOptions {
  readonly clock: Clock;
  /** Names leases and the store. */
  readonly newId: () => string;
  /** How many revisions are held. Default: all. */
  readonly keepRevisions?: number;
}

/** What a key held from a revision on; null = it was absent. */
interface Version {
  readonly since: number;
  readonly entry: Entry | null;
}

interface Lease {
  readonly ttlMs: number;
  readonly keys: Set<string>;
  cancel: () => void;
}

export function createModelStore({ clock, newId, keepRevisions = Infinity }: ModelStoreOptions): ModelStore {
  const storeId = newId();
  const versions = new Map<string, Version[]>();
  const leases = new Map<string, Lease>();
  const bell = createBell();
  /** Revisions `forgotten + 1` … `forgotten + history.length`. */
  let history: StoreRevision[] = [];
  let forgotten = 0;
  let closed = false;
  const revision = () => forgotten + history.length;

  function entryAt(key: string, at: number): Entry | null {
    return versions.get(key)?.findLast((version) => version.since <= at)?.entry ?? null;
  }

  function compact(upTo: number): void {
    if (upTo <= forgotten) return;
    history = history.slice(upTo - forgotten);
    forgotten = upTo;
    for (const [key, all] of versions) {
      const held = all.findLastIndex((version) => version.since <= upTo);
      const rest = all.slice(Math.max(held, 0));
      if (rest.every((version) => version.entry === null)) versions.delete(key);
      else versions.set(key, rest);
    }
  }

  function record(changes: readonly StoreChange[]): void {
    const next = revision() + 1;
    for (const change of changes) {
      const key = keyOf(change);
      const before = entryAt(key, revision());
      const after = change.op === 'put' ? change.entry : null;
      if (before?.lease !== undefined) leases.get(before.lease)?.keys.delete(key);
      if (after?.lease !== undefined) leases.get(after.lease)?.keys.add(key);
      const all = versions.get(key) ?? [];
      all.push({ since: next, entry: after });
      versions.set(key, all);
    }
    history.push({ revision: next, changes });
    if (history.length > keepRevisions) compact(next - keepRevisions);
    bell.ring();
  }

  function end(name: string): void {
    const lease = leases.get(name);
    if (lease === undefined) return;
    lease.cancel();
    const keys = [...lease.keys].sort();
    leases.delete(name);
    if (keys.length > 0) record(keys.map((key) => ({ op: 'delete', key })));
  }

  function commit(conditions: readonly Condition[], operations: readonly Operation[]) {
    checkCommit(conditions, operations);
    const now = revision();
    if (!conditions.every((condition) => holds(condition, entryAt(condition.key, now)))) {
      const current = conditions.map((condition) => entryAt(condition.key, now));
      return { committed: false, revision: now, current } as const;
    }
    for (const operation of operations) {
      if (operation.op === 'put' && operation.lease !== undefined && !leases.has(operation.lease)) {
        throw leaseExpired(operation.lease);
      }
    }
    const changes = operations
      .map((operation) => changeOf(operation, entryAt(operation.key, now), now + 1))
      .filter((change) => change !== null);
    if (changes.length > 0) record(changes);
    return { committed: true, revision: revision() } as const;
  }

  function list(prefix: string, page: Page) {
    checkPage(prefix, page);
    const at = page.at ?? revision();
    checkPast(at, revision());
    if (at < forgotten) throw compacted(at, forgotten);
    const start = startOfPage(prefix, page.after);
    const end = endOfPrefix(prefix);
    const found: Entry[] = [];
    for (const key of [...versions.keys()].filter((key) => key >= start && key < end).sort()) {
      const entry = entryAt(key, at);
      if (entry === null) continue;
      if (found.length === page.limit) return { revision: at, entries: found, more: true };
      found.push(entry);
    }
    return { revision: at, entries: found, more: false };
  }

  async function* watch(prefix: string, from: number, signal: AbortSignal): AsyncGenerator<StoreRevision> {
    checkPrefix(prefix);
    checkRevision(from, 1, 'from');
    let next = from;
    for (;;) {
      ready(signal);
      if (next <= forgotten) throw compacted(next, forgotten + 1);
      const found = history[next - forgotten - 1];
      if (found === undefined) {
        await bell.next(signal);
        continue;
      }
      next = found.revision + 1;
      const changes = below(prefix, found.changes);
      if (changes.length > 0) yield { revision: found.revision, changes };
    }
  }

  function ready(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (closed) throw storeClosed();
  }

  return {
    get: async (key, signal) => {
      ready(signal);
      checkKey(key);
      return { revision: revision(), entry: entryAt(key, revision()) };
    },
    list: async (prefix, page, signal) => {
      ready(signal);
      return list(prefix, page);
    },
    commit: async (conditions, operations, signal) => {
      ready(signal);
      return commit(conditions, operations);
    },
    watch,
    grantLease: async (ttl, signal) => {
      ready(signal);
      const ttlMs = leaseLife(ttl);
      checkLeases(leases.size);
      const lease = newId();
      leases.set(lease, { ttlMs, keys: new Set(), cancel: clock.after(ttlMs, () => end(lease)) });
      return { lease, ttlMs };
    },
    keepLeaseAlive: async (name, signal) => {
      ready(signal);
      const lease = leases.get(name);
      if (lease === undefined) throw leaseExpired(name);
      lease.cancel();
      lease.cancel = clock.after(lease.ttlMs, () => end(name));
    },
    revokeLease: async (name, signal) => {
      ready(signal);
      end(name);
    },
    status: async (signal) => {
      ready(signal);
      return { storeId, revision: revision() };
    },
    close: async () => {
      closed = true;
      for (const lease of leases.values()) lease.cancel();
      bell.ring();
    },
    compact,
  };
}
