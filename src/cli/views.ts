/** How each kind is fetched and shown: one row of this table a kind. */
import type { Static } from 'typebox';
import type { Client } from '../client/client.ts';
import type { DeletedObject } from '../contract/change-endpoints.ts';
import { type Checker as CheckerSchema, endpoints, type Speaker as SpeakerSchema } from '../contract/endpoints.ts';
import { isUnreadable, type LineSlice, type UnreadableEntry, type UnreadableLine } from '../contract/lists.ts';
import type { Announcement } from '../model/announcement.ts';
import type { DrainSpec } from '../model/drain.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { Peer } from '../model/peer.ts';
import type { ProjectSpec } from '../model/project.ts';
import type { Metadata } from '../model/resource.ts';
import { ageOf } from './age.ts';
import type { KindWord } from './kind-words.ts';
import { plainName, projectNameFrom } from './object-name.ts';
import type { Cell, Tone } from './table.ts';

interface Query {
  readonly project?: string;
  readonly labels?: string;
}

/** One object, as the API answered it and as a table shows it. */
export interface Shown {
  readonly value: unknown;
  /** @param wallMs the time that ages are seen from. */
  rows(wallMs: number): readonly (readonly Cell[])[];
  /** In a table of many those with the highest come first. */
  readonly rank: number;
}

/** Part of a list, as it comes in. */
export interface ShownSlice {
  readonly revision: number;
  /** True while the API server can't reach its store. */
  readonly stale: boolean;
  /** Objects of the whole list. */
  readonly total: number;
  readonly objects: readonly Shown[];
  readonly unreadable: readonly UnreadableEntry[];
}

export interface View {
  /** Whether it has labels to select by. */
  readonly labels: boolean;
  readonly projects: boolean;
  readonly head: readonly string[];
  /** @throws CoreBgpError `notFound` */
  one(client: Client, name: string, project: string | undefined, signal: AbortSignal): Promise<Shown>;
  /** Everything, at least one slice. */
  all(client: Client, query: Query, signal: AbortSignal): AsyncIterable<ShownSlice>;
}

interface Recipe<Row extends object> {
  readonly labels: boolean;
  readonly projects: boolean;
  readonly all: (client: Client, query: Query, signal: AbortSignal) => AsyncIterable<LineSlice<Row | UnreadableLine>>;
  readonly get: (client: Client, name: string, project: string | undefined, signal: AbortSignal) => Promise<Row>;
  readonly head: readonly string[];
  readonly rows: (row: Row, wallMs: number) => readonly (readonly Cell[])[];
  /** Absent: a table has the order of the API's answer. */
  readonly rank?: (row: Row) => number;
}

function view<Row extends object>(recipe: Recipe<Row>): View {
  const { head, labels, projects } = recipe;
  const shown = (value: Row): Shown => ({
    value,
    rows: (wallMs) => recipe.rows(value, wallMs),
    rank: recipe.rank?.(value) ?? 0,
  });
  return {
    labels,
    projects,
    head,
    one: async (...asked) => shown(await recipe.get(...asked)),
    all: async function* (...asked) {
      for await (const { rows, ...rest } of recipe.all(...asked)) {
        const objects: Shown[] = [];
        const unreadable: UnreadableEntry[] = [];
        for (const row of rows) {
          if (isUnreadable(row)) unreadable.push(row);
          else objects.push(shown(row));
        }
        yield { ...rest, objects, unreadable };
      }
    },
  };
}

type Speaker = Static<typeof SpeakerSchema>;
type Checker = Static<typeof CheckerSchema>;
interface Kept<Spec> {
  readonly metadata: Metadata;
  readonly spec: Spec;
}

