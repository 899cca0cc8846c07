/** Verdicts of tasks that nobody asked for until now: what was once found out about them is no verdict any more. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { healthKey } from '../model/health.ts';
import { tasksOf } from '../planning/tasks.ts';
import type { Condition, Operation } from '../store/store.ts';
import type { Plan, Reader } from './commit.ts';
import type { ApiContext } from './context.ts';

/**
 * Nobody has probed for a task that no announcement asked for, though a live claim may stand behind its shard. So a task
 * that is asked for anew begins undecided: its old verdict goes in the commit that asks.
 *
 * But a verdict that another announcement lives by must not go, and that nobody is known to ask is no evidence that
 * nobody does (rule 2). Who asks is known from the server's copy alone, however fresh what the reader shows. So the
 * verdict stays:
 * - when an announcement can't be read: it may ask for any task;
 * - when the copy is not fresh: an announcement may be missing in it;
 * - when the verdict was written after the copy's last revision: somebody probes for it, who is not in the copy yet.
 *   One that was asked for after that revision, and not probed yet, has found it as old as this write does.
 * If it is an old one all the same, the new announcement goes by it until its checker, which begins at once, finds
 * otherwise; what is announced by then is withdrawn, and what is not is announced, by that fresh verdict.
 */
export async function unusedOldVerdicts(
  { inputs, cache }: Pick<ApiContext, 'inputs'> & { readonly cache: Pick<ApiContext['cache'], 'isFresh'> },
  record: AnnouncementRecord,
  reader: Reader,
): Promise<Plan> {
  const conditions: Condition[] = [];
  const operations: Operation[] = [];
  for (const { taskId } of tasksOf(record)) {
    const key = healthKey(taskId);
    const stored = await reader.get(key);
    // Looked at after the verdict was read, in one turn with what is decided of it.
    if (stored === undefined || inputs.announcementsOf(taskId).length > 0) continue;
    if (inputs.undecodableAnnouncements > 0 || !cache.isFresh() || stored.modRevision > inputs.revision) continue;
    conditions.push({ key, modRevision: stored.modRevision });
    operations.push({ op: 'delete', key });
  }
  return { conditions, operations };
}
