/** Removes what nobody needs any more: tombstones after 7 days, former versions after 30, and verdicts of tasks that no announcement has asked for in an hour. */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { healthKey } from '../model/health.ts';
import { tombstonesKeptMs } from '../model/tombstone.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext } from './context.ts';
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
        const unused = unusedVerdicts(context);
        const idle = unused.filter(({ key }) => unusedBefore.has(key));
        unusedBefore = new Set(unused.map(({ key }) => key));
        await remove(context, [...oldTombstones(context), ...idle], signal);
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

/** One without a readable time is kept. */
export function oldTombstones({ cache, clock }: ApiContext): readonly CachedEntry[] {
  const before = clock.wall() - keepTombstonesMs;
  return [...cache.under('tombstones').values()].filter(({ value }) => {
    if (typeof value !== 'object' || value === null || !('at' in value)) return false;
    return typeof value.at === 'string' && Date.parse(value.at) < before;
  });
}

export function unusedVerdicts({ cache, inputs }: ApiContext): readonly CachedEntry[] {
  // An announcement that can't be read may need any of them.
  if (inputs.undecodableAnnouncements > 0) return [];
  const prefix = healthKey('');
  return [...cache.under('health').values()].filter(
    ({ key }) => inputs.announcementsOf(key.slice(prefix.length)).length === 0,
  );
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
