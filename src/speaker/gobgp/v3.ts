/** GoBGP 3.x on the wire. */
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import * as wire from '../../gen/gobgp/v3/gobgp_pb.ts';
import type { Family } from '../../model/prefix.ts';
import { methodOf } from '../../runtime/grpc.ts';
import type { Assignment, DefinedSet, Direction, Policy } from '../policy.ts';
import type { SpeakerIdentity } from '../speaker.ts';
import type { Codec, PeerMessage, SeenEvent, SeenPath } from './codec.ts';
import {
  asSequence,
  largeCommunityMessages,
  largeCommunityText,
  originNumber,
  pathContent,
  type WireAttribute,
} from './codec-attributes.ts';
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
import type { PathMessage } from './path-messages.ts';

const rpc = wire.GobgpApi.method;
const familyInits = { ipv4: { afi: 1, safi: 1 }, ipv6: { afi: 2, safi: 1 } } as const;
const tableType = wire.TableType.GLOBAL;
const numbers: PolicyNumbers<wire.DefinedType, wire.MatchSet_Type, wire.CommunityAction_Type> = {
  neighbor: wire.DefinedType.NEIGHBOR,
  largeCommunity: wire.DefinedType.LARGE_COMMUNITY,
  any: wire.MatchSet_Type.ANY,
  add: wire.CommunityAction_Type.ADD,
  remove: wire.CommunityAction_Type.REMOVE,
};

