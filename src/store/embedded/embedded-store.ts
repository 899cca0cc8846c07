/**
 * The default store: one lmdb file in one folder, owned by one process, durable and crash-safe. Reads come from the
 * file, which shows only what is synced; writes go through one queue; a watch reads the log, at its own pace.
 */
import { CoreBgpError } from '../../model/errors.ts';
import { rejectOnAbort } from '../../runtime/abort.ts';
import { breathe } from '../../runtime/breathe.ts';
import type { Clock } from '../../runtime/clock.ts';
import { makeFolder } from '../../runtime/folder.ts';
import type { Log } from '../../runtime/log.ts';
import { below } from '../apply.ts';
import { createBell } from '../bell.ts';
import { checkKey, checkPrefix, endOfPrefix, startOfPage } from '../keys.ts';
import { checkCommit, checkLeases, checkPage, checkPast, checkRevision, leaseLife, type Page } from '../limits.ts';
import { compacted, leaseExpired, storeClosed } from '../refusals.ts';
import type { Entry, ListPage, Operation, Store, StoreRevision } from '../store.ts';
import { createDeadlines } from './deadlines.ts';
import { lockFolder } from './lock.ts';
import { createPins } from './pins.ts';
import { decodeEntry, decodeRevision } from './records.ts';
import { openTables, type Tables } from './tables.ts';
import { createWriter } from './writer.ts';

export interface EmbeddedStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Names leases and the store: unique for ever, at most 64 printable characters. */
  readonly newId: () => string;
  /** How many revisions a watch can resume from. Default 10,000. */
  readonly keepRevisions?: number;
  /** …and how many characters they may hold together. Default 64 Mi. */
  readonly keepCharacters?: number;
}

export const keepRevisions = 10_000;
export const keepCharacters = 64 << 20;

/** Revisions that a watch reads at once. */
const readAhead = 64;
/** Until an expiry that could not be written is tried again. */
const retryMs = 1_000;

/**
 * Opens the store in a folder, which is made (mode 0700) when it isn't there.
 * @throws CoreBgpError `unavailable` (field `store.url`): in use by another process, or the folder can't be written.
 */
export async function openEmbeddedStore(folder: string, options: EmbeddedStoreOptions): Promise<Store> {
  const unlock = claimFolder(folder);
  try {
    const tables = await openTables(folder, options.newId);
    return embeddedStore(folder, tables, options, unlock);
  } catch (error) {
    unlock();
    if (error instanceof CoreBgpError) throw error;
    throw unusable(folder, error, 'Is its disk full, or store.mdb not a CoreBGP store?');
  }
}

function claimFolder(folder: string): () => void {
  try {
    makeFolder(folder);
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof CoreBgpError) throw error;
    throw unusable(folder, error, 'Give this user the right to write there, or choose another folder.');
  }
}

function unusable(folder: string, cause: unknown, fix: string): CoreBgpError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CoreBgpError('unavailable', `The store's data folder ${folder} cannot be used: ${reason}. ${fix}`, {
    field: 'store.url',
    cause,
  });
}

