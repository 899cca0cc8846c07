/**
 * One queue for every write. All that waits goes into one lmdb transaction with one sync (group commit), each step still
 * with its own conditions and revision; nobody hears of his step before the sync.
 */
import { CoreBgpError } from '../../model/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createAborts } from '../aborts.ts';
import type { Tables } from './tables.ts';
import { beginTransaction, type LogLimit, type Transaction } from './transaction.ts';

/** Steps of one transaction: bounds how long the event loop is busy with it (10 to 20 µs a step). */
const maxSteps = 256;

interface Queued {
  readonly step: (transaction: Transaction) => void;
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** Bytes of one transaction, beyond its first step. */
const maxBytes = 4 << 20;

export interface Writer {
  /**
   * Resolves when what the step wrote is durable; a step that throws must have written nothing. Without a signal
   * the step always runs.
   */
  run<T>(step: (transaction: Transaction) => T, bytes: number, signal?: AbortSignal): Promise<T>;
  /** Resolves when everything queued so far is done. */
  settled(): Promise<void>;
}

export interface WriterOptions {
  readonly tables: Tables;
  readonly folder: string;
  readonly limit: LogLimit;
  readonly log: Log;
  /** Called after each transaction that is durable, before its steps resolve. */
  readonly onDurable: () => void;
}

export function createWriter({ tables, folder, limit, log, onDurable }: WriterOptions): Writer {
  let queue: Queued[] = [];
  let working: Promise<void> | null = null;
  const aborts = createAborts();

  function take(): readonly Queued[] {
    let bytes = 0;
    let count = 0;
    for (const queued of queue) {
      bytes += queued.bytes;
      if (count > 0 && (count === maxSteps || bytes > maxBytes)) break;
      count += 1;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    return batch;
  }

  async function write(batch: readonly Queued[]): Promise<void> {
    const told: (() => void)[] = [];
    try {
      // A child transaction, because only that is undone when its callback throws.
      await tables.root.childTransaction(() => {
        const transaction = beginTransaction(tables, limit);
        for (const queued of batch) {
          if (queued.signal?.aborted === true) continue;
          try {
            queued.step(transaction);
            told.push(queued.done);
          } catch (error) {
            // The step's own refusal; anything else is the database's failure, and undoes the whole transaction.
            if (!(error instanceof CoreBgpError)) throw error;
            told.push(() => queued.fail(error));
          }
        }
        transaction.finish();
      });
    } catch (caught) {
      const error = await failure(caught, folder);
      log.error({ folder, err: error.message, steps: batch.length }, 'store write failed');
      for (const queued of batch) queued.fail(error);
      return;
    }
    // Reads from here on see what we are about to acknowledge.
    tables.root.resetReadTxn();
    onDurable();
    for (const tell of told) tell();
  }

  async function work(): Promise<void> {
    // Everything that is called in this turn shares the first transaction.
    await null;
    while (queue.length > 0) await write(take());
    working = null;
  }

  return {
    run: <T>(step: (transaction: Transaction) => T, bytes: number, signal?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const deaf = signal === undefined ? () => {} : aborts.onAbort(signal, reject);
        let tell = () => {};
        queue.push({
          step: (transaction) => {
            const result = step(transaction);
            tell = () => resolve(result);
          },
          bytes,
          signal,
          done: () => {
            deaf();
            tell();
          },
          fail: (error) => {
            deaf();
            reject(error);
          },
        });
        working ??= work();
      }),
    settled: async () => {
      while (working !== null) await working;
    },
  };
}

/** What happened and what to do about it. lmdb-js gives the reason in a promise of its own. */
async function failure(caught: unknown, folder: string): Promise<CoreBgpError> {
  const cause = (await commitError(caught)) ?? caught;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CoreBgpError(
    'unavailable',
    `The store could not write to ${folder}: ${reason.split(':')[0]}. Nothing of this write is kept; ` +
      'make room on that disk or repair it.',
    { field: 'store.url', cause },
  );
}

async function commitError(caught: unknown): Promise<unknown> {
  if (!(caught instanceof Error && 'commitError' in caught && caught.commitError instanceof Promise)) return null;
  const reason = caught.commitError.then(
    () => null,
    (error: unknown) => error,
  );
  // It is rejected in the same turn as the commit, or never.
  const turn = (async () => {
    for (let hops = 0; hops < 10; hops += 1) await null;
    return null;
  })();
  return Promise.race([reason, turn]);
}
