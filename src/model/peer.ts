/** A BGP neighbour of our speakers. */
import Type, { type Static } from 'typebox';
import { durationPattern } from './duration.ts';
import { oneOf } from './one-of.ts';
import { type ResourceRecord, resourceInput, resourceOutput } from './resource.ts';

const duration = (description: string) => Type.String({ pattern: durationPattern, description });

export const PeerSpec = Type.Object(
  {
    address: Type.String({ maxLength: 45, description: "The neighbour's address, IPv4 or IPv6." }),
    asn: Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: "The neighbour's AS number." }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'TCP port of the neighbour. Default 179.' }),
    ),
    passive: Type.Optional(Type.Boolean({ description: 'Wait for the neighbour to connect. Default false.' })),
    sourceAddress: Type.Optional(
      Type.String({ maxLength: 45, description: 'Local address of the session. Default: chosen by the system.' }),
    ),
    multihop: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 255,
        description: 'TTL of an eBGP session over several hops. Default: directly connected.',
      }),
    ),
    timers: Type.Optional(
      Type.Object(
        {
          connectRetry: Type.Optional(duration('Time between connection attempts, whole seconds from 1s. Default 5s.')),
          holdTime: Type.Optional(duration('Hold time (RFC 4271 4.2), whole seconds from 3s. Default 30s.')),
          keepalive: Type.Optional(duration('Keepalive interval, whole seconds. Default: a third of the hold time.')),
        },
        { description: 'Timers of the session.', additionalProperties: false },
      ),
    ),
    addPath: Type.Optional(
      Type.Object(
        {
          send: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 255,
              description: 'Most paths of a prefix to send (RFC 7911); 0 = off. Default 64.',
            }),
          ),
          receive: Type.Optional(Type.Boolean({ description: 'Accept several paths of a prefix. Default false.' })),
        },
        { description: 'Several paths of a prefix (RFC 7911).', additionalProperties: false },
      ),
    ),
    routeReflectorClient: Type.Optional(
      Type.Boolean({ description: 'iBGP: reflect routes of other clients to it (RFC 4456). Default false.' }),
    ),
    speakers: Type.Optional(
      Type.Array(Type.String({ description: 'Name of a speaker.' }), {
        minItems: 1,
        maxItems: 256,
        uniqueItems: true,
        description: 'Names of the speakers that peer with it. Default: all.',
      }),
    ),
  },
  { title: 'PeerSpec', description: 'A BGP neighbour and how to speak with it.', additionalProperties: false },
);
export type PeerSpec = Static<typeof PeerSpec>;

export const sessionStates = [
  'unknown',
  'idle',
  'connect',
  'active',
  'openSent',
  'openConfirm',
  'established',
] as const;
export type SessionState = (typeof sessionStates)[number];

/** How one speaker's session with a peer stands. */
export const PeerState = Type.Object({
  address: Type.String({ description: "The neighbour's address." }),
  asn: Type.Integer({ description: "The neighbour's AS number." }),
  session: oneOf(sessionStates, { description: 'State of the session (RFC 4271 8.2.2).' }),
  routerId: Type.Optional(Type.String({ description: "The neighbour's router id, once it has told it." })),
  addPathSend: Type.Optional(
    Type.Boolean({
      description: 'Whether the neighbour agreed to receive several paths of a prefix, where the daemon tells.',
    }),
  ),
  advertised: Type.Optional(
    Type.Record(Type.String(), Type.Integer(), { description: 'Paths sent, by family, where the daemon tells.' }),
  ),
});
export type PeerState = Static<typeof PeerState>;

export type PeerRecord = ResourceRecord<PeerSpec>;

export const PeerStatus = Type.Object(
  {
    speakers: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Name of the speaker.' }),
        session: Type.String({ description: 'State of its session with the peer.' }),
        routerId: Type.Optional(Type.String({ description: "The neighbour's router id, once it has told it." })),
      }),
      { description: 'One entry a speaker that has reported it.' },
    ),
  },
  { title: 'PeerStatus', description: 'How the sessions with it stand.' },
);
export const PeerInput = resourceInput('Peer', PeerSpec);
export const Peer = resourceOutput('Peer', PeerSpec, PeerStatus);
