/** Removes what nobody needs any more: tombstones after 7 days, former versions after 30, and verdicts of tasks that no announcement has asked for in an hour. */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { healthKey } from '../model/health.ts';
import { tombstonesKeptMs } from '../model/tombstone.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext } from './context.ts';
import { createSlices, type Slices } from './slices.ts';
import { createOldVersions } from './sweep-history.ts';

const everyMs = 3_600_000;
export const keepTombstonesMs = tombstonesKeptMs;
const batch = 50;
const batchWithinMs = 5_000;

/** Sweeps an hour after the start, then every hour; each server does, as a second sweep finds nothing left. */
export function startSweep(context: ApiContext): { close(): Promise<void> } {
  const { clock, log } = context;
  const controller = new AbortController();
  const { signal } = controller;
  const oldVersions = createOldVersions(context);
  let unusedBefore: ReadonlySet<string> = new Set();

  const run = async () => {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        if (!context.cache.isFresh()) {
          unusedBefore = new Set();
          log.warn(
            {},
            "the server's copy of the store is not up to date, so nothing is swept; the next sweep tries again",
          );
          continue;
        }
        await remove(context, await oldTombstones(context, createSlices(clock, signal)), signal);
        const unused = await unusedVerdicts(context, createSlices(clock, signal));
        const idle = unused.filter((key) => unusedBefore.has(key));
        unusedBefore = new Set(unused);
        await removeVerdicts(context, idle, signal);
        for await (const versions of oldVersions(signal)) await remove(context, versions, signal);
      } catch (caught) {
        if (signal.aborted) return;
        const { code, message } = toCoreBgpError(caught, 'sweeping');
        log.warn({ code, detail: message }, 'old records could not be removed; the next sweep tries again');
      }
    }
  };
  const running = run();
  return {
    close: async () => {
      controller.abort(new CoreBgpError('unavailable', 'the sweep was stopped'));
      await running;
    },
  };
}

/** One without a readable time is kept. All of them are decoded for it, as their keys don't tell how old they are. */
async function oldTombstones({ cache, clock }: ApiContext, slices: Slices): Promise<readonly CachedEntry[]> {
  const before = clock.wall() - keepTombstonesMs;
  return await inSlices([...cache.under('tombstones').values()], slices, ({ value }) => {
    if (typeof value !== 'object' || value === null || !('at' in value)) return false;
    return typeof value.at === 'string' && Date.parse(value.at) < before;
  });
}

/** @returns keys: what is there under them may be another verdict by now, and be asked for. */
async function unusedVerdicts({ cache, inputs }: ApiContext, slices: Slices): Promise<readonly string[]> {
  return await inSlices([...cache.under('health').keys()], slices, (key) => isUnused(inputs, key));
}

function isUnused(inputs: ApiContext['inputs'], key: string): boolean {
  // An announcement that can't be read may need any of them.
  return inputs.undecodableAnnouncements === 0 && inputs.announcementsOf(key.slice(healthKey('').length)).length === 0;
}

/** Looked at again just before they go, as announcements may have come while others were removed. */
async function removeVerdicts(context: ApiContext, keys: readonly string[], signal: AbortSignal): Promise<void> {
  const { cache, inputs } = context;
  for (let index = 0; index < keys.length; index += batch) {
    if (!cache.isFresh()) return;
    const some = keys.slice(index, index + batch).filter((key) => isUnused(inputs, key));
    const entries = some.flatMap((key) => cache.get(key) ?? []);
    await remove(context, entries, signal);
  }
}

async function inSlices<Item>(
  items: readonly Item[],
  slices: Slices,
  isWanted: (item: Item) => boolean,
): Promise<readonly Item[]> {
  const wanted: Item[] = [];
  for (const item of items) {
    if (isWanted(item)) wanted.push(item);
    // A look at the clock takes less than one at the smallest record, and the largest takes a millisecond.
    if (slices.over()) await slices.rest();
  }
  return wanted;
}

/** Only what is still as it was seen. */
async function remove(
  { store, clock, log }: ApiContext,
  entries: readonly Pick<CachedEntry, 'key' | 'modRevision'>[],
  signal: AbortSignal,
): Promise<void> {
  for (let index = 0; index < entries.length; index += batch) {
    const some = entries.slice(index, index + batch);
    const result = await withDeadline(clock, batchWithinMs, 'removing old records', signal, (inner) =>
      store.commit(
        some.map(({ key, modRevision }) => ({ key, modRevision })),
        some.map(({ key }) => ({ op: 'delete', key }) as const),
        inner,
      ),
    );
    if (result.committed) log.info({ count: some.length }, 'old records were removed');
  }
}
