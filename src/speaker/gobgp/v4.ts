/** GoBGP 4.x on the wire. */
import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as wire from '../../gen/gobgp/v4/gobgp_pb.ts';
import type { Family } from '../../model/prefix.ts';
import { methodOf } from '../../runtime/grpc.ts';
import type { Assignment, DefinedSet, Direction, Policy } from '../policy.ts';
import type { SpeakerIdentity } from '../speaker.ts';
import type { Codec, PeerMessage, SeenEvent } from './codec.ts';
import { isNoAddress, peerInit, seenPeer } from './codec-peer.ts';
import {
  assignmentInit,
  definedSetInit,
  directions,
  type PolicyNumbers,
  policyInit,
  readAssignment,
  readPolicy,
  withoutAnchors,
} from './codec-policy.ts';
import { type AttributeName, attributeNames, attributeNumbers, type PathEnvelope } from './path-envelope.ts';
import type { PathMessage } from './path-messages.ts';
import { createPathReader, fieldIn } from './path-reader.ts';
import { pathsToBytes } from './path-writer.ts';

const rpc = wire.GoBgpService.method;
const familyInits = { ipv4: { afi: 1, safi: 1 }, ipv6: { afi: 2, safi: 1 } } as const;
const tableType = wire.TableType.GLOBAL;
const numbers: PolicyNumbers<wire.DefinedType, wire.MatchSet_Type, wire.CommunityAction_Type> = {
  neighbor: wire.DefinedType.NEIGHBOR,
  largeCommunity: wire.DefinedType.LARGE_COMMUNITY,
  any: wire.MatchSet_Type.ANY,
  add: wire.CommunityAction_Type.ADD,
  remove: wire.CommunityAction_Type.REMOVE,
};

const attributeOfNumber = new Map<number, AttributeName>(attributeNames.map((name) => [attributeNumbers[name], name]));
const nothing = new Uint8Array();

/** Prefixes and attributes come as a message with one field, whose number tells the kind. */
const envelope: PathEnvelope = {
  globalTable: tableType,
  writePrefix: (writer, field, write) => writer.inside(field, () => writer.inside(1, write)),
  writeAttribute: (writer, name, write) => writer.inside(2, () => writer.inside(attributeNumbers[name], write)),
  readPrefix: (bytes) => fieldIn(bytes, 1),
  readAttribute(bytes) {
    if (bytes.length === 0) return { name: undefined, value: nothing };
    const field = new BinaryReader(bytes).tag()[0];
    return { name: attributeOfNumber.get(field), value: fieldIn(bytes, field) ?? nothing };
  },
};
const reader = createPathReader(envelope);

export const codecV4: Codec = {
  generation: 'v4',
  getBgp: methodOf(
    rpc.getBgp,
    () => ({}),
    // GoBGP that has not been started answers without an AS number.
    ({ global }) =>
      global === undefined || global.asn === 0
        ? undefined
        : { asn: global.asn, routerId: global.routerId, listenPort: global.listenPort },
  ),
  startBgp: methodOf(
    rpc.startBgp,
    ({ asn, routerId, listenPort, listenAddresses }: SpeakerIdentity) => ({
      global: { asn, routerId, listenPort, listenAddresses: [...listenAddresses] },
    }),
    discard,
  ),
  watchEvent: {
    ...methodOf(
      rpc.watchEvent,
      () => ({ peer: {}, table: { filters: [{ type: wire.WatchEventRequest_Table_Filter_Type.BEST }] } }),
      discard,
    ),
    decode: (bytes): readonly SeenEvent[] => {
      const paths = reader.reported(bytes);
      if (paths !== undefined) return paths.map((path) => ({ type: 'path', path }));
      const { event } = fromBinary(rpc.watchEvent.output, bytes);
      const address = event.case === 'peer' ? seenPeer(event.value.peer, false).address : '';
      // "End of the initial peers" comes without one.
      return isNoAddress(address) ? [] : [{ type: 'peer', address }];
    },
  },

  addPeer: methodOf(rpc.addPeer, (message: PeerMessage) => ({ peer: peerOf(message) }), discard),
  deletePeer: methodOf(rpc.deletePeer, (address: string) => ({ address }), discard),
  listPeer: methodOf(
    rpc.listPeer,
    () => ({}),
    ({ peer }) => seenPeer(peer, peer?.state?.remoteCap.some(receivesAddPath) ?? false),
  ),
  softResetPeer: methodOf(
    rpc.resetPeer,
    (address: string) => ({ address, soft: true, direction: wire.ResetPeerRequest_Direction.BOTH }),
    discard,
  ),

  listPath: {
    ...methodOf(
      rpc.listPath,
      (family: Family) => ({ tableType, family: familyInits[family], batchSize: 1_000n }),
      discard,
    ),
    decode: reader.listed,
  },
  countPaths: methodOf(
    rpc.getTable,
    (family: Family) => ({ tableType, family: familyInits[family] }),
    ({ numPath }) => Number(numPath),
  ),
  addPathStream: {
    ...methodOf(rpc.addPathStream, () => ({}), discard),
    encode: (paths: readonly PathMessage[]) => pathsToBytes(paths, envelope),
  },

  listDefinedSets: methodOf(
    rpc.listDefinedSet,
    (kind: DefinedSet['kind']) => ({ definedType: numbers[kind] }),
    ({ definedSet }): DefinedSet | undefined => {
      if (definedSet === undefined) return undefined;
      const kind = definedSet.definedType === numbers.neighbor ? 'neighbor' : 'largeCommunity';
      return { kind, name: definedSet.name, list: definedSet.list.map(withoutAnchors) };
    },
  ),
  addDefinedSet: methodOf(
    rpc.addDefinedSet,
    (set: DefinedSet) => ({ definedSet: definedSetInit(set, numbers) }),
    discard,
  ),
  deleteFromDefinedSet: methodOf(
    rpc.deleteDefinedSet,
    (set: DefinedSet) => ({ definedSet: definedSetInit(set, numbers), all: false }),
    discard,
  ),
  listPolicies: methodOf(
    rpc.listPolicy,
    () => ({}),
    ({ policy }) => readPolicy(policy, numbers),
  ),
  addPolicy: methodOf(rpc.addPolicy, (policy: Policy) => ({ policy: policyInit(policy, numbers) }), discard),
  deletePolicy: methodOf(rpc.deletePolicy, (name: string) => ({ policy: { name }, all: true }), discard),
  listAssignment: methodOf(
    rpc.listPolicyAssignment,
    (direction: Direction) => ({ name: 'global', direction: directions[direction] }),
    ({ assignment }) => readAssignment(assignment),
  ),
  setAssignment: methodOf(
    rpc.setPolicyAssignment,
    (assignment: Assignment) => ({ assignment: assignmentInit(assignment) }),
    discard,
  ),
};

function discard(): undefined {
  return undefined;
}

/** Without the flag 4.x keeps every path with `asPathPrepend` from iBGP neighbours. */
function peerOf(message: PeerMessage): MessageInitShape<typeof wire.PeerSchema> {
  const init = peerInit(message);
  return { ...init, conf: { ...init.conf, allowAspathLoopLocal: true } };
}

function receivesAddPath({ cap }: wire.Capability): boolean {
  if (cap.case !== 'addPath') return false;
  const { RECEIVE, BOTH } = wire.AddPathCapabilityTuple_Mode;
  return cap.value.tuples.some(({ mode }) => mode === RECEIVE || mode === BOTH);
}
