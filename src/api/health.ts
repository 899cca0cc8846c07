/**
 * Verdicts, fenced: written only if the claim each was made under still exists, and only over an older verdict. One
 * commit for the batch; who loses is dropped with a reason word, the others go through. Batches about the same task take
 * turns within this server; if another server is faster every time, the answer is to come again.
 */
import type { Static } from 'typebox';
import type { VerdictReport } from '../contract/component-endpoints.ts';
import type { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { claimKey, healthKey, type VerdictRecord } from '../model/health.ts';
import { decodeVerdict } from '../planning/decode.ts';
import { shardOf } from '../planning/tasks.ts';
import type { Condition } from '../store/store.ts';
import { contended, decodeJson, type Seen, storeReader } from './commit.ts';
import type { ApiContext, EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';

type Report = Static<typeof VerdictReport>;
type Known = Map<string, Seen | undefined>;

const attempts = 8;

export const reportHealth: EndpointFunction<typeof endpoints.components.health> = async (context, { body }, signal) => {
  const { verdicts } = body;
  check(verdicts);
  const keys = verdicts.map(({ taskId }) => healthKey(taskId));
  return await context.turns.take(keys, () => commitVerdicts(context, verdicts, signal));
};

async function commitVerdicts(
  context: ApiContext,
  verdicts: readonly Report[],
  signal: AbortSignal,
): Promise<Static<(typeof endpoints.components.health)['output']>> {
  signal.throwIfAborted();
  let left = verdicts;
  const refused: { taskId: string; reason: string }[] = [];
  let known = cachedState(context, left);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const losers = losersOf(left, known);
    // The cache may be behind: nobody loses but on what the store itself says.
    if (losers.size > 0 && attempt === 0) {
      known = await storedState(context, known, losers.keys(), signal);
      continue;
    }
    refused.push(...[...losers].map(([{ taskId }, reason]) => ({ taskId, reason })));
    left = left.filter((one) => !losers.has(one));
    if (left.length === 0) return { revision: loadedPosition(context).revision, refused };
    const conditions = conditionsOf(left, known);
    const result = await context.store.commit(
      conditions,
      left.map(
        (report) => ({ op: 'put', key: healthKey(report.taskId), value: JSON.stringify(recordOf(report)) }) as const,
      ),
      signal,
    );
    if (result.committed) {
      await context.cache.reached(result.revision, signal);
      return { revision: result.revision, refused };
    }
    known = new Map(
      conditions.map(({ key }, index) => {
        const entry = result.current[index] ?? undefined;
        return [key, entry && { ...entry, value: decodeJson(entry.value) }];
      }),
    );
  }
  throw contended('the same verdicts or claims');
}

function check(reports: readonly Report[]): void {
  const seen = new Set<string>();
  for (const [index, { taskId, shard }] of reports.entries()) {
    if (seen.has(taskId)) {
      throw new CoreBgpError('invalid', `Task ${taskId} is in the batch twice; report its last verdict only.`, {
        field: `verdicts[${index}].taskId`,
      });
    }
    seen.add(taskId);
    if (shardOf(taskId) === shard) continue;
    throw new CoreBgpError('invalid', `Task ${taskId} is in shard ${shardOf(taskId)}, not ${shard}.`, {
      field: `verdicts[${index}].shard`,
    });
  }
}

function keysOf({ zone, shard, taskId }: Report): readonly [claim: string, health: string] {
  return [claimKey(zone, shard), healthKey(taskId)];
}

function cachedState({ cache }: ApiContext, reports: readonly Report[]): Known {
  return new Map(reports.flatMap(keysOf).map((key) => [key, cache.get(key)]));
}

async function storedState(
  context: ApiContext,
  known: Known,
  reports: Iterable<Report>,
  signal: AbortSignal,
): Promise<Known> {
  const reader = storeReader(context, signal);
  const fresh = new Map(known);
  for (const key of new Set([...reports].flatMap(keysOf))) fresh.set(key, await reader.get(key));
  return fresh;
}

function losersOf(reports: readonly Report[], known: Known): Map<Report, 'staleEpoch' | 'staleSequence'> {
  const losers = new Map<Report, 'staleEpoch' | 'staleSequence'>();
  for (const report of reports) {
    const [claim, health] = keysOf(report);
    if (known.get(claim)?.createRevision !== report.epoch) losers.set(report, 'staleEpoch');
    else if (!isNewer(report, known.get(health))) losers.set(report, 'staleSequence');
  }
  return losers;
}

/** (epoch, seq) grows. What can't be read is no obstacle. */
function isNewer({ epoch, seq }: Report, stored: Seen | undefined): boolean {
  const decoded = stored && decodeVerdict(stored.value);
  if (decoded === undefined || !decoded.ok) return true;
  const { record } = decoded;
  return epoch > record.epoch || (epoch === record.epoch && seq > record.seq);
}

function conditionsOf(reports: readonly Report[], known: Known): readonly Condition[] {
  const claims = new Map(reports.map((report) => [keysOf(report)[0], report.epoch]));
  return [
    ...[...claims].map(([key, createRevision]) => ({ key, createRevision })),
    ...reports.map((report) => {
      const [, key] = keysOf(report);
      return { key, modRevision: known.get(key)?.modRevision ?? 0 };
    }),
  ];
}

function recordOf({ zone: _zone, shard: _shard, taskId: _taskId, ...verdict }: Report): VerdictRecord {
  return { v: 1, ...verdict };
}
