/** The groups that the OpenAPI document sorts the calls into, each with its sentence. */
import type { Endpoint } from './endpoint.ts';

const tags: Readonly<Record<string, string>> = {
  announcements: 'Prefixes, the next hops that serve them, how those are checked, and what the paths carry.',
  drains: 'What an operator takes out of service: a next hop, an announcement, a zone or a speaker.',
  peers: 'The BGP neighbours of the speakers.',
  projects: 'Who may announce what.',
  apply: 'Several resources at once, and what that would change.',
  explain: 'Why a path is where it is.',
  history: 'Earlier versions of an object.',
  tombstones: 'Objects that were deleted, and can be restored.',
  events: 'What happened, in words.',
  watch: 'The state, and then every change of it, as a stream.',
  speakers: 'The BGP speakers as their updaters report them.',
  checkers: 'The checkers, as they report themselves.',
  leases: 'For components: what vanishes when its owner does.',
  claims: 'For checkers: who probes which shard.',
  health: 'For checkers: verdicts.',
  server: 'The API server itself.',
};

/** The calls that belong to no collection. */
const ofServer = new Set(['healthz', 'readyz', 'version']);

export function tagOf({ id }: Pick<Endpoint, 'id'>): string {
  const [first = id] = id.split('.');
  return ofServer.has(first) ? 'server' : first;
}

/** The tags of these endpoints, in the order of the table above. One that is not there comes last, without a sentence. */
export function tagsOf(endpoints: readonly Endpoint[]) {
  const used = new Set(endpoints.map(tagOf));
  const known = Object.entries(tags).flatMap(([name, description]) => (used.has(name) ? [{ name, description }] : []));
  const unknown = [...used].filter((name) => tags[name] === undefined).map((name) => ({ name }));
  return [...known, ...unknown];
}
