/** The table of all endpoints. What is not here does not exist on the wire. */
import Type from 'typebox';
import { Announcement, AnnouncementInput } from '../model/announcement.ts';
import { CheckerRecord } from '../model/checker.ts';
import { Drain, DrainInput } from '../model/drain.ts';
import { Peer, PeerInput } from '../model/peer.ts';
import { Project, ProjectInput } from '../model/project.ts';
import { Name } from '../model/resource.ts';
import { SpeakerStatusRecord } from '../model/speaker.ts';
import { componentEndpoints } from './component-endpoints.ts';
import { endpoint } from './endpoint.ts';
import {
  clusterListQuery,
  nameParams,
  projectListQuery,
  projectParams,
  resourceEndpoints,
} from './resource-endpoints.ts';

/** One step of the chain from a spec to a speaker's RIB. */
export const ExplainStep = Type.Object({
  step: Type.String({ description: 'announcement, entitlement, health, drain, decision, speaker.' }),
  subject: Type.String({ description: 'What the step is about: the prefix, the next hop, the speaker.' }),
  reason: Type.String({ description: 'The reason word.' }),
  message: Type.String({ description: 'The same in a sentence.' }),
});
export const Explanation = Type.Object({
  announcement: Type.String(),
  state: Type.String(),
  steps: Type.Array(ExplainStep),
});

/** What a write would change, or has been seen to want, at one speaker. */
export const PathDiff = Type.Object({
  speaker: Type.String(),
  announce: Type.Array(Type.Object({ prefix: Type.String(), nextHop: Type.String(), reason: Type.String() })),
  withdraw: Type.Array(Type.Object({ prefix: Type.String(), nextHop: Type.String(), reason: Type.String() })),
  change: Type.Array(Type.Object({ prefix: Type.String(), nextHop: Type.String(), reason: Type.String() })),
  keep: Type.Optional(
    Type.Array(Type.Object({ prefix: Type.String(), nextHop: Type.String(), reason: Type.String() }), {
      description: "What is there stays, what isn't stays absent, until more is known.",
    }),
  ),
});

export const ApplyResult = Type.Object({
  kind: Type.String(),
  name: Type.String({ description: 'project/name, or name.' }),
  result: Type.Union([
    Type.Literal('created'),
    Type.Literal('changed'),
    Type.Literal('unchanged'),
    Type.Literal('failed'),
  ]),
  revision: Type.Optional(Type.Integer()),
  error: Type.Optional(
    Type.Object({
      code: Type.String(),
      detail: Type.String(),
      field: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
    }),
  ),
});

const speaker = Type.Object({ name: Name, revision: Type.Integer(), status: SpeakerStatusRecord });
const checker = Type.Object({ id: Type.String(), zone: Name, revision: Type.Integer(), status: CheckerRecord });
const list = <Row extends ReturnType<typeof Type.Object>>(row: Row) =>
  Type.Object({ revision: Type.Integer(), resources: Type.Array(row) });

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
    list: endpoint({
      id: 'speakers.list',
      method: 'GET',
      path: '/v1/speakers',
      summary: 'List the speakers as their updaters report them.',
      permission: 'read',
      output: list(speaker),
    }),
    get: endpoint({
      id: 'speakers.get',
      method: 'GET',
      path: '/v1/speakers/{name}',
      summary: 'Get one speaker.',
      permission: 'read',
      params: nameParams,
      output: speaker,
      errors: ['notFound'],
    }),
  },
  checkers: {
    list: endpoint({
      id: 'checkers.list',
      method: 'GET',
      path: '/v1/checkers',
      summary: 'List the checkers.',
      permission: 'read',
      output: list(checker),
    }),
  },
  components: componentEndpoints,
  apply: endpoint({
    id: 'apply',
    method: 'POST',
    path: '/v1/apply',
    summary:
      'Create or replace several resources, each for itself, in order; dryRun=true writes nothing and answers the path diff. Takes up to 55 s on a slow disk; what was not reached by then is answered as failed, with code timeout.',
    permission: 'edit',
    // 100 writes, as the command line sends at most, at 500 ms each; it waits 60 s.
    answerWithinMs: 55_000,
    query: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
    body: Type.Object(
      {
        resources: Type.Array(Type.Unknown({ description: 'Announcement, Drain, Peer or Project.' }), {
          minItems: 1,
          maxItems: 500,
        }),
      },
      { additionalProperties: false },
    ),
    output: Type.Object({ dryRun: Type.Boolean(), results: Type.Array(ApplyResult), paths: Type.Array(PathDiff) }),
  }),
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
    query: Type.Object({ address: Type.String({ minLength: 2, maxLength: 45 }) }, { additionalProperties: false }),
    output: Type.Object({ explanations: Type.Array(Explanation) }),
  }),
  watch: endpoint({
    id: 'watch',
    method: 'GET',
    path: '/v1/watch',
    summary:
      'Server-sent events: the state first, "synced", then one message per store revision, and a bookmark every 5 s.',
    permission: 'read',
    query: Type.Object(
      {
        kinds: Type.String({
          minLength: 1,
          maxLength: 512,
          description: 'Collections, comma-separated: announcements,health,claims.',
        }),
        since: Type.Optional(
          Type.Integer({ minimum: 0, description: 'Go on after this revision instead of sending the state first.' }),
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
    output: Type.Object({ ok: Type.Literal(true) }),
  }),
  readyz: endpoint({
    id: 'readyz',
    method: 'GET',
    path: '/readyz',
    summary: 'The store is reachable and the cache fresh; 503 otherwise.',
    permission: 'public',
    output: Type.Object({ ready: Type.Literal(true), revision: Type.Integer(), storeId: Type.String() }),
  }),
  version: endpoint({
    id: 'version',
    method: 'GET',
    path: '/v1/version',
    summary: "The server's version.",
    permission: 'public',
    output: Type.Object({ version: Type.String() }),
  }),
};

export type Endpoints = typeof endpoints;
