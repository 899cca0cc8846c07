/** Which function answers which endpoint. An endpoint of the contract that is missing here doesn't compile. */
import type { Endpoint } from '../contract/endpoint.ts';
import type { Endpoints } from '../contract/endpoints.ts';
import { Announcement } from '../model/announcement.ts';
import { Drain } from '../model/drain.ts';
import { Peer } from '../model/peer.ts';
import { Project } from '../model/project.ts';
import { announcementStatus } from './announcement-status.ts';
import { announcements } from './announcements.ts';
import { apply } from './apply.ts';
import { listCheckers, putChecker } from './checkers.ts';
import { batchClaims } from './claims.ts';
import type { EndpointFunction } from './context.ts';
import { drains } from './drains.ts';
import { explainAddress, explainAnnouncement } from './explain.ts';
import { reportHealth } from './health.ts';
import { grantLease, keepLeaseAlive, revokeLease } from './leases.ts';
import { peerStatus, peers } from './peers.ts';
import { healthz, readyz, version } from './probes.ts';
import { projects } from './projects.ts';
import { resourceFunctions } from './resource-endpoints.ts';
import { getSpeaker, listSpeakers, reportSpeaker } from './speakers.ts';
import { watch } from './watch.ts';

type RoutesOf<Table> = {
  readonly [Key in keyof Table]: Table[Key] extends Endpoint ? EndpointFunction<Table[Key]> : RoutesOf<Table[Key]>;
};

export const routes: RoutesOf<Endpoints> = {
  announcements: resourceFunctions({
    ...announcements,
    kind: 'Announcement',
    output: Announcement,
    status: announcementStatus,
  }),
  drains: resourceFunctions({ ...drains, kind: 'Drain', output: Drain }),
  peers: resourceFunctions({ ...peers, kind: 'Peer', output: Peer, status: peerStatus }),
  projects: resourceFunctions({ ...projects, kind: 'Project', output: Project }),
  speakers: { list: listSpeakers, get: getSpeaker },
  checkers: { list: listCheckers },
  components: {
    grantLease,
    keepLeaseAlive,
    revokeLease,
    putChecker,
    claims: batchClaims,
    health: reportHealth,
    reportSpeaker,
  },
  apply,
  explain: explainAnnouncement,
  explainAddress,
  watch,
  healthz,
  readyz,
  version,
};