export const views: Readonly<Record<KindWord, View>> = {
  announcements: view<Announcement>({
    labels: true,
    projects: true,
    all: (client, query, signal) => client.slices(endpoints.announcements.all, { query }, signal),
    get: (client, name, project, signal) =>
      client.call(endpoints.announcements.get, { params: projectNameFrom(name, project) }, signal),
    head: ['PROJECT', 'NAME', 'PREFIXES', 'STATE', 'HEALTHY', 'PATHS', 'REASON', 'AGE'],
    rows: announcementRows,
  }),
  speakers: view<Speaker>({
    labels: false,
    projects: false,
    all: (client, _, signal) => client.slices(endpoints.speakers.all, {}, signal),
    get: (client, name, _, signal) =>
      client.call(endpoints.speakers.get, { params: { name: plainName(name) } }, signal),
    head: ['NAME', 'ZONE', 'NODE', 'ASN', 'ROUTER-ID', 'PATHS', 'FOREIGN', 'PEERS', 'EXCEPTIONS', 'CONDITIONS', 'SEEN'],
    rows: speakerRows,
  }),
  checkers: view<Checker>({
    labels: false,
    projects: false,
    all: (client, _, signal) => client.slices(endpoints.checkers.all, {}, signal),
    get: async (client, name, _, signal) => {
      for await (const one of client.lines(endpoints.checkers.all, {}, signal)) {
        if (!isUnreadable(one) && one.id === name) return one;
      }
      throw new CoreBgpError('notFound', `There is no checker "${name}"; "corebgp get checkers" lists them.`);
    },
    head: ['ID', 'ZONE', 'STATE', 'SHARDS', 'TASKS', 'OK', 'FAILED', 'LAG', 'VERSION'],
    rows: checkerRows,
  }),
  peers: view<Static<typeof Peer>>({
    labels: true,
    projects: false,
    all: (client, query, signal) => client.slices(endpoints.peers.all, { query: labelsOf(query) }, signal),
    get: (client, name, _, signal) => client.call(endpoints.peers.get, { params: { name: plainName(name) } }, signal),
    head: ['NAME', 'ADDRESS', 'ASN', 'SPEAKER', 'SESSION', 'ROUTER-ID', 'AGE'],
    rows: peerRows,
  }),
  projects: view<Kept<ProjectSpec>>({
    labels: true,
    projects: false,
    all: (client, query, signal) => client.slices(endpoints.projects.all, { query: labelsOf(query) }, signal),
    get: (client, name, _, signal) =>
      client.call(endpoints.projects.get, { params: { name: plainName(name) } }, signal),
    head: ['NAME', 'PREFIXES', 'NEXT HOPS', 'AGE'],
    rows: ({ metadata, spec }, wallMs) => [
      [
        metadata.name,
        few(
          spec.prefixes.map(({ prefix, maxLength }) =>
            maxLength === undefined ? prefix : `${prefix} le ${maxLength}`,
          ),
        ),
        few(spec.nextHops),
        ageOf(metadata.createdAt, wallMs),
      ],
    ],
  }),
  drains: view<Kept<DrainSpec>>({
    labels: true,
    projects: false,
    all: (client, query, signal) => client.slices(endpoints.drains.all, { query: labelsOf(query) }, signal),
    get: (client, name, _, signal) => client.call(endpoints.drains.get, { params: { name: plainName(name) } }, signal),
    head: ['NAME', 'TARGET', 'UNTIL', 'WHY', 'AGE'],
    rows: ({ metadata, spec }, wallMs) => [
      [
        metadata.name,
        targetText(spec.target),
        untilCell(spec.until, wallMs),
        spec.why ?? '',
        ageOf(metadata.createdAt, wallMs),
      ],
    ],
  }),
  deleted: view<Static<typeof DeletedObject>>({
    labels: false,
    projects: false,
    all: (client, _, signal) => client.slices(endpoints.tombstones.all, {}, signal),
    get: async () => {
      throw new CoreBgpError(
        'invalid',
        '"corebgp get deleted" lists all of them; "corebgp history" tells of one, and "corebgp undelete" restores it.',
      );
    },
    head: ['KIND', 'NAME', 'DELETED', 'KEPT UNTIL', 'REVISION'],
    // What was deleted last is what people look for.
    rank: ({ deletedAt }) => Date.parse(deletedAt),
    rows: ({ kind, project, name, deletedAt, keptUntil, revision }, wallMs) => [
      [
        kind.toLowerCase(),
        project === undefined ? name : `${project}/${name}`,
        ageOf(deletedAt, wallMs),
        keptUntil,
        String(revision),
      ],
    ],
  }),
};

