/** Peers of ours in a GoBGP: read, add, change, delete; never one that doesn't carry our mark. */
import { CoreBgpError } from '../../model/errors.ts';
import type { PeerSpec } from '../../model/peer.ts';
import { peerConfiguration, peerDescription, peerKey, readPeerDescription } from '../mark.ts';
import type { SpeakerIdentity, SpeakerPeer } from '../speaker.ts';
import type { PeerMessage, SeenPeer } from './codec.ts';
import type { GobgpConnection } from './connection.ts';
import { alignNeighborSets, enterNeighborSets } from './policies.ts';

export async function listOwnPeers(connection: GobgpConnection, signal: AbortSignal): Promise<readonly SpeakerPeer[]> {
  const peers = await connection.all((codec) => codec.listPeer, undefined, signal);
  return peers.flatMap((peer) => {
    const mark = readPeerDescription(peer.description);
    if (mark === undefined) return [];
    const { address, asn, session, routerId, receivesAddPath } = peer;
    const up = session === 'established';
    return [
      {
        ...mark,
        state: {
          address,
          asn,
          session,
          ...(routerId === undefined || !up ? {} : { routerId }),
          ...(up ? { addPathSend: receivesAddPath } : {}),
        },
      },
    ];
  });
}

/** @throws CoreBgpError `alreadyExists` when the daemon has a peer with the address already. */
export async function addOwnPeer(
  connection: GobgpConnection,
  identity: SpeakerIdentity,
  name: string,
  spec: PeerSpec,
  restarting: boolean,
  signal: AbortSignal,
): Promise<void> {
  const there = await peerAt(connection, spec.address, signal);
  if (there !== undefined) {
    const whose = readPeerDescription(there.description);
    throw new CoreBgpError(
      'alreadyExists',
      whose === undefined
        ? `GoBGP already has a neighbour ${spec.address} that CoreBGP did not add; peer ${name} is not added. Remove it from GoBGP's own configuration or delete the peer.`
        : `GoBGP already has the neighbour ${spec.address}, as peer ${whose.name}; peer ${name} is not added. Give one of them another address.`,
      { field: 'spec.address' },
    );
  }
  const message = peerMessage(identity, name, spec, restarting);
  await enterNeighborSets(connection, identity.asn, message.configuration, signal);
  await connection.unary((codec) => codec.addPeer, message, signal);
}

/**
 * GoBGP's UpdatePeer ends the session whenever anything but a timer differs, the description included; so a changed
 * peer is deleted and added, which does the same in both generations. A peer whose key is unchanged must not come here.
 */
export async function updateOwnPeer(
  connection: GobgpConnection,
  identity: SpeakerIdentity,
  name: string,
  spec: PeerSpec,
  signal: AbortSignal,
): Promise<void> {
  const peers = await connection.all((codec) => codec.listPeer, undefined, signal);
  for (const peer of peers) {
    const mark = readPeerDescription(peer.description);
    if (mark?.name !== name) continue;
    if (peer.address === spec.address && mark.key === peerKey(spec)) return;
    await connection.unary((codec) => codec.deletePeer, peer.address, signal);
  }
  await alignNeighborSets(connection, identity.asn, signal);
  await addOwnPeer(connection, identity, name, spec, false, signal);
}

/** Nothing happens when the peer is gone. @throws CoreBgpError `forbidden` when the address is a neighbour that isn't ours. */
export async function deleteOwnPeer(
  connection: GobgpConnection,
  identity: SpeakerIdentity,
  name: string,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const there = await peerAt(connection, address, signal);
  if (there !== undefined) {
    if (readPeerDescription(there.description)?.name !== name) {
      throw new CoreBgpError(
        'forbidden',
        `GoBGP's neighbour ${address} is not peer ${name} of CoreBGP; it is left alone.`,
      );
    }
    await connection.unary((codec) => codec.deletePeer, address, signal);
  }
  await alignNeighborSets(connection, identity.asn, signal);
}

async function peerAt(
  connection: GobgpConnection,
  address: string,
  signal: AbortSignal,
): Promise<SeenPeer | undefined> {
  const peers = await connection.all((codec) => codec.listPeer, undefined, signal);
  return peers.find((peer) => peer.address === address);
}

function peerMessage(identity: SpeakerIdentity, name: string, spec: PeerSpec, restarting: boolean): PeerMessage {
  return {
    configuration: peerConfiguration(spec),
    description: peerDescription({ name, key: peerKey(spec) }),
    clusterId: identity.routerId,
    restarting,
  };
}
