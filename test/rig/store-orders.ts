/** Orders that a store is given in the crash test, carried out alike by the real store and by the model. */
import { CoreBgpError } from '../../src/model/errors.ts';
import type { Condition, Operation, Store } from '../../src/store/store.ts';
import type { ManualClock } from './store-clock.ts';

export const keepRevisions = 12;

export type Order =
  | { readonly do: 'commit'; readonly conditions: readonly Condition[]; readonly operations: readonly Operation[] }
  | { readonly do: 'grant'; readonly lease: string; readonly ttlMs: number }
  | { readonly do: 'keepAlive' | 'revoke'; readonly lease: string }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'look'; readonly leases: readonly string[] };

export interface Told {
  readonly number: number;
  readonly order: Order;
}

/** What the order answers, errors as their code. */
export async function carryOut(store: Store, clock: ManualClock, order: Order): Promise<unknown> {
  const { signal } = new AbortController();
  try {
    switch (order.do) {
      case 'commit':
        return await store.commit(order.conditions, order.operations, signal);
      case 'grant':
        return await store.grantLease(order.ttlMs, signal);
      case 'keepAlive':
        await store.keepLeaseAlive(order.lease, signal);
        return 'alive';
      case 'revoke':
        await store.revokeLease(order.lease, signal);
        return 'revoked';
      case 'advance':
        clock.advance(order.ms);
        // Expiry goes through the queue of writes; what comes behind it waits for it.
        await store.commit([], [], signal);
        return 'later';
      case 'look':
        return await look(store, order.leases, signal);
    }
  } catch (error) {
    return error instanceof CoreBgpError ? error.code : String(error);
  }
}

/** All that a store shows: its state, what a watch brings from each revision it may hold, and which leases live. */
async function look(store: Store, leases: readonly string[], signal: AbortSignal): Promise<unknown> {
  const { storeId, revision } = await store.status(signal);
  const { entries } = await store.list('', {}, signal);
  const histories: unknown[] = [];
  for (let from = Math.max(1, revision - keepRevisions - 1); from <= revision; from += 1) {
    histories.push([from, await historyFrom(store, from, revision, signal)]);
  }
  const living: string[] = [];
  for (const lease of leases) {
    if ((await carryOut(store, noClock, { do: 'keepAlive', lease })) === 'alive') living.push(lease);
  }
  return { storeId, revision, entries, histories, living };
}

async function historyFrom(store: Store, from: number, to: number, signal: AbortSignal): Promise<unknown> {
  const seen: unknown[] = [];
  try {
    for await (const one of store.watch('', from, signal)) {
      seen.push(one);
      if (one.revision >= to) return seen;
    }
  } catch (error) {
    return error instanceof CoreBgpError ? error.code : String(error);
  }
  return 'ended';
}

const noClock: ManualClock = {
  now: () => 0,
  wall: () => 0,
  sleep: async () => {},
  after: () => () => {},
  advance: () => {},
  stall: () => {},
  pending: () => 0,
};
