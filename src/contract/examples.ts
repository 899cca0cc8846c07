/** Examples of every endpoint, by its id: the OpenAPI document shows them, and a test carries each of them out. */
import { componentExamples } from './component-examples.ts';
import type { Example } from './example.ts';
import { resourceExamples } from './resource-examples.ts';

/** Examples that have objects to show: an announcement, and what it needs. */
const web = ['announcements.create/web'];
const edge1 = ['speakers.report/edge-1'];

const announcementWeb = {
  kind: 'Announcement',
  metadata: { project: 'shop', name: 'web', labels: { team: 'edge' } },
  spec: {
    prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
    nextHops: [
      { address: '10.0.1.11', zone: 'eu-1a', attributes: { localPref: 200 } },
      { address: '10.0.1.12', zone: 'eu-1b' },
      { address: '2001:db8:1::11', zone: 'eu-1a' },
    ],
    healthCheck: { type: 'http', port: 8080, path: '/healthz', expect: { status: ['200-399'] } },
    attributes: { communities: ['64512:100'] },
    policy: { minHealthy: 1, onAllDown: 'withdraw' },
  },
};

const announcementDns = {
  kind: 'Announcement',
  metadata: { project: 'shop', name: 'dns' },
  spec: {
    prefixes: ['203.0.113.53/32', '2001:db8::53/128'],
    nextHops: [{ address: '10.0.1.53' }, { address: '2001:db8:1::53' }],
    healthCheck: { type: 'tcp', port: 53 },
  },
};

const projectShop = {
  kind: 'Project',
  metadata: { name: 'shop' },
  spec: {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32', maxLength: 128 }],
    nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
  },
};

const server: Readonly<Record<string, readonly Example[]>> = {
  healthz: [{ name: 'alive', summary: 'The process lives.', status: 200 }],
  readyz: [{ name: 'ready', summary: 'The store is reachable and the cache fresh.', status: 200 }],
  version: [{ name: 'version', summary: 'Which version is it?', status: 200 }],
};

const views: Readonly<Record<string, readonly Example[]>> = {
  apply: [
    {
      name: 'dry-run',
      summary: 'What would this change?',
      query: { dryRun: 'true' },
      body: { resources: [announcementDns] },
      status: 200,
      after: [...web, ...edge1],
    },
    {
      name: 'two-resources',
      summary: 'A project and an announcement in it, dual stack.',
      body: { resources: [projectShop, announcementDns] },
      status: 200,
      after: ['apply/dry-run'],
    },
    {
      name: 'one-fails',
      summary: 'Each resource stands for itself: the second one is refused, the first is as it was.',
      body: {
        resources: [
          projectShop,
          {
            kind: 'Announcement',
            metadata: { project: 'shop', name: 'elsewhere' },
            spec: { prefixes: ['198.51.100.1/32'], nextHops: [{ address: '10.0.1.11' }] },
          },
        ],
      },
      status: 200,
      after: ['apply/two-resources'],
    },
  ],
  'explain.get': [
    {
      name: 'web',
      summary: 'Why are the paths of shop/web where they are?',
      params: { project: 'shop', name: 'web' },
      status: 200,
      after: [...web, ...edge1],
    },
  ],
  'explain.address': [
    {
      name: 'ipv4',
      summary: 'Who announces 203.0.113.10?',
      query: { address: '203.0.113.10' },
      status: 200,
      after: web,
    },
    {
      name: 'ipv6',
      summary: 'Who has 2001:db8:1::11 as a next hop?',
      query: { address: '2001:db8:1::11' },
      status: 200,
      after: web,
    },
  ],
  watch: [
    {
      name: 'records',
      summary: 'The stored announcements and projects, and every change of them from then on.',
      query: { kinds: 'announcements,projects' },
      status: 200,
      after: web,
    },
    {
      name: 'status',
      summary: 'One announcement as get answers it, and again whenever that differs.',
      query: { kinds: 'announcements', view: 'status', project: 'shop', name: 'web' },
      status: 200,
      after: web,
    },
  ],
  'events.list': [
    {
      name: 'of-an-object',
      summary: 'When was shop/web created?',
      query: { object: 'shop/web', kind: 'created', limit: '1' },
      status: 200,
      after: ['announcements.history/mail'],
    },
  ],
  'tombstones.list': [
    { name: 'all', summary: 'What can be restored?', status: 200, after: ['announcements.delete/mail'] },
  ],
  'tombstones.all': [
    {
      name: 'all',
      summary: 'What can be restored, one a line?',
      headers: { accept: 'application/x-ndjson' },
      status: 200,
      after: ['announcements.delete/mail'],
    },
  ],
  'history.prefix': [
    {
      name: 'ipv4',
      summary: 'Who had 203.0.113.25/32, and when?',
      query: { prefix: '203.0.113.25/32' },
      status: 200,
      after: ['announcements.undelete/mail'],
    },
    {
      name: 'ipv6',
      summary: 'The same for IPv6.',
      query: { prefix: '2001:db8::25/128' },
      status: 200,
      after: ['announcements.undelete/mail'],
    },
  ],
  'speakers.list': [{ name: 'all', summary: 'Every speaker.', status: 200, after: edge1 }],
  'speakers.get': [{ name: 'edge-1', summary: 'One speaker.', params: { name: 'edge-1' }, status: 200, after: edge1 }],
  'speakers.all': [
    {
      name: 'all',
      summary: 'Every speaker, one a line.',
      headers: { accept: 'application/x-ndjson' },
      status: 200,
      after: edge1,
    },
  ],
  'checkers.all': [
    {
      name: 'all',
      summary: 'Every checker, one a line.',
      headers: { accept: 'application/x-ndjson' },
      status: 200,
      after: ['checkers.put/checker-1'],
    },
  ],
  'checkers.list': [{ name: 'all', summary: 'Every checker.', status: 200, after: ['checkers.put/checker-1'] }],
};

