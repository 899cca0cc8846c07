/** Opens each kind of store for the contract suite, on a clock of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../src/runtime/log.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { createModelStore } from '../../src/store/model-store.ts';
import type { Store } from '../../src/store/store.ts';
import { manualClock } from './store-clock.ts';

export interface StoreHarness {
  readonly store: Store;
  /** Lets this much time pass, and everything happen that falls due. */
  advance(ms: number): Promise<void>;
  /** Makes the store forget its history up to the revision it has now; may add revisions to do so. */
  forgetHistory(): Promise<void>;
  /** Closes and opens it again, if it is a store that survives this. */
  readonly reopen?: () => Promise<Store>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  /** How many revisions the store holds. */
  readonly keepRevisions: number;
}

export type OpenHarness = (options: HarnessOptions) => Promise<StoreHarness>;

/** Names in a fixed order, so that two stores given the same calls name their leases alike. */
export function countingIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `id-${count}`;
  };
}

export const openModel: OpenHarness = async ({ keepRevisions }) => {
  const clock = manualClock();
  const store = createModelStore({ clock, newId: countingIds(), keepRevisions });
  return {
    store,
    advance: async (ms) => clock.advance(ms),
    forgetHistory: async () => store.compact((await store.status(new AbortController().signal)).revision),
    close: () => store.close(),
  };
};

export const openEmbedded: OpenHarness = async ({ keepRevisions }) => {
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-store-'));
  const clock = manualClock();
  const options = { clock, log: silentLog, newId: countingIds(), keepRevisions };
  const { signal } = new AbortController();
  let store = await openEmbeddedStore(folder, options);
  return {
    get store() {
      return store;
    },
    advance: async (ms) => {
      clock.advance(ms);
      // Expiry goes through the queue of writes; what comes behind it in the queue waits for it.
      await store.commit([], [], signal);
    },
    forgetHistory: async () => {
      for (let count = 0; count <= keepRevisions; count += 1) {
        await store.commit([], [{ op: 'put', key: '~forget', value: String(count) }], signal);
      }
    },
    reopen: async () => {
      await store.close();
      store = await openEmbeddedStore(folder, options);
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
};
