/** Which function answers which endpoint. An endpoint of the contract that is missing here doesn't compile. */
import type { Endpoint } from '../contract/endpoint.ts';
import type { Endpoints } from '../contract/endpoints.ts';
import { Announcement, AnnouncementInput } from '../model/announcement.ts';
import { Drain, DrainInput } from '../model/drain.ts';
import { Peer, PeerInput } from '../model/peer.ts';
import { Project, ProjectInput } from '../model/project.ts';
import { announcementStatusOf, announcementStatusText } from './announcement-status.ts';
import { announcements } from './announcements.ts';
import { apply } from './apply.ts';
import { checkerLists, putChecker } from './checkers.ts';
import { batchClaims } from './claims.ts';
import type { EndpointFunction } from './context.ts';
import { drains } from './drains.ts';
import { listEvents } from './events.ts';
import { explainAddress, explainAnnouncement } from './explain.ts';
import { reportHealth } from './health.ts';
import { prefixHistory } from './history.ts';
import { grantLease, keepLeaseAlive, revokeLease } from './leases.ts';
import { peerStatus, peers } from './peers.ts';
import { healthz, readyz, version } from './probes.ts';
import { projects } from './projects.ts';
import { resourceFunctions } from './resource-endpoints.ts';
import { getSpeaker, reportSpeaker, speakerLists } from './speakers.ts';
import { tombstoneLists } from './tombstones.ts';
import { watch } from './watch.ts';

type RoutesOf<Table> = {
  readonly [Key in keyof Table]: Table[Key] extends Endpoint ? EndpointFunction<Table[Key]> : RoutesOf<Table[Key]>;
};

export const routes: RoutesOf<Endpoints> = {
  announcements: resourceFunctions({
    ...announcements,
    kind: 'Announcement',
    input: AnnouncementInput,
    output: Announcement,
    status: announcementStatusOf,
    statusText: announcementStatusText,
  }),
  drains: resourceFunctions({ ...drains, kind: 'Drain', input: DrainInput, output: Drain }),
  peers: resourceFunctions({
    ...peers,
    kind: 'Peer',
    input: PeerInput,
    output: Peer,
    status: (context, { record }) => peerStatus(context, record.metadata),
  }),
  projects: resourceFunctions({ ...projects, kind: 'Project', input: ProjectInput, output: Project }),
  speakers: { ...speakerLists, get: getSpeaker },
  checkers: checkerLists,
  components: {
    grantLease,
    keepLeaseAlive,
    revokeLease,
    putChecker,
    claims: batchClaims,
    health: reportHealth,
    reportSpeaker,
  },
  tombstones: tombstoneLists,
  prefixHistory,
  apply,
  explain: explainAnnouncement,
  explainAddress,
  events: listEvents,
  watch,
  healthz,
  readyz,
  version,
};
