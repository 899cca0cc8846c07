/** Typed calls of the components: leases, membership, claims, verdicts, speaker reports. Never a raw transaction. */
import Type from 'typebox';
import { CheckerRecord } from '../model/checker.ts';
import { shardCount, VerdictRecord } from '../model/health.ts';
import { Name } from '../model/resource.ts';
import { SpeakerStatusRecord } from '../model/speaker.ts';
import { endpoint } from './endpoint.ts';
import { nameParams } from './resource-endpoints.ts';

const Lease = Type.String({ title: 'Lease', pattern: '^[0-9a-f]{1,32}$', description: 'Id from POST /v1/leases.' });
const leaseParams = Type.Object({ lease: Lease }, { additionalProperties: false });
const checkerParams = Type.Object({ zone: Name, id: CheckerRecord.properties.id }, { additionalProperties: false });
const Shard = Type.Integer({ minimum: 0, maximum: shardCount - 1, description: 'Number of a shard in its zone.' });
const Epoch = Type.Integer({ description: 'Create-revision of the claim: the fencing token of its verdicts.' });
const ShardReason = Type.String({ description: 'alreadyClaimed, notHolder.' });
const Done = Type.Object({}, { title: 'Done', description: 'There is nothing to say but that it is done.' });

export const TaskId = Type.String({
  title: 'TaskId',
  pattern: '^[0-9a-f]{32}$',
  description: 'Id of a task: 32 hexadecimal digits.',
});

/** Conditions and operations of one commit are limited: see commitLimit of the store. */
export const mostClaims = 120;
export const mostVerdicts = 60;

export const ClaimBatch = Type.Object(
  {
    lease: Lease,
    checker: Type.Object(checkerParams.properties, { description: 'Who calls.', additionalProperties: false }),
    incarnation: Type.Integer({
      description: "Create-revision of the caller's checker record; another one fences the call off.",
    }),
    claim: Type.Array(Type.Object({ zone: Name, shard: Shard }, { additionalProperties: false }), {
      maxItems: mostClaims,
      description: 'Shards to take.',
    }),
    release: Type.Array(Type.Object({ zone: Name, shard: Shard, epoch: Epoch }, { additionalProperties: false }), {
      maxItems: mostClaims,
      description: 'Shards to give up.',
    }),
  },
  { title: 'ClaimBatch', description: 'Shards to take and to give up.', additionalProperties: false },
);

export const ClaimResults = Type.Object(
  {
    claimed: Type.Array(Type.Object({ zone: Name, shard: Shard, epoch: Epoch }), { description: 'Taken.' }),
    released: Type.Array(Type.Object({ zone: Name, shard: Shard }), { description: 'Given up.' }),
    refused: Type.Array(Type.Object({ zone: Name, shard: Shard, reason: ShardReason }), {
      description: 'Neither, and why.',
    }),
  },
  { title: 'ClaimResults', description: 'What became of each shard.' },
);

export const VerdictReport = Type.Object(
  {
    taskId: TaskId,
    zone: Name,
    shard: Shard,
    ...Type.Omit(VerdictRecord, ['v']).properties,
  },
  {
    title: 'VerdictReport',
    description: 'The verdict on one task, under the epoch of its claim.',
    additionalProperties: false,
  },
);

export const componentEndpoints = {
  grantLease: endpoint({
    id: 'leases.grant',
    method: 'POST',
    path: '/v1/leases',
    summary: 'Grant a lease: keys attached to it vanish when it is not kept alive.',
    permission: 'checker',
    body: Type.Object(
      { ttlMs: Type.Integer({ minimum: 2_000, maximum: 600_000, description: 'Time to live, milliseconds.' }) },
      { additionalProperties: false },
    ),
    output: Type.Object({ lease: Lease, ttlMs: Type.Integer({ description: 'Time to live, milliseconds.' }) }),
    status: 201,
  }),
  keepLeaseAlive: endpoint({
    id: 'leases.keepalive',
    method: 'POST',
    path: '/v1/leases/{lease}/keepalive',
    summary: 'Give a lease its full time to live again.',
    permission: 'checker',
    params: leaseParams,
    output: Done,
    errors: ['leaseExpired'],
  }),
  revokeLease: endpoint({
    id: 'leases.revoke',
    method: 'DELETE',
    path: '/v1/leases/{lease}',
    summary: 'End a lease at once, with its keys. Ending one that is gone is no error.',
    permission: 'checker',
    params: leaseParams,
    output: Done,
  }),
  putChecker: endpoint({
    id: 'checkers.put',
    method: 'PUT',
    path: '/v1/checkers/{zone}/{id}',
    summary: "Write a checker's own record, on its lease.",
    permission: 'checker',
    params: checkerParams,
    body: Type.Object({ lease: Lease, record: CheckerRecord }, { additionalProperties: false }),
    output: Type.Object({
      createRevision: Type.Integer({ description: "The record's create-revision: the checker's incarnation." }),
      revision: Type.Integer({ description: 'Store revision of this write.' }),
    }),
    errors: ['leaseExpired'],
  }),
  claims: endpoint({
    id: 'claims.batch',
    method: 'POST',
    path: '/v1/claims',
    summary: 'Claim free shards and release own ones. Each claim answers its epoch, the fencing token of verdicts.',
    permission: 'checker',
    body: ClaimBatch,
    output: ClaimResults,
    errors: ['leaseExpired', 'fenced'],
  }),
  health: endpoint({
    id: 'health.report',
    method: 'POST',
    path: '/v1/health',
    summary:
      'Publish verdicts, each under the epoch of its claim; one that is no longer current is refused with a reason word.',
    permission: 'checker',
    body: Type.Object(
      { verdicts: Type.Array(VerdictReport, { minItems: 1, maxItems: mostVerdicts, description: 'One a task.' }) },
      { additionalProperties: false },
    ),
    output: Type.Object({
      revision: Type.Integer({ description: 'Store revision of the commit; what is in it is published.' }),
      refused: Type.Array(
        Type.Object({ taskId: TaskId, reason: Type.String({ description: 'staleEpoch, staleSequence.' }) }),
        { description: 'Verdicts that were not written, and why.' },
      ),
    }),
  }),
  reportSpeaker: endpoint({
    id: 'speakers.report',
    method: 'POST',
    path: '/v1/speakers/{name}/report',
    summary: "Write a speaker's status, as its updater sees it.",
    permission: 'updater',
    params: nameParams,
    body: SpeakerStatusRecord,
    // 1,000 exceptions of long IPv6 prefixes and hundreds of peers; the store takes as much in a commit.
    mostBodyBytes: 1024 * 1024,
    output: Done,
  }),
};