export const codecV3: Codec = {
  generation: 'v3',
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
  watchEvent: methodOf(
    rpc.watchEvent,
    () => ({ peer: {}, table: { filters: [{ type: wire.WatchEventRequest_Table_Filter_Type.BEST }] } }),
    ({ event }): readonly SeenEvent[] => {
      switch (event.case) {
        case 'table':
          return event.value.paths.map((path) => ({ type: 'path', path: seenPath(path) }));
        case 'peer': {
          const { address } = seenPeer(event.value.peer, false);
          // "End of the initial peers" comes without one.
          return isNoAddress(address) ? [] : [{ type: 'peer', address }];
        }
        default:
          return [];
      }
    },
  ),

  addPeer: methodOf(rpc.addPeer, (message: PeerMessage) => ({ peer: peerInit(message) }), discard),
  deletePeer: methodOf(rpc.deletePeer, (address: string) => ({ address }), discard),
  listPeer: methodOf(
    rpc.listPeer,
    () => ({ enableAdvertised: true }),
    ({ peer }) => seenPeer(peer, peer?.state?.remoteCap.some(receivesAddPath) ?? false),
  ),
  softResetPeer: methodOf(
    rpc.resetPeer,
    (address: string) => ({ address, soft: true, direction: wire.ResetPeerRequest_Direction.BOTH }),
    discard,
  ),

  listPath: methodOf(
    rpc.listPath,
    (family: Family) => ({ tableType, family: familyInits[family] }),
    ({ destination }) => destination?.paths.map(seenPath) ?? [],
  ),
  countPaths: methodOf(
    rpc.getTable,
    (family: Family) => ({ tableType, family: familyInits[family] }),
    ({ numPath }) => Number(numPath),
  ),
  addPathStream: methodOf(
    rpc.addPathStream,
    (paths: readonly PathMessage[]) => ({ tableType, paths: paths.map(pathInit) }),
    discard,
  ),

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

function pathInit(path: PathMessage): MessageInitShape<typeof wire.PathSchema> {
  const family = familyInits[path.family];
  const { origin, asPath, med, localPref, communities, largeCommunities } = path.attributes;
  const nlri = pack(wire.IPAddressPrefixSchema, { prefixLen: path.length, prefix: path.prefix });
  return {
    nlri,
    family,
    identifier: path.identifier,
    isWithdraw: path.withdraw,
    pattrs: [
      pack(wire.OriginAttributeSchema, { origin: originNumber(origin) }),
      ...(asPath.length === 0
        ? []
        : [pack(wire.AsPathAttributeSchema, { segments: [{ type: asSequence, numbers: [...asPath] }] })]),
      path.family === 'ipv4' && !path.nextHop.includes(':')
        ? pack(wire.NextHopAttributeSchema, { nextHop: path.nextHop })
        : pack(wire.MpReachNLRIAttributeSchema, { family, nextHops: [path.nextHop], nlris: [nlri] }),
      ...(med === undefined ? [] : [pack(wire.MultiExitDiscAttributeSchema, { med })]),
      ...(localPref === undefined ? [] : [pack(wire.LocalPrefAttributeSchema, { localPref })]),
      ...(communities.length === 0 ? [] : [pack(wire.CommunitiesAttributeSchema, { communities: [...communities] })]),
      pack(wire.LargeCommunitiesAttributeSchema, { communities: largeCommunityMessages(largeCommunities) }),
    ],
  };
}

function seenPath(path: wire.Path): SeenPath {
  const { prefix, prefixLen } =
    path.nlri?.typeUrl === urlOf(wire.IPAddressPrefixSchema)
      ? fromBinary(wire.IPAddressPrefixSchema, path.nlri.value)
      : { prefix: '', prefixLen: 0 };
  const large = path.pattrs.find(({ typeUrl }) => typeUrl === urlOf(wire.LargeCommunitiesAttributeSchema));
  return {
    prefix: `${prefix}/${prefixLen}`,
    identifier: path.identifier,
    local: isNoAddress(path.neighborIp),
    withdrawn: path.isWithdraw,
    largeCommunities:
      large === undefined
        ? []
        : fromBinary(wire.LargeCommunitiesAttributeSchema, large.value).communities.map(largeCommunityText),
    content: () => pathContent(path.pattrs.map(wireAttribute)),
  };
}

function urlOf(schema: DescMessage): string {
  return `type.googleapis.com/${schema.typeName}`;
}

function pack<Schema extends DescMessage>(schema: Schema, init: MessageInitShape<Schema>) {
  return { typeUrl: urlOf(schema), value: toBinary(schema, create(schema, init)) };
}

const readers: Readonly<Record<string, (value: Uint8Array) => WireAttribute>> = {
  [urlOf(wire.OriginAttributeSchema)]: (value) => ({
    is: 'origin',
    origin: fromBinary(wire.OriginAttributeSchema, value).origin,
  }),
  [urlOf(wire.AsPathAttributeSchema)]: (value) => ({
    is: 'asPath',
    segments: fromBinary(wire.AsPathAttributeSchema, value).segments,
  }),
  [urlOf(wire.NextHopAttributeSchema)]: (value) => ({
    is: 'nextHop',
    nextHop: fromBinary(wire.NextHopAttributeSchema, value).nextHop,
  }),
  [urlOf(wire.MpReachNLRIAttributeSchema)]: (value) => ({
    is: 'mpReach',
    nextHops: fromBinary(wire.MpReachNLRIAttributeSchema, value).nextHops,
  }),
  [urlOf(wire.MultiExitDiscAttributeSchema)]: (value) => ({
    is: 'med',
    med: fromBinary(wire.MultiExitDiscAttributeSchema, value).med,
  }),
  [urlOf(wire.LocalPrefAttributeSchema)]: (value) => ({
    is: 'localPref',
    localPref: fromBinary(wire.LocalPrefAttributeSchema, value).localPref,
  }),
  [urlOf(wire.CommunitiesAttributeSchema)]: (value) => ({
    is: 'communities',
    communities: fromBinary(wire.CommunitiesAttributeSchema, value).communities,
  }),
  [urlOf(wire.LargeCommunitiesAttributeSchema)]: (value) => ({
    is: 'largeCommunities',
    communities: fromBinary(wire.LargeCommunitiesAttributeSchema, value).communities,
  }),
};

function wireAttribute({ typeUrl, value }: Any): WireAttribute {
  return readers[typeUrl]?.(value) ?? { is: 'unknown', name: typeUrl };
}

function receivesAddPath({ typeUrl, value }: Any): boolean {
  if (typeUrl !== urlOf(wire.AddPathCapabilitySchema)) return false;
  const { RECEIVE, BOTH } = wire.AddPathCapabilityTuple_Mode;
  return fromBinary(wire.AddPathCapabilitySchema, value).tuples.some(({ mode }) => mode === RECEIVE || mode === BOTH);
}