/** `next-hop 10.0.1.11`: the words that `drain` and `undrain` take. */
export function targetText(target: DrainSpec['target']): string {
  if ('nextHop' in target) return `next-hop ${target.nextHop}`;
  if ('announcement' in target) return `announcement ${target.announcement}`;
  if ('zone' in target) return `zone ${target.zone}`;
  return `speaker ${target.speaker}`;
}

function labelsOf({ labels }: { readonly labels?: string }) {
  return labels === undefined ? {} : { labels };
}

const stateTones: Readonly<Record<string, Tone>> = {
  announced: 'good',
  degraded: 'warn',
  held: 'warn',
  pending: 'warn',
  withdrawn: 'bad',
};

function announcementRows({ metadata, spec, status }: Announcement, wallMs: number): readonly (readonly Cell[])[] {
  const nextHops = status?.nextHops ?? [];
  const healthy = nextHops.filter(({ health }) => health === 'up' || health === 'unchecked').length;
  const announced = nextHops.filter(({ path }) => path === 'announce').length;
  const state = status?.state ?? '';
  return [
    [
      metadata.project ?? '',
      metadata.name,
      few(spec.prefixes),
      { text: state, tone: stateTones[state] ?? 'plain' },
      { text: `${healthy}/${nextHops.length}`, tone: healthy === nextHops.length ? 'plain' : 'warn' },
      String(announced),
      status?.reason ?? '',
      ageOf(metadata.createdAt, wallMs),
    ],
  ];
}

function speakerRows({ name, status }: Speaker, wallMs: number): readonly (readonly Cell[])[] {
  const { peers, exceptionCount, conditions } = status;
  const established = peers.filter(({ session }) => session === 'established').length;
  return [
    [
      name,
      status.zone,
      status.node,
      String(status.asn),
      status.routerId,
      String(status.paths),
      String(status.foreignPaths),
      { text: `${established}/${peers.length}`, tone: established === peers.length ? 'plain' : 'warn' },
      { text: String(exceptionCount), tone: exceptionCount === 0 ? 'plain' : 'warn' },
      { text: few(conditions.map(({ reason }) => reason)), tone: 'warn' },
      ageOf(status.reportedAt, wallMs),
    ],
  ];
}

function checkerRows({ id, zone, status }: Checker): readonly (readonly Cell[])[] {
  const number = (value: number | undefined) => (value === undefined ? '' : String(value));
  return [
    [
      id,
      zone,
      { text: status.state, tone: status.state === 'ready' ? 'good' : 'warn' },
      number(status.shards),
      number(status.tasks),
      number(status.ok),
      number(status.failed),
      status.lagMs === undefined ? '' : `${Math.round(status.lagMs)}ms`,
      status.version,
    ],
  ];
}

function peerRows({ metadata, spec, status }: Static<typeof Peer>, wallMs: number): readonly (readonly Cell[])[] {
  const sessions = status?.speakers ?? [];
  const shown = sessions.length === 0 ? [{ name: '', session: '' }] : sessions;
  return shown.map((session) => [
    metadata.name,
    spec.address,
    String(spec.asn),
    session.name,
    { text: session.session, tone: session.session === 'established' ? ('good' as const) : ('warn' as const) },
    'routerId' in session ? (session.routerId ?? '') : '',
    ageOf(metadata.createdAt, wallMs),
  ]);
}

function untilCell(until: string | undefined, wallMs: number): Cell {
  if (until === undefined) return '';
  return Date.parse(until) <= wallMs ? { text: `${until} (over)`, tone: 'warn' } : until;
}

function few(words: readonly string[]): string {
  const more = words.length > 2 ? ` +${words.length - 2}` : '';
  return words.slice(0, 2).join(',') + more;
}
