/** Puts the policies in place in a GoBGP: reads what stands, writes only what differs, without a moment unprotected. */

import { readPeerDescription } from '../mark.ts';
import {
  type Assignment,
  assignmentWith,
  communitySetsOf,
  type DefinedSet,
  type Direction,
  isOurPolicy,
  neighborSetsFor,
  neighborSetsOf,
  type Policy,
  type PolicyPeer,
  policiesOf,
  renamed,
} from '../policy.ts';
import type { SpeakerIdentity } from '../speaker.ts';
import type { SeenPeer } from './codec.ts';
import type { GobgpConnection } from './connection.ts';

/** Sessions of ours that were up before are asked again (soft reset), since GoBGP applies policies only to what comes after. */
export async function ensurePolicies(
  connection: GobgpConnection,
  identity: SpeakerIdentity,
  signal: AbortSignal,
): Promise<void> {
  const peers = await connection.all((codec) => codec.listPeer, undefined, signal);
  const own = peers.filter(isOurs);
  const wanted = [...neighborSetsOf(identity.asn, own), ...communitySetsOf(identity)];
  const changedSets = await ensureSets(connection, wanted, signal);
  const standing = await listPolicies(connection, signal);
  const used: string[] = [];
  let changed = changedSets;
  for (const direction of ['import', 'export'] as const) {
    const policy = await ensurePolicy(connection, policiesOf(identity)[direction], standing, signal);
    used.push(policy.name);
    if (await ensureAssignment(connection, policy, direction, own.length < peers.length, signal)) changed = true;
  }
  for (const old of standing.filter(({ name }) => isOurPolicy(name) && !used.includes(name))) {
    await connection.unary((codec) => codec.deletePolicy, old.name, signal);
  }
  if (changed) {
    for (const { address } of own) await connection.unary((codec) => codec.softResetPeer, address, signal);
  }
}

/** Before a peer of ours is added: from its first message on our policies apply to it. */
export async function enterNeighborSets(
  connection: GobgpConnection,
  asn: number,
  peer: PolicyPeer,
  signal: AbortSignal,
): Promise<void> {
  for (const set of neighborSetsFor(asn, peer)) await connection.unary((codec) => codec.addDefinedSet, set, signal);
}

/** Makes the neighbour sets equal to the peers of ours that the daemon has. */
export async function alignNeighborSets(connection: GobgpConnection, asn: number, signal: AbortSignal): Promise<void> {
  const peers = await connection.all((codec) => codec.listPeer, undefined, signal);
  await ensureSets(connection, neighborSetsOf(asn, peers.filter(isOurs)), signal);
}

function isOurs(peer: SeenPeer): boolean {
  return readPeerDescription(peer.description) !== undefined;
}

/** @returns whether anything was written. */
async function ensureSets(
  connection: GobgpConnection,
  wanted: readonly DefinedSet[],
  signal: AbortSignal,
): Promise<boolean> {
  const standing = new Map<string, DefinedSet>();
  for (const kind of new Set(wanted.map((set) => set.kind))) {
    for (const set of await connection.all((codec) => codec.listDefinedSets, kind, signal)) {
      if (set !== undefined) standing.set(set.name, set);
    }
  }
  let changed = false;
  for (const set of wanted) {
    const has = standing.get(set.name)?.list ?? [];
    const missing = set.list.filter((member) => !has.includes(member));
    const extra = has.filter((member) => !set.list.includes(member));
    if (missing.length > 0) {
      await connection.unary((codec) => codec.addDefinedSet, { ...set, list: missing }, signal);
    }
    if (extra.length > 0) {
      await connection.unary((codec) => codec.deleteFromDefinedSet, { ...set, list: extra }, signal);
    }
    if (missing.length > 0 || extra.length > 0) changed = true;
  }
  return changed;
}

async function listPolicies(connection: GobgpConnection, signal: AbortSignal): Promise<readonly Policy[]> {
  const policies = await connection.all((codec) => codec.listPolicies, undefined, signal);
  return policies.filter((policy) => policy !== undefined);
}

/** A policy of the wanted name whose content somebody changed is left standing, and a twin is made under another name. */
async function ensurePolicy(
  connection: GobgpConnection,
  wanted: Policy,
  standing: readonly Policy[],
  signal: AbortSignal,
): Promise<Policy> {
  for (let twin = 1; ; twin += 1) {
    const candidate = twin === 1 ? wanted : renamed(wanted, `${wanted.name}-${twin}`);
    const found = standing.find(({ name }) => name === candidate.name);
    if (found !== undefined && JSON.stringify(canonical(found)) === JSON.stringify(canonical(candidate))) return found;
    if (found === undefined) {
      await connection.unary((codec) => codec.addPolicy, candidate, signal);
      return candidate;
    }
  }
}

/** One order of keys, so that two policies can be compared as text. */
function canonical({ name, statements }: Policy): unknown {
  return [
    name,
    statements.map((statement) => [
      statement.name,
      statement.neighborSet ?? '',
      statement.largeCommunitySet ?? '',
      statement.routeType ?? '',
      statement.largeCommunities?.op ?? '',
      statement.largeCommunities?.communities ?? [],
      statement.action,
    ]),
  ];
}

async function ensureAssignment(
  connection: GobgpConnection,
  policy: Policy,
  direction: Direction,
  foreignNeighbors: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const listed = await connection.all((codec) => codec.listAssignment, direction, signal);
  const standing = listed.find((assignment) => assignment?.direction === direction);
  const nothing: Assignment = { direction, policies: [], defaultAction: 'none' };
  const wanted = assignmentWith(policy, standing ?? nothing, foreignNeighbors);
  const same =
    standing !== undefined &&
    standing.defaultAction === wanted.defaultAction &&
    standing.policies.join(' ') === wanted.policies.join(' ');
  if (same) return false;
  await connection.unary((codec) => codec.setAssignment, wanted, signal);
  return true;
}
