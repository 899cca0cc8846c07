/** Peer resources against the peers of ours in the daemon. Taking a peer away withdraws everything there: it needs evidence too. */
import type { PeerRecord } from '../model/peer.ts';
import type { Inputs } from '../planning/inputs.ts';
import type { Stored } from '../planning/stored.ts';
import { peerKey } from '../speaker/mark.ts';
import type { SpeakerPeer } from '../speaker/speaker.ts';

export type PeerStep =
  | { readonly op: 'add'; readonly peer: PeerRecord }
  | { readonly op: 'update'; readonly peer: PeerRecord }
  | { readonly op: 'delete'; readonly name: string; readonly address: string };

export interface PeerEvidence {
  /** Whether the tombstone of a deleted Peer is there. */
  deleted(name: string): boolean;
  /** Whether absence may be acted on at all: synced, fresh, one history. */
  readonly trusted: boolean;
}

/** What to do so that the daemon's peers of ours are the Peer resources that name this speaker; additions first. */
export function peerSteps(
  speaker: string,
  inputs: Pick<Inputs, 'peers' | 'undecodable'>,
  actual: readonly SpeakerPeer[],
  evidence: PeerEvidence,
): readonly PeerStep[] {
  const standing = new Map(actual.map((peer) => [peer.name, peer]));
  const named = [...inputs.peers.values()];
  const wanted = named.filter((peer) => isFor(speaker, peer));
  const steps: PeerStep[] = [];
  for (const { record } of wanted) {
    const peer = standing.get(record.metadata.name);
    if (peer === undefined) steps.push({ op: 'add', peer: record });
    else if (peer.key !== peerKey(record.spec)) steps.push({ op: 'update', peer: record });
  }
  if (!evidence.trusted) return steps.filter(({ op }) => op === 'add');
  const excluded = new Set(named.filter((peer) => !isFor(speaker, peer)).map(({ record }) => record.metadata.name));
  const existing = new Set(named.map(({ record }) => record.metadata.name));
  for (const { name, state } of actual) {
    const gone = !existing.has(name) && !inputs.undecodable.has(`peers/${name}`) && evidence.deleted(name);
    if (gone || excluded.has(name)) steps.push({ op: 'delete', name, address: state.address });
  }
  return steps;
}

function isFor(speaker: string, { record }: Stored<PeerRecord>): boolean {
  return record.spec.speakers === undefined || record.spec.speakers.includes(speaker);
}
