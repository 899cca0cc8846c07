/** The policies of RFC 8212 (deny by default) as we want them in a speaker, free of any daemon's encoding. */
import { createHash } from 'node:crypto';
import { clientTagOf, markOf, reservedPattern } from './mark.ts';

export interface DefinedSet {
  readonly kind: 'neighbor' | 'largeCommunity';
  readonly name: string;
  readonly list: readonly string[];
}

/** All conditions must hold; then the communities are changed; then the route is accepted, rejected, or goes on. */
export interface Statement {
  readonly name: string;
  readonly neighborSet?: string;
  readonly largeCommunitySet?: string;
  readonly routeType?: 'internal' | 'external' | 'local';
  readonly largeCommunities?: { readonly op: 'add' | 'remove'; readonly communities: readonly string[] };
  readonly action: 'accept' | 'reject' | 'continue';
}

export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

export type Direction = 'import' | 'export';

/** The policies of the global RIB in one direction, in their order, and what happens to a route that none decides. */
export interface Assignment {
  readonly direction: Direction;
  readonly policies: readonly string[];
  readonly defaultAction: 'accept' | 'reject' | 'none';
}

/** A peer of ours, as far as policies ask. */
export interface PolicyPeer {
  readonly address: string;
  readonly asn: number;
  readonly routeReflectorClient: boolean;
}

/** No neighbour has this address. GoBGP takes a condition on an *empty* set as fulfilled: no set of ours is ever empty. */
const nobody = '255.255.255.255/32';

const neighborSets = {
  peers: 'corebgp-peers',
  internal: 'corebgp-internal-peers',
  clients: 'corebgp-clients',
} as const;
const communitySets = { mark: 'corebgp-mark', client: 'corebgp-client' } as const;

/** Members of the three neighbour sets for the peers of ours. */
export function neighborSetsOf(asn: number, peers: readonly PolicyPeer[]): readonly DefinedSet[] {
  const set = (name: string, members: readonly PolicyPeer[]): DefinedSet => ({
    kind: 'neighbor',
    name,
    list: [nobody, ...members.map(({ address }) => hostPrefixOf(address))].sort(),
  });
  const internal = peers.filter((peer) => peer.asn === asn);
  return [
    set(neighborSets.peers, peers),
    set(neighborSets.internal, internal),
    set(
      neighborSets.clients,
      internal.filter(({ routeReflectorClient }) => routeReflectorClient),
    ),
  ];
}

/** The neighbour sets that a peer of ours belongs to. */
export function neighborSetsFor(asn: number, peer: PolicyPeer): readonly DefinedSet[] {
  return neighborSetsOf(asn, [peer])
    .filter(({ list }) => list.length > 1)
    .map((set) => ({ ...set, list: [hostPrefixOf(peer.address)] }));
}

export function communitySetsOf(speaker: { readonly asn: number; readonly name: string }): readonly DefinedSet[] {
  return [
    { kind: 'largeCommunity', name: communitySets.mark, list: [markOf(speaker)] },
    { kind: 'largeCommunity', name: communitySets.client, list: [clientTagOf(speaker)] },
  ];
}

/**
 * Import: the reserved communities are taken off everything learned; from our peers only iBGP is accepted, and what a
 * route-reflector client sent is tagged. GoBGP asks the import policies about local paths too. Export to our peers: what carries our mark and was originated here, and to
 * iBGP peers what carries the tag; without mark or tag; nothing else. A neighbour that isn't ours gets our paths
 * without the mark, if its own policies let them pass: for it no statement of ours decides.
 */
export function policiesOf(speaker: { readonly asn: number }): Readonly<Record<Direction, Policy>> {
  const { peers, internal, clients } = neighborSets;
  const strip = { op: 'remove', communities: [reservedPattern] } as const;
  return {
    import: named('corebgp-import', [
      { name: 'strip-internal', routeType: 'internal', largeCommunities: strip, action: 'continue' },
      { name: 'strip-external', routeType: 'external', largeCommunities: strip, action: 'continue' },
      {
        name: 'clients',
        neighborSet: clients,
        routeType: 'internal',
        largeCommunities: { op: 'add', communities: [clientTagOf(speaker)] },
        action: 'accept',
      },
      { name: 'internal', neighborSet: internal, routeType: 'internal', action: 'accept' },
      { name: 'reject-internal', neighborSet: peers, routeType: 'internal', action: 'reject' },
      { name: 'reject-external', neighborSet: peers, routeType: 'external', action: 'reject' },
      { name: 'own', largeCommunitySet: communitySets.mark, routeType: 'local', action: 'accept' },
    ]),
    export: named('corebgp-export', [
      {
        name: 'own',
        neighborSet: peers,
        largeCommunitySet: communitySets.mark,
        routeType: 'local',
        largeCommunities: strip,
        action: 'accept',
      },
      {
        name: 'reflected',
        neighborSet: internal,
        largeCommunitySet: communitySets.client,
        routeType: 'internal',
        largeCommunities: strip,
        action: 'accept',
      },
      { name: 'reject', neighborSet: peers, action: 'reject' },
      { name: 'strip', largeCommunities: strip, action: 'continue' },
    ]),
  };
}

/** A policy of ours, whatever its content. */
export function isOurPolicy(name: string): boolean {
  return /^corebgp-(import|export)-[0-9a-f]{8}/.test(name);
}

/** The same policy under a name of its own. Statements' names are global in GoBGP, so they begin with the policy's. */
export function renamed(policy: Policy, name: string): Policy {
  return {
    name,
    statements: policy.statements.map((statement) => ({
      ...statement,
      name: statement.name.replace(policy.name, name),
    })),
  };
}

/** The name tells the content, so that a new version is put beside the old one and takes its place in one call. */
function named(prefix: string, statements: readonly Statement[]): Policy {
  const name = `${prefix}-${createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 8)}`;
  return { name, statements: statements.map((statement) => ({ ...statement, name: `${name}-${statement.name}` })) };
}

/**
 * The assignment we want, given the one that stands: ours first, everybody else's after it. The default of export
 * becomes `reject` where nobody else has a say (no other policy, no neighbour that isn't ours), and never less strict
 * than it is. The default of import stays: our statements decide about every peer and path of ours, so it is asked only
 * about others'.
 */
export function assignmentWith(policy: Policy, standing: Assignment, foreignNeighbors: boolean): Assignment {
  const others = standing.policies.filter((name) => !isOurPolicy(name));
  const alone = others.length === 0 && !foreignNeighbors;
  return {
    direction: standing.direction,
    policies: [policy.name, ...others],
    defaultAction: standing.direction === 'export' && alone ? 'reject' : standing.defaultAction,
  };
}

function hostPrefixOf(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
