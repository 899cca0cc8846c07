/**
 * A checker that probes nothing: it joins, claims shards and publishes verdicts through the API as any checker, but says
 * what the benchmark wants, when it wants it. That leaves detection out of what is measured.
 */
import type { Client } from '../../src/client/client.ts';
import { mostClaims, mostVerdicts } from '../../src/contract/component-endpoints.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { shardCount } from '../../src/model/health.ts';
import { never } from '../measure.ts';

export interface BenchChecker {
  /** One call of POST /v1/health for all the tasks; resolves when it is answered. */
  publish(tasks: readonly CheckedTask[], state: 'up' | 'down'): Promise<void>;
  /** The same in as many calls as it takes. */
  publishAll(tasks: readonly CheckedTask[], state: 'up' | 'down'): Promise<void>;
}

export interface CheckedTask {
  readonly taskId: string;
  readonly shard: number;
}

/** Joins the zone and claims all of it; the node's own checker leaves a zone alone that has a checker. */
export async function startBenchChecker(client: Client, zone: string): Promise<BenchChecker> {
  const id = 'bench-checker';
  const { lease } = await client.call(endpoints.components.grantLease, { body: { ttlMs: 600_000 } }, never);
  const record = { v: 1, id, zone, state: 'ready', version: '0.0.0' } as const;
  const input = { params: { zone, id }, body: { lease, record } };
  const { createRevision: incarnation } = await client.call(endpoints.components.putChecker, input, never);
  const epochs = new Map<number, number>();
  for (let from = 0; from < shardCount; from += mostClaims) {
    const shards = Array.from({ length: Math.min(mostClaims, shardCount - from) }, (_, index) => from + index);
    const body = {
      lease,
      checker: { zone, id },
      incarnation,
      claim: shards.map((shard) => ({ zone, shard })),
      release: [],
    };
    const { claimed } = await client.call(endpoints.components.claims, { body }, never);
    for (const { shard, epoch } of claimed) epochs.set(shard, epoch);
  }
  if (epochs.size !== shardCount) throw new Error(`only ${epochs.size} of ${shardCount} shards could be claimed`);
  let seq = 0;

  const publish = async (tasks: readonly CheckedTask[], state: 'up' | 'down') => {
    const since = new Date().toISOString();
    const verdicts = tasks.map(({ taskId, shard }) => {
      seq += 1;
      const reason = state === 'up' ? 'ok' : 'connectionRefused';
      return { taskId, zone, shard, state, since, reason, rttMs: 1, checker: id, epoch: epochs.get(shard) ?? 0, seq };
    });
    const { refused } = await client.call(endpoints.components.health, { body: { verdicts } }, never);
    if (refused.length > 0) throw new Error(`verdicts were refused: ${JSON.stringify(refused[0])}`);
  };
  return {
    publish,
    publishAll: async (tasks, state) => {
      for (let from = 0; from < tasks.length; from += mostVerdicts) {
        await publish(tasks.slice(from, from + mostVerdicts), state);
      }
    },
  };
}