export const examples: Readonly<Record<string, readonly Example[]>> = {
  ...resourceExamples({
    collection: 'projects',
    first: projectShop,
    second: {
      kind: 'Project',
      metadata: { name: 'lab', labels: { team: 'edge' } },
      spec: { prefixes: [{ prefix: '2001:db8:aa::/48' }], nextHops: ['10.9.0.0/16'] },
    },
    patch: { metadata: { annotations: { owner: 'lab@example.net' } } },
  }),
  ...resourceExamples({
    collection: 'announcements',
    first: announcementWeb,
    second: {
      kind: 'Announcement',
      metadata: { project: 'shop', name: 'mail', labels: { team: 'mail' } },
      spec: {
        prefixes: ['203.0.113.25/32', '2001:db8::25/128'],
        nextHops: [{ address: '10.0.1.25' }, { address: '2001:db8:1::25' }],
      },
    },
    patch: { spec: { attributes: { med: 50 } } },
    needs: ['projects.create/shop'],
    whileDeleted: ['tombstones.list/all', 'tombstones.all/all'],
    query: { project: 'shop', labels: 'team=edge' },
  }),
  ...resourceExamples({
    collection: 'peers',
    first: { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '192.0.2.1', asn: 64512 } },
    second: {
      kind: 'Peer',
      metadata: { name: 'rr2' },
      spec: {
        address: '2001:db8:ffff::2',
        asn: 64512,
        timers: { holdTime: '9s', keepalive: '3s' },
        addPath: { send: 64 },
      },
    },
    patch: { spec: { passive: true } },
  }),
  ...resourceExamples({
    collection: 'drains',
    first: {
      kind: 'Drain',
      metadata: { name: 'rack-7' },
      spec: { target: { nextHop: '10.0.1.12' }, until: '2099-01-01T00:00:00Z', why: 'New power supply.' },
    },
    second: {
      kind: 'Drain',
      metadata: { name: 'zone-eu-1b' },
      spec: { target: { zone: 'eu-1b' }, why: 'Fibre work.' },
    },
    patch: { spec: { why: 'Fibre work, second night.' } },
  }),
  ...views,
  ...componentExamples,
  ...server,
};
