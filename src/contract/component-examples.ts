/** The examples of the components' calls: a checker takes a lease, shows itself, claims a shard and reports a verdict. */
import { type Example, fromAnswer } from './example.ts';

const lease = fromAnswer('leases.grant/checker', 'lease');
const incarnation = fromAnswer('checkers.put/checker-1', 'createRevision');
const epoch = fromAnswer('claims.batch/claim', 'claimed.0.epoch');
const checker = { zone: 'eu-1a', id: 'checker-1-7f3a' };
const verdict = {
  taskId: '0123456789abcdef0123456789abcdef',
  zone: 'eu-1a',
  shard: 35,
  state: 'up',
  since: '2026-01-01T12:00:00.000Z',
  reason: 'ok',
  code: 200,
  rttMs: 1.5,
  checker: checker.id,
  epoch,
  seq: 1,
};

export const componentExamples: Readonly<Record<string, readonly Example[]>> = {
  'leases.grant': [
    { name: 'checker', summary: 'A lease of 15 s.', body: { ttlMs: 15_000 }, status: 201 },
    { name: 'second', summary: 'Another one.', body: { ttlMs: 15_000 }, status: 201 },
    { name: 'too-short', summary: 'Too short a life.', body: { ttlMs: 10 }, status: 400 },
  ],
  'leases.keepalive': [
    { name: 'checker', summary: 'Give it its 15 s again.', params: { lease }, status: 200 },
    {
      name: 'gone',
      summary: 'A lease that is gone.',
      params: { lease: '00000000000000000000000000000000' },
      status: 410,
    },
  ],
  'leases.revoke': [
    {
      name: 'second',
      summary: 'End it at once.',
      params: { lease: fromAnswer('leases.grant/second', 'lease') },
      status: 200,
    },
  ],
  'checkers.put': [
    {
      name: 'checker-1',
      summary: 'A checker shows itself, on its lease.',
      params: checker,
      body: { lease, record: { v: 1, ...checker, state: 'ready', version: '0.1.0', shards: 0, tasks: 0 } },
      status: 200,
    },
  ],
  'claims.batch': [
    {
      name: 'claim',
      summary: 'Claim two shards.',
      body: {
        lease,
        checker,
        incarnation,
        claim: [
          { zone: 'eu-1a', shard: 35 },
          { zone: 'eu-1a', shard: 36 },
        ],
        release: [],
      },
      status: 200,
    },
    {
      name: 'release',
      summary: 'Give one up; the other is taken already.',
      body: {
        lease,
        checker,
        incarnation,
        claim: [{ zone: 'eu-1a', shard: 35 }],
        release: [{ zone: 'eu-1a', shard: 36, epoch }],
      },
      status: 200,
      after: ['health.report/up'],
    },
  ],
  'health.report': [
    { name: 'up', summary: 'A next hop is healthy.', body: { verdicts: [verdict] }, status: 200 },
    {
      name: 'stale',
      summary: 'A verdict whose number is not above the last one is refused, with a reason word.',
      body: { verdicts: [verdict] },
      status: 200,
      after: ['health.report/up'],
    },
  ],
  'speakers.report': [
    {
      name: 'edge-1',
      summary: 'An updater reports its speaker.',
      params: { name: 'edge-1' },
      body: {
        v: 1,
        name: 'edge-1',
        node: 'node-1',
        zone: 'eu-1a',
        asn: 64512,
        routerId: '192.0.2.101',
        generation: 'v3',
        appliedRevision: 12,
        paths: 2,
        foreignPaths: 0,
        peers: [{ name: 'rr1', address: '192.0.2.1', asn: 64512, session: 'established', routerId: '192.0.2.1' }],
        exceptions: [],
        exceptionCount: 0,
        conditions: [],
        reportedAt: '2026-01-01T12:00:00.000Z',
      },
      status: 200,
    },
  ],
};
