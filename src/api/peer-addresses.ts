/**
 * A speaker has one session with an address. The key of an address changes with each write of a peer that has it, so
 * that of two writes that know nothing of each other one is decided again.
 */
import { CoreBgpError } from '../model/errors.ts';
import type { PeerRecord } from '../model/peer.ts';
import { decodePeer } from '../planning/decode.ts';
import type { Condition, Operation } from '../store/store.ts';
import type { Plan, Reader, Seen } from './commit.ts';

/** At `peer-addresses/<family>/<address>`. Peers of older versions have none until they are written again. */
interface AddressHolders {
  readonly v: 1;
  /** Names of the peers that have it, each at other speakers. */
  readonly peers: readonly string[];
}

const collection = 'peer-addresses/';
const keyOf = (address: string) => `${collection}${address.includes(':') ? 'ipv6' : 'ipv4'}/${address}`;

/**
 * @param wanted the peer as it is to be; undefined when it is deleted.
 * @throws CoreBgpError `inUse` that names the other peer. A conflict that is stored already stays possible.
 */
export async function holdAddress(
  name: string,
  wanted: PeerRecord | undefined,
  before: Seen | undefined,
  reader: Reader,
): Promise<Plan> {
  const keys = await reader.list(collection);
  // Read after the keys, thus at least as new: whoever has changed a peer since has changed a key.
  const peers = await readPeers(reader);
  if (wanted !== undefined) refuseRivals(wanted, readPeer(`peers/${name}`, before?.value), peers);
  peers.delete(name);
  if (wanted !== undefined) peers.set(name, wanted);
  const concerned = new Set([...keys].filter(([, { value }]) => holdersOf(value).includes(name)).map(([key]) => key));
  if (wanted !== undefined) concerned.add(keyOf(wanted.spec.address));
  const conditions: Condition[] = [];
  const operations: Operation[] = [];
  for (const key of concerned) {
    const holders = [...peers].filter(([, { spec }]) => keyOf(spec.address) === key).map(([holder]) => holder);
    const value: AddressHolders = { v: 1, peers: holders.sort() };
    conditions.push({ key, modRevision: keys.get(key)?.modRevision ?? 0 });
    operations.push(holders.length === 0 ? { op: 'delete', key } : { op: 'put', key, value: JSON.stringify(value) });
  }
  return { conditions, operations };
}

function refuseRivals(
  wanted: PeerRecord,
  before: PeerRecord | undefined,
  peers: ReadonlyMap<string, PeerRecord>,
): void {
  for (const [name, other] of peers) {
    if (name === wanted.metadata.name || !meet(wanted, other)) continue;
    if (before !== undefined && meet(before, other)) continue;
    const { address } = wanted.spec;
    throw new CoreBgpError(
      'inUse',
      `Address ${address} belongs to peer "${name}" already, and a speaker has one session with an address. Change or delete that peer, or let them name different speakers in spec.speakers.`,
      { field: 'spec.address', reason: 'peerAddressTaken' },
    );
  }
}

/** Whether some speaker would have a session with both at one address. */
function meet({ spec: one }: PeerRecord, { spec: other }: PeerRecord): boolean {
  if (one.address !== other.address) return false;
  if (one.speakers === undefined || other.speakers === undefined) return true;
  return one.speakers.some((speaker) => other.speakers?.includes(speaker));
}

async function readPeers(reader: Reader): Promise<Map<string, PeerRecord>> {
  const peers = new Map<string, PeerRecord>();
  for (const [key, { value }] of await reader.list('peers/')) {
    const peer = readPeer(key, value);
    if (peer !== undefined) peers.set(peer.metadata.name, peer);
  }
  return peers;
}

function readPeer(key: string, value: unknown): PeerRecord | undefined {
  const decoded = decodePeer(key, value);
  return decoded.ok ? decoded.record : undefined;
}

function holdersOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || !('peers' in value)) return [];
  return Array.isArray(value.peers) ? value.peers : [];
}
