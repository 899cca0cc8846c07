/** What the playground declares, as a user would write it. */
import type { BackendPlace } from './backend.ts';

/** From the documentation ranges: RFC 5737, RFC 7300, RFC 5612. */
export const prefix = '203.0.113.10/32';
export const asn = 64_512;
export const community = `${asn}:100`;
export const announcementName = 'web';
export const project = 'default';

/** Loopback addresses are refused as targets of checks unless a project names them; here they are the whole world. */
export const projectResource = {
  kind: 'Project',
  metadata: { name: project },
  spec: {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
    nextHops: ['127.0.0.0/8', '10.0.0.0/8'],
  },
};

export const peerResource = (address: string, port: number) => ({
  kind: 'Peer',
  metadata: { name: 'bird' },
  spec: { address, asn, port, multihop: 2, timers: { connectRetry: '1s' }, addPath: { send: 8 } },
});

/** Checked four times a second while undecided, so that the playground is lively. */
export const announcementResource = (backends: readonly BackendPlace[]) => ({
  kind: 'Announcement',
  metadata: { project, name: announcementName, labels: { team: 'playground' } },
  spec: {
    prefixes: [prefix],
    nextHops: backends.map(({ address }) => ({ address })),
    healthCheck: {
      type: 'http',
      port: backends[0]?.port ?? 80,
      path: '/',
      interval: '1s',
      fastInterval: '250ms',
      timeout: '500ms',
      rise: 2,
      fall: 2,
    },
    attributes: { communities: [community], localPref: 200 },
  },
});
