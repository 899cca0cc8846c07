/** Removes former versions after 30 days. No server keeps a copy of them, so each sweep reads a part of them from the store. */

import { historyCollection } from '../model/version.ts';
import { withDeadline } from '../runtime/abort.ts';
import { breathe } from '../runtime/breathe.ts';
import type { Entry } from '../store/store.ts';
import { decodeJson } from './commit.ts';
import type { ApiContext } from './context.ts';

const keepVersionsMs = 30 * 86_400_000;
const pageSize = 500;
const pageWithinMs = 5_000;
/** Read in one sweep; the next one goes on behind them. */
const mostRead = 20_000;

/** @returns what finds the versions that are too old, page by page, from where it was left the last time. */
export function createOldVersions({ store, clock }: Pick<ApiContext, 'store' | 'clock'>) {
  let after: string | undefined;
  return async function* oldVersions(signal: AbortSignal): AsyncGenerator<readonly Entry[], void> {
    const before = clock.wall() - keepVersionsMs;
    for (let read = 0; read < mostRead; read += pageSize) {
      const asked = { limit: pageSize, ...(after === undefined ? {} : { after }) };
      const page = await withDeadline(clock, pageWithinMs, 'reading old versions', signal, (inner) =>
        store.list(`${historyCollection}/`, asked, inner),
      );
      yield page.entries.filter((entry) => endedBefore(entry, before));
      after = page.more ? page.entries.at(-1)?.key : undefined;
      if (after === undefined) return;
      await breathe();
    }
  };
}

/** One without a readable time is kept. */
function endedBefore({ value }: Entry, wallMs: number): boolean {
  const version = decodeJson(value);
  if (typeof version !== 'object' || version === null || !('at' in version)) return false;
  return typeof version.at === 'string' && Date.parse(version.at) < wallMs;
}
