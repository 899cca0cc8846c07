/** The table of all endpoints. What is not here does not exist on the wire. */
import Type from 'typebox';
import { Announcement, AnnouncementInput } from '../model/announcement.ts';
import { CheckerRecord } from '../model/checker.ts';
import { Drain, DrainInput } from '../model/drain.ts';
import { oneOf } from '../model/one-of.ts';
import { Peer, PeerInput } from '../model/peer.ts';
import { Project, ProjectInput } from '../model/project.ts';
import { Name, namePattern } from '../model/resource.ts';
import { SpeakerStatusRecord } from '../model/speaker.ts';
import { applyEndpoint } from './apply-endpoint.ts';
import { prefixHistoryEndpoint, tombstoneEndpoints } from './change-endpoints.ts';
import { componentEndpoints } from './component-endpoints.ts';
import { endpoint, none } from './endpoint.ts';
import { eventsEndpoint } from './event-endpoints.ts';
import { listEndpoints } from './lists.ts';
import {
  clusterListQuery,
  nameParams,
  projectListQuery,
  projectParams,
  resourceEndpoints,
} from './resource-endpoints.ts';

/** One step of the chain from a spec to a speaker's RIB. */
export const ExplainStep = Type.Object(
  {
    step: Type.String({ description: 'announcement, entitlement, health, drain, decision, speaker.' }),
    subject: Type.String({ description: 'What the step is about: the prefix, the next hop, the speaker.' }),
    reason: Type.String({ description: 'The reason word.' }),
    message: Type.String({ description: 'The same in a sentence.' }),
  },
  { title: 'ExplainStep', description: "One step of the chain from a spec to a speaker's RIB." },
);
export const Explanation = Type.Object(
  {
    announcement: Type.String({
      description:
        'project/name. Of a path that no announcement has any more: "formerly project/name", or "no announcement".',
    }),
    state: Type.String({ description: 'Where its paths stand as a whole, as in its status.' }),
    steps: Type.Array(ExplainStep, { description: 'From the spec to each RIB, in that order.' }),
  },
  { title: 'Explanation', description: "Why an announcement's paths are where they are." },
);

/** Announcements that an answer for an address explains. */
export const mostExplanations = 500;

const revision = Type.Integer({ description: 'Store revision of its last report.' });
export const Speaker = Type.Object(
  { name: Name, revision, status: SpeakerStatusRecord },
  { title: 'Speaker', description: 'One speaker and what its updater reported last.' },
);
export const Checker = Type.Object(
  {
    id: Type.String({ description: 'Configured name and a random boot suffix.' }),
    zone: Name,
    revision,
    status: CheckerRecord,
  },
  { title: 'Checker', description: 'One checker and what it reported last.' },
);

