/** Peers: one session with an address, and the sessions as the speakers report them. */
import type { Static } from 'typebox';
import type { PeerSpec, PeerStatus } from '../model/peer.ts';
import { peerProblems } from '../model/validate-peer.ts';
import type { ApiContext } from './context.ts';
import { holdAddress } from './peer-addresses.ts';
import type { ResourceKind } from './resource-store.ts';
import type { ObjectName } from './stored-objects.ts';

export const peers: ResourceKind<PeerSpec> = {
  kind: 'Peer',
  problems: peerProblems,
  writing: (_context, { ref, record, before }, reader) => holdAddress(ref, record, before, reader),
  deleting: (_context, { ref, before }, reader) => holdAddress(ref, undefined, before, reader),
};

export function peerStatus({ inputs }: Pick<ApiContext, 'inputs'>, { name }: ObjectName): Static<typeof PeerStatus> {
  const speakers = [...inputs.speakers.values()].flatMap(({ record: report }) =>
    report.peers
      .filter((peer) => peer.name === name)
      .map(({ session, routerId }) => ({
        name: report.name,
        session,
        ...(routerId === undefined ? {} : { routerId }),
      })),
  );
  return { speakers };
}
