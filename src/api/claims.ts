/**
 * Claims: who checks which shard. A claim is created only if absent, on the claimer's lease and only while its own
 * record has the incarnation it thinks it has; its create-revision is the epoch that fences verdicts (rule 4).
 */
import type { Static } from 'typebox';
import type { ClaimBatch, ClaimResults } from '../contract/component-endpoints.ts';
import type { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type ClaimRecord, checkerKey, claimKey } from '../model/health.ts';
import type { Entry } from '../store/store.ts';
import { decodeJson } from './commit.ts';
import type { ApiContext, EndpointFunction } from './context.ts';

type Batch = Static<typeof ClaimBatch>;
type Results = Static<typeof ClaimResults>;
type Wanted = Batch['claim'][number];
type Released = Batch['release'][number];

export const batchClaims: EndpointFunction<typeof endpoints.components.claims> = async (context, { body }, signal) => {
  const results: Results = { claimed: [], released: [], refused: [] };
  const keys = [...body.claim, ...body.release].map(({ zone, shard }) => claimKey(zone, shard));
  if (new Set(keys).size < keys.length) {
    throw new CoreBgpError('invalid', 'A shard is in the batch twice; name each once, in claim or in release.');
  }
  // Two commits, as one would be beyond the store's limit.
  const released = await release(context, body, results, signal);
  const claimed = await claim(context, body, results, signal);
  await context.cache.reached(Math.max(released, claimed), signal);
  return results;
};

/** Each failed compare answers what is there, so a second round nearly always settles it; the number of items bounds it. */
async function release({ store }: ApiContext, batch: Batch, results: Results, signal: AbortSignal): Promise<number> {
  let left: readonly Released[] = batch.release;
  while (left.length > 0) {
    const conditions = left.map(({ zone, shard, epoch }) => ({ key: claimKey(zone, shard), createRevision: epoch }));
    const result = await store.commit(
      conditions,
      conditions.map(({ key }) => ({ op: 'delete', key }) as const),
      signal,
    );
    if (result.committed) {
      results.released.push(...left.map(({ zone, shard }) => ({ zone, shard })));
      return result.revision;
    }
    const held = left.filter((one, index) => result.current[index]?.createRevision === one.epoch);
    const lost = left.filter((one) => !held.includes(one));
    results.refused.push(...lost.map(({ zone, shard }) => ({ zone, shard, reason: 'notHolder' })));
    left = held;
  }
  return 0;
}

async function claim({ store }: ApiContext, batch: Batch, results: Results, signal: AbortSignal): Promise<number> {
  const { lease, checker, incarnation } = batch;
  const own = { key: checkerKey(checker.zone, checker.id), createRevision: incarnation };
  const record: ClaimRecord = { v: 1, holder: checker.id, incarnation };
  const value = JSON.stringify(record);
  let left: readonly Wanted[] = batch.claim;
  while (left.length > 0) {
    const keys = left.map(({ zone, shard }) => claimKey(zone, shard));
    const result = await store.commit(
      [own, ...keys.map((key) => ({ key, createRevision: 0 }))],
      keys.map((key) => ({ op: 'put', key, value, lease }) as const),
      signal,
    );
    if (result.committed) {
      const { revision } = result;
      results.claimed.push(...left.map(({ zone, shard }) => ({ zone, shard, epoch: revision })));
      return revision;
    }
    const [ownNow, ...claims] = result.current;
    if (ownNow?.createRevision !== incarnation) throw fenced(checker, incarnation, ownNow?.createRevision);
    const free: Wanted[] = [];
    left.forEach((one, index) => {
      const there = claims[index] ?? null;
      if (there === null) free.push(one);
      else if (isOwn(there, record, lease)) results.claimed.push({ ...one, epoch: there.createRevision });
      else results.refused.push({ ...one, reason: 'alreadyClaimed' });
    });
    left = free;
  }
  return 0;
}

/** A repeated call, whose first answer got lost. */
function isOwn(entry: Entry, { holder, incarnation }: ClaimRecord, lease: string): boolean {
  const value = decodeJson(entry.value);
  if (typeof value !== 'object' || value === null || !('holder' in value) || !('incarnation' in value)) return false;
  return value.holder === holder && value.incarnation === incarnation && entry.lease === lease;
}

function fenced({ zone, id }: Batch['checker'], incarnation: number, now: number | undefined): CoreBgpError {
  const state = now === undefined ? 'is gone' : `has incarnation ${now}`;
  return new CoreBgpError(
    'fenced',
    `The record of checker "${id}" in zone "${zone}" ${state}, not ${incarnation}: join again before claiming.`,
    { reason: 'staleIncarnation' },
  );
}
