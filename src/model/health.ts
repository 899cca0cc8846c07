/** The verdict on one task: what a checker found out, and by which claim it may say so. */
import Type, { type Static } from 'typebox';
import { oneOf } from './one-of.ts';

export const verdictStates = ['up', 'down', 'suspect'] as const;
export type VerdictState = (typeof verdictStates)[number];

/** 256 shards a zone. */
export const shardCount = 256;

/** As the store keeps it, at `health/<taskId>`. It outlives its checker. */
export const VerdictRecord = Type.Object({
  v: Type.Literal(1, { description: 'Version of the record.' }),
  state: oneOf(verdictStates, { description: 'What the checker found out.' }),
  since: Type.String({ description: 'RFC 3339: when the state was entered.' }),
  reason: Type.String({
    description: 'Reason word of the deciding probe: ok, connectionRefused, timeout, statusMismatch, …',
  }),
  code: Type.Optional(Type.Integer({ description: 'HTTP status, where there was one.' })),
  rttMs: Type.Optional(Type.Number({ minimum: 0, description: 'Time the deciding probe took, milliseconds.' })),
  checker: Type.String({ description: 'Id of the checker that published it.' }),
  epoch: Type.Integer({ description: 'Create-revision of the claim it was published under: the fencing token.' }),
  seq: Type.Integer({ minimum: 0, description: 'Grows with every verdict of the task in an epoch.' }),
});
export type VerdictRecord = Static<typeof VerdictRecord>;

/** At `claims/<zone>/<shard>`, on the holder's lease. Its create-revision is the epoch. */
export const ClaimRecord = Type.Object({
  v: Type.Literal(1),
  holder: Type.String(),
  incarnation: Type.Integer({ description: "Create-revision of the holder's checker record." }),
});
export type ClaimRecord = Static<typeof ClaimRecord>;

export const claimKey = (zone: string, shard: number): string => `claims/${zone}/${shard}`;
export const healthKey = (taskId: string): string => `health/${taskId}`;
export const checkerKey = (zone: string, id: string): string => `checkers/${zone}/${id}`;
