/** Typed calls of the components: leases, membership, claims, verdicts, speaker reports. Never a raw transaction. */
import Type from 'typebox';
import { CheckerRecord } from '../model/checker.ts';
import { shardCount, VerdictRecord } from '../model/health.ts';
import { Name } from '../model/resource.ts';
import { SpeakerStatusRecord } from '../model/speaker.ts';
import { endpoint } from './endpoint.ts';
import { nameParams } from './resource-endpoints.ts';

const Lease = Type.String({ pattern: '^[0-9a-f]{1,32}$', description: 'Id from POST /v1/leases.' });
const leaseParams = Type.Object({ lease: Lease }, { additionalProperties: false });
const checkerParams = Type.Object({ zone: Name, id: CheckerRecord.properties.id }, { additionalProperties: false });
const Shard = Type.Integer({ minimum: 0, maximum: shardCount - 1 });
const Done = Type.Object({});

export const TaskId = Type.String({ pattern: '^[0-9a-f]{32}$' });

/** Conditions and operations of one commit are limited: see commitLimit of the store. */
export const mostClaims = 120;
export const mostVerdicts = 60;

export const ClaimBatch = Type.Object(
  {
    lease: Lease,
    checker: checkerParams,
    incarnation: Type.Integer({
      description: "Create-revision of the caller's checker record; another one fences the call off.",
    }),
    claim: Type.Array(Type.Object({ zone: Name, shard: Shard }, { additionalProperties: false }), {
      maxItems: mostClaims,
    }),
    release: Type.Array(
      Type.Object({ zone: Name, shard: Shard, epoch: Type.Integer() }, { additionalProperties: false }),
      { maxItems: mostClaims },
    ),
  },
  { additionalProperties: false },
);

export const ClaimResults = Type.Object({
  claimed: Type.Array(Type.Object({ zone: Name, shard: Shard, epoch: Type.Integer() })),
  released: Type.Array(Type.Object({ zone: Name, shard: Shard })),
  refused: Type.Array(
    Type.Object({ zone: Name, shard: Shard, reason: Type.String({ description: 'alreadyClaimed, notHolder.' }) }),
  ),
});

export const VerdictReport = Type.Object(
  {
    taskId: TaskId,
    zone: Name,
    shard: Shard,
    ...Type.Omit(VerdictRecord, ['v']).properties,
  },
  { additionalProperties: false },
);

export const componentEndpoints = {
  grantLease: endpoint({
    id: 'leases.grant',
    method: 'POST',
    path: '/v1/leases',
    summary: 'Grant a lease: keys attached to it vanish when it is not kept alive.',
    permission: 'checker',
    body: Type.Object({ ttlMs: Type.Integer({ minimum: 2_000, maximum: 600_000 }) }, { additionalProperties: false }),
    output: Type.Object({ lease: Lease, ttlMs: Type.Integer() }),
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
    output: Type.Object({ createRevision: Type.Integer(), revision: Type.Integer() }),
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
      { verdicts: Type.Array(VerdictReport, { minItems: 1, maxItems: mostVerdicts }) },
      { additionalProperties: false },
    ),
    output: Type.Object({
      revision: Type.Integer(),
      refused: Type.Array(
        Type.Object({ taskId: TaskId, reason: Type.String({ description: 'staleEpoch, staleSequence.' }) }),
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
