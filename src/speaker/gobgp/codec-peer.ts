/** Peers, in the fields that both generations have alike. */
import { type SessionState, sessionStates } from '../../model/peer.ts';
import type { PeerMessage, SeenPeer } from './codec.ts';

const families = [
  { afi: 1, safi: 1 },
  { afi: 2, safi: 1 },
] as const;

/** Seconds a neighbour keeps our paths while the daemon restarts (RFC 4724). */
const restartTime = 30;
/**
 * Seconds after which a restarted daemon advertises even if a neighbour's end-of-RIB is missing; 0 would wait for ever.
 * Our own paths are all in before a peer is added, so there is nothing to wait for: GoBGP 3 would leave a neighbour
 * without graceful restart empty for as long. Only what a reflector's clients send must come first.
 */
const deferralTime = { ordinary: 1, client: 10 } as const;
/** Seconds before a session that was reset is tried again; GoBGP's own default is 30. */
const idleHoldTime = 5;

/** Fits the `Peer` message of both generations. */
export function peerInit({ configuration, description, clusterId, restarting }: PeerMessage) {
  const { address, asn, multihop, addPathReceive, addPathSend } = configuration;
  return {
    conf: { description, neighborAddress: address, peerAsn: asn },
    ...(multihop === 0 ? {} : { ebgpMultihop: { enabled: true, multihopTtl: multihop } }),
    ...(configuration.routeReflectorClient
      ? { routeReflector: { routeReflectorClient: true, routeReflectorClusterId: clusterId } }
      : {}),
    timers: {
      config: {
        connectRetry: BigInt(configuration.connectRetry),
        holdTime: BigInt(configuration.holdTime),
        keepaliveInterval: BigInt(configuration.keepalive),
        idleHoldTimeAfterReset: BigInt(idleHoldTime),
      },
    },
    transport: {
      localAddress: configuration.sourceAddress,
      passiveMode: configuration.passive,
      remotePort: configuration.port,
    },
    gracefulRestart: {
      enabled: true,
      restartTime,
      deferralTime: configuration.routeReflectorClient ? deferralTime.client : deferralTime.ordinary,
      localRestarting: restarting,
    },
    afiSafis: families.map((family) => ({
      config: { family, enabled: true },
      mpGracefulRestart: { config: { enabled: true } },
      addPaths: { config: { receive: addPathReceive, sendMax: addPathSend } },
    })),
  };
}

/** What is read of a `Peer` message, whichever generation's. */
interface PeerFields {
  readonly conf?:
    | { readonly neighborAddress: string; readonly peerAsn: number; readonly description: string }
    | undefined;
  readonly routeReflector?: { readonly routeReflectorClient: boolean } | undefined;
  readonly state?:
    | { readonly sessionState: number; readonly routerId: string; readonly neighborAddress: string }
    | undefined;
}

export function seenPeer(peer: PeerFields | undefined, receivesAddPath: boolean): SeenPeer {
  const routerId = peer?.state?.routerId ?? '';
  return {
    address: peer?.conf?.neighborAddress || (peer?.state?.neighborAddress ?? ''),
    asn: peer?.conf?.peerAsn ?? 0,
    description: peer?.conf?.description ?? '',
    routeReflectorClient: peer?.routeReflector?.routeReflectorClient ?? false,
    session: sessionState(peer?.state?.sessionState ?? 0),
    receivesAddPath,
    ...(isNoAddress(routerId) ? {} : { routerId }),
  };
}

/** Go's words for "no address": a local path's neighbour, the router id of a neighbour that isn't connected. */
export function isNoAddress(text: string): boolean {
  return text === '' || text === '<nil>' || text === 'invalid IP';
}

/** The numbers of both generations stand in the order of `sessionStates`. */
function sessionState(state: number): SessionState {
  return sessionStates[state] ?? 'unknown';
}