export const endpoints = {
  announcements: resourceEndpoints({
    kind: 'Announcement',
    noun: 'announcement',
    writes: 'edit',
    params: projectParams,
    listQuery: projectListQuery,
    input: AnnouncementInput,
    output: Announcement,
  }),
  drains: resourceEndpoints({
    kind: 'Drain',
    noun: 'drain',
    writes: 'operate',
    params: nameParams,
    listQuery: clusterListQuery,
    input: DrainInput,
    output: Drain,
  }),
  peers: resourceEndpoints({
    kind: 'Peer',
    noun: 'peer',
    writes: 'network',
    params: nameParams,
    listQuery: clusterListQuery,
    input: PeerInput,
    output: Peer,
  }),
  projects: resourceEndpoints({
    kind: 'Project',
    noun: 'project',
    writes: 'network',
    params: nameParams,
    listQuery: clusterListQuery,
    input: ProjectInput,
    output: Project,
  }),
  speakers: {
    ...listEndpoints({
      collection: 'speakers',
      path: '/v1/speakers',
      plural: 'speakers, as their updaters report them',
      filters: none,
      row: Speaker,
    }),
    get: endpoint({
      id: 'speakers.get',
      method: 'GET',
      path: '/v1/speakers/{name}',
      summary: 'Get one speaker.',
      permission: 'read',
      params: nameParams,
      output: Speaker,
      errors: ['notFound'],
    }),
  },
  checkers: listEndpoints({
    collection: 'checkers',
    path: '/v1/checkers',
    plural: 'checkers',
    filters: none,
    row: Checker,
  }),
  components: componentEndpoints,
  tombstones: tombstoneEndpoints,
  prefixHistory: prefixHistoryEndpoint,
  apply: applyEndpoint,
  explain: endpoint({
    id: 'explain.get',
    method: 'GET',
    path: '/v1/explain/{project}/{name}',
    summary:
      "Why an announcement's paths are where they are: the chain of reason words from spec to each speaker's RIB.",
    permission: 'read',
    params: projectParams,
    output: Explanation,
    errors: ['notFound'],
  }),
  explainAddress: endpoint({
    id: 'explain.address',
    method: 'GET',
    path: '/v1/explain',
    summary: 'The same for every announcement whose prefix contains the address, or that has it as next hop.',
    permission: 'read',
    query: Type.Object(
      { address: Type.String({ minLength: 2, maxLength: 45, description: 'An IPv4 or IPv6 address.' }) },
      { additionalProperties: false },
    ),
    output: Type.Object({
      explanations: Type.Array(Explanation, {
        description:
          'One an announcement that it concerns, at most 500: first by prefix, the longest before the others, then by next hop. Behind them paths that speakers have without one.',
      }),
      more: Type.Optional(Type.Integer({ description: 'How many further announcements it concerns.' })),
    }),
  }),
  events: eventsEndpoint,
  watch: endpoint({
    id: 'watch',
    method: 'GET',
    path: '/v1/watch',
    summary:
      'Server-sent events: the state first, "synced", then one message per store revision, and a bookmark every 5 s. With view=status: objects as get answers them; after "synced" those that look different, in their latest state only, at most every 50 ms.',
    permission: 'read',
    query: Type.Object(
      {
        kinds: Type.String({
          minLength: 1,
          maxLength: 512,
          description:
            'Collections, comma-separated: announcements,health,claims. With view=status any of announcements, drains, peers, projects.',
        }),
        view: Type.Optional(
          oneOf(['records', 'status'], {
            description: 'records: what is stored, whole revisions (default). status: for people, what get answers.',
          }),
        ),
        since: Type.Optional(
          Type.Integer({
            minimum: 0,
            description: 'Go on after this revision instead of sending the state first; not with view=status.',
          }),
        ),
        project: Type.Optional(
          Type.String({
            pattern: namePattern,
            description: 'With view=status and kinds=announcements: of one project.',
          }),
        ),
        name: Type.Optional(
          Type.String({
            pattern: namePattern,
            description: 'With view=status and one kind: only this object; an announcement needs its project too.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    errors: ['compacted', 'limited'],
  }),
  healthz: endpoint({
    id: 'healthz',
    method: 'GET',
    path: '/healthz',
    summary: 'The process lives.',
    permission: 'public',
    output: Type.Object({ ok: Type.Literal(true, { description: 'Always true.' }) }),
  }),
  readyz: endpoint({
    id: 'readyz',
    method: 'GET',
    path: '/readyz',
    summary: 'The store is reachable and the cache fresh; 503 otherwise.',
    permission: 'public',
    output: Type.Object({
      ready: Type.Literal(true, { description: 'Always true; one that is not ready answers 503.' }),
      revision: Type.Integer({ description: 'Store revision that its cache has reached.' }),
      storeId: Type.String({ description: 'Identity of the store; another one after a restore from nothing.' }),
    }),
  }),
  version: endpoint({
    id: 'version',
    method: 'GET',
    path: '/v1/version',
    summary: "The server's version.",
    permission: 'public',
    output: Type.Object({ version: Type.String({ description: 'Version of CoreBGP that the server runs.' }) }),
  }),
};

export type Endpoints = typeof endpoints;
