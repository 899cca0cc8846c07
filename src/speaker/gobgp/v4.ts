/** GoBGP 4.x on the wire. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import * as wire from '../../gen/gobgp/v4/gobgp_pb.ts';
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

  addPeer: methodOf(rpc.addPeer, (message: PeerMessage) => ({ peer: peerOf(message) }), discard),
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
    (family: Family) => ({ tableType, family: familyInits[family], batchSize: 1_000n }),
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

/** Without the flag 4.x keeps every path with `asPathPrepend` from iBGP neighbours. */
function peerOf(message: PeerMessage): MessageInitShape<typeof wire.PeerSchema> {
  const init = peerInit(message);
  return { ...init, conf: { ...init.conf, allowAspathLoopLocal: true } };
}

function pathInit(path: PathMessage): MessageInitShape<typeof wire.PathSchema> {
  const family = familyInits[path.family];
  const { origin, asPath, med, localPref, communities, largeCommunities } = path.attributes;
  const nlri = { nlri: { case: 'prefix', value: { prefixLen: path.length, prefix: path.prefix } } } as const;
  return {
    nlri,
    family,
    identifier: path.identifier,
    isWithdraw: path.withdraw,
    pattrs: [
      attribute({ case: 'origin', value: { origin: originNumber(origin) } }),
      ...(asPath.length === 0
        ? []
        : [attribute({ case: 'asPath', value: { segments: [{ type: asSequence, numbers: [...asPath] }] } })]),
      path.family === 'ipv4' && !path.nextHop.includes(':')
        ? attribute({ case: 'nextHop', value: { nextHop: path.nextHop } })
        : attribute({ case: 'mpReach', value: { family, nextHops: [path.nextHop], nlris: [nlri] } }),
      ...(med === undefined ? [] : [attribute({ case: 'multiExitDisc', value: { med } })]),
      ...(localPref === undefined ? [] : [attribute({ case: 'localPref', value: { localPref } })]),
      ...(communities.length === 0
        ? []
        : [attribute({ case: 'communities', value: { communities: [...communities] } })]),
      attribute({ case: 'largeCommunities', value: { communities: largeCommunityMessages(largeCommunities) } }),
    ],
  };
}

type AttributeInit = MessageInitShape<typeof wire.AttributeSchema>;

function attribute(attr: NonNullable<AttributeInit['attr']>): AttributeInit {
  return { attr };
}

function seenPath(path: wire.Path): SeenPath {
  const { prefix, prefixLen } = path.nlri?.nlri.value ?? { prefix: '', prefixLen: 0 };
  const large = path.pattrs.find(({ attr }) => attr.case === 'largeCommunities')?.attr;
  return {
    prefix: `${prefix}/${prefixLen}`,
    identifier: path.identifier,
    local: isNoAddress(path.neighborIp),
    withdrawn: path.isWithdraw,
    largeCommunities: large?.case === 'largeCommunities' ? large.value.communities.map(largeCommunityText) : [],
    content: () => pathContent(path.pattrs.map(wireAttribute)),
  };
}

function wireAttribute({ attr, $unknown }: wire.Attribute): WireAttribute {
  switch (attr.case) {
    case 'origin':
      return { is: 'origin', origin: attr.value.origin };
    case 'asPath':
      return { is: 'asPath', segments: attr.value.segments };
    case 'nextHop':
      return { is: 'nextHop', nextHop: attr.value.nextHop };
    case 'mpReach':
      return { is: 'mpReach', nextHops: attr.value.nextHops };
    case 'multiExitDisc':
      return { is: 'med', med: attr.value.med };
    case 'localPref':
      return { is: 'localPref', localPref: attr.value.localPref };
    case 'communities':
      return { is: 'communities', communities: attr.value.communities };
    case 'largeCommunities':
      return { is: 'largeCommunities', communities: attr.value.communities };
    default:
      return { is: 'unknown', name: `number ${$unknown?.[0]?.no ?? 'none'} of api.Attribute` };
  }
}

function receivesAddPath({ cap }: wire.Capability): boolean {
  if (cap.case !== 'addPath') return false;
  const { RECEIVE, BOTH } = wire.AddPathCapabilityTuple_Mode;
  return cap.value.tuples.some(({ mode }) => mode === RECEIVE || mode === BOTH);
}
