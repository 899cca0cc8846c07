/** Past states that a paged list still reads: lmdb read transactions by revision, few and short-lived. */
import type { Transaction } from 'lmdb';
import type { Clock } from '../../runtime/clock.ts';

/** A pin keeps old pages of the database file from being reused, so both are small. */
const maxPins = 16;
const idleMs = 60_000;

export interface Pins {
  /** The state at a revision that was pinned, undefined when it is gone. */
  get(revision: number): Transaction | undefined;
  /** Keeps a transaction that reads at this revision; closes the one unused the longest if there are too many. */
  keep(revision: number, transaction: Transaction): void;
  close(): void;
}

export function createPins(clock: Clock): Pins {
  /** In the order of their last use. */
  const pins = new Map<number, { readonly transaction: Transaction; readonly cancel: () => void }>();

  function drop(revision: number): void {
    const pin = pins.get(revision);
    if (pin === undefined) return;
    pins.delete(revision);
    pin.cancel();
    pin.transaction.done();
  }

  function put(revision: number, transaction: Transaction): void {
    pins.set(revision, { transaction, cancel: clock.after(idleMs, () => drop(revision)) });
  }

  return {
    get: (revision) => {
      const pin = pins.get(revision);
      if (pin === undefined) return undefined;
      pin.cancel();
      pins.delete(revision);
      put(revision, pin.transaction);
      return pin.transaction;
    },
    keep: (revision, transaction) => {
      drop(revision);
      put(revision, transaction);
      for (const oldest of pins.keys()) {
        if (pins.size <= maxPins) break;
        drop(oldest);
      }
    },
    close: () => {
      for (const revision of [...pins.keys()]) drop(revision);
    },
  };
}