function embeddedStore(folder: string, tables: Tables, options: EmbeddedStoreOptions, unlock: () => void): Store {
  const { clock, log, newId } = options;
  const limit = {
    revisions: options.keepRevisions ?? keepRevisions,
    characters: options.keepCharacters ?? keepCharacters,
  };
  const bell = createBell();
  const pins = createPins(clock);
  const writer = createWriter({ tables, folder, limit, log, onDurable: bell.ring });
  const deadlines = createDeadlines(clock, (leases) => {
    for (const lease of leases) void expire(lease);
  });
  const retries = new Set<() => void>();
  let closing: Promise<void> | null = null;
  let granting = 0;

  for (const { key, value } of tables.leases.getRange()) deadlines.set(key, Number(value));

  function ready(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (closing !== null) throw storeClosed();
  }

  /** Ends a lease; its deadline goes at the same moment, so that no keepalive succeeds in between. */
  async function end(lease: string, only: () => boolean): Promise<void> {
    let ttlMs: number | undefined;
    try {
      await writer.run((transaction) => {
        if (!only()) return;
        transaction.end(lease);
        ttlMs = deadlines.remove(lease);
      }, 0);
    } catch (error) {
      if (ttlMs !== undefined) deadlines.set(lease, ttlMs);
      throw error;
    }
  }

  /** Goes on when its caller has left, else a lease could be granted that never ends. */
  async function grant(lease: string, ttlMs: number): Promise<void> {
    await writer.run((transaction) => transaction.grant(lease, ttlMs), 0);
    deadlines.set(lease, ttlMs);
  }

  /** Asks again inside the queue: a keepalive that came before counts. */
  async function expire(lease: string): Promise<void> {
    try {
      await end(lease, () => deadlines.isOver(lease));
    } catch (error) {
      log.warn({ lease, err: error instanceof Error ? error.message : String(error) }, 'lease expiry failed');
      if (closing !== null) return;
      const cancel = clock.after(retryMs, () => {
        retries.delete(cancel);
        void expire(lease);
      });
      retries.add(cancel);
    }
  }

  function list(prefix: string, page: Page): ListPage {
    checkPage(prefix, page);
    const head = tables.head();
    if (page.at !== undefined) checkPast(page.at, head.revision);
    const at = page.at ?? head.revision;
    const pinned = at === head.revision ? undefined : pins.get(at);
    if (at !== head.revision && pinned === undefined) throw compacted(at, head.revision);
    // All in one turn, so the transaction of head() is the one we get here.
    const transaction = pinned ?? tables.root.useReadTransaction();
    let keep = false;
    try {
      const entries: Entry[] = [];
      const range = tables.entries.getRange({
        start: startOfPage(prefix, page.after),
        end: endOfPrefix(prefix),
        transaction,
        ...(page.limit === undefined ? {} : { limit: page.limit + 1 }),
      });
      for (const { key, value } of range) entries.push(decodeEntry(key, value));
      const more = page.limit !== undefined && entries.length > page.limit;
      if (more) entries.pop();
      keep = more && pinned === undefined;
      return { revision: at, entries, more };
    } finally {
      if (keep) pins.keep(at, transaction);
      else if (pinned === undefined) transaction.done();
    }
  }

  async function* watch(prefix: string, from: number, signal: AbortSignal): AsyncGenerator<StoreRevision> {
    checkPrefix(prefix);
    checkRevision(from, 1, 'from');
    let next = from;
    for (;;) {
      ready(signal);
      const found = readLog(next);
      if (found.length === 0) await bell.next(signal);
      for (const { revision, changes } of found) {
        next = revision + 1;
        const wanted = below(prefix, changes);
        if (wanted.length > 0) yield { revision, changes: wanted };
        ready(signal);
      }
      // Far behind, it would otherwise read on and on before anybody else has a turn.
      if (found.length === readAhead) await breathe();
    }
  }

  /** The next few revisions; none when there is nothing yet. One turn, hence one state of the file. */
  function readLog(from: number): readonly StoreRevision[] {
    const head = tables.head();
    if (from <= head.compacted) throw compacted(from, head.compacted + 1);
    const found: StoreRevision[] = [];
    for (let revision = from; revision <= head.revision && found.length < readAhead; revision += 1) {
      const record = tables.log.get(revision);
      if (record === undefined) throw new CoreBgpError('internal', `The store's log lacks revision ${revision}.`);
      found.push(decodeRevision(revision, record));
    }
    return found;
  }

  async function close(): Promise<void> {
    bell.ring();
    deadlines.close();
    for (const cancel of retries) cancel();
    await writer.settled();
    pins.close();
    await tables.root.close();
    unlock();
  }

  return {
    get: async (key, signal) => {
      ready(signal);
      checkKey(key);
      const { revision } = tables.head();
      const record = tables.entries.get(key);
      return { revision, entry: record === undefined ? null : decodeEntry(key, record) };
    },
    list: async (prefix, page, signal) => {
      ready(signal);
      return list(prefix, page);
    },
    commit: async (conditions, operations, signal) => {
      ready(signal);
      checkCommit(conditions, operations);
      return writer.run((transaction) => transaction.commit(conditions, operations), sizeOf(operations), signal);
    },
    watch,
    grantLease: async (ttl, signal) => {
      ready(signal);
      const ttlMs = leaseLife(ttl);
      // Those on their way count as well, so that many at once don't pass together.
      checkLeases(deadlines.count() + granting);
      const lease = newId();
      granting += 1;
      await rejectOnAbort(
        grant(lease, ttlMs).finally(() => {
          granting -= 1;
        }),
        signal,
      );
      return { lease, ttlMs };
    },
    keepLeaseAlive: async (lease, signal) => {
      ready(signal);
      if (!deadlines.renew(lease)) throw leaseExpired(lease);
    },
    revokeLease: async (lease, signal) => {
      ready(signal);
      if (deadlines.has(lease))
        await rejectOnAbort(
          end(lease, () => true),
          signal,
        );
    },
    status: async (signal) => {
      ready(signal);
      const { storeId, revision } = tables.head();
      return { storeId, revision };
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function sizeOf(operations: readonly Operation[]): number {
  let size = 0;
  for (const operation of operations)
    size += operation.key.length + (operation.op === 'put' ? operation.value.length : 0);
  return size;
}
