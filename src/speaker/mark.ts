/** How CoreBGP knows its own: the mark on its paths, and the one in the description of its peers. */
import { createHash } from 'node:crypto';
import { parseDuration } from '../model/duration.ts';
import { isReservedLargeCommunity, markMagic } from '../model/mark.ts';
import type { PeerSpec } from '../model/peer.ts';

/** The mark of a speaker's paths: a large community (RFC 8092) `<asn>:<magic>:<31-bit hash of the name>`. */
export function markOf(speaker: { readonly asn: number; readonly name: string }): string {
  return `${speaker.asn}:${markMagic}:${nameHash(speaker.name)}`;
}

/**
 * The tag that import policy puts on what a route-reflector client sent and export policy takes off again.
 * Its value is above 31 bits, so that it can't be a mark.
 */
export function clientTagOf(speaker: { readonly asn: number }): string {
  return `${speaker.asn}:${markMagic}:${2 ** 31}`;
}

/** Every large community of the namespace, as GoBGP's policies want it (Go regular expression). */
export const reservedPattern = `^[0-9]+:${markMagic}:[0-9]+$`;

/** The speaker name's hash in a mark, whoever's it is; undefined when it is none. */
export function nameHashIn(largeCommunity: string): string | undefined {
  return isReservedLargeCommunity(largeCommunity) ? largeCommunity.split(':')[2] : undefined;
}

/** 1 … 2³¹−1. Must never change: it names live paths. */
export function nameHash(speakerName: string): number {
  const hash = createHash('sha256').update(speakerName).digest().readUInt32BE(0) >>> 1;
  return hash === 0 ? 1 : hash;
}

export interface PeerMark {
  /** The Peer resource's name. */
  readonly name: string;
  /** `peerKey` of the configuration the peer was added with. */
  readonly key: string;
}

/** The description of a peer of ours. A name may hold anything but a line break; the key never holds a colon. */
export function peerDescription({ name, key }: PeerMark): string {
  return `corebgp:${name}:${key}`;
}

/** @returns undefined when the description isn't ours: the peer is never touched. */
export function readPeerDescription(description: string): PeerMark | undefined {
  const [, name, key] = /^corebgp:(.+):([0-9a-f]{12})$/.exec(description) ?? [];
  return name === undefined || key === undefined ? undefined : { name, key };
}

/**
 * The configuration a peer is added with, defaults filled in. What is not here (`speakers`) never touches a session.
 * Times in seconds.
 */
export interface PeerConfiguration {
  readonly address: string;
  readonly asn: number;
  readonly port: number;
  readonly passive: boolean;
  readonly sourceAddress: string;
  /** TTL; 0 = directly connected. */
  readonly multihop: number;
  readonly connectRetry: number;
  readonly holdTime: number;
  readonly keepalive: number;
  readonly addPathSend: number;
  readonly addPathReceive: boolean;
  readonly routeReflectorClient: boolean;
}

export function peerConfiguration(spec: PeerSpec): PeerConfiguration {
  const holdTime = seconds(spec.timers?.holdTime, 30);
  return {
    address: spec.address,
    asn: spec.asn,
    port: spec.port ?? 179,
    passive: spec.passive ?? false,
    sourceAddress: spec.sourceAddress ?? '',
    multihop: spec.multihop ?? 0,
    connectRetry: seconds(spec.timers?.connectRetry, 5),
    holdTime,
    keepalive: seconds(spec.timers?.keepalive, Math.max(1, Math.floor(holdTime / 3))),
    addPathSend: spec.addPath?.send ?? 64,
    addPathReceive: spec.addPath?.receive ?? false,
    routeReflectorClient: spec.routeReflectorClient ?? false,
  };
}

/**
 * Short hash of the canonical configuration: equal keys, nothing to change. 12 hexadecimal digits. Must never change for a
 * spec: another key resets the session, so an upgrade would take down all of them. A new field counts only when given.
 */
export function peerKey(spec: PeerSpec): string {
  return createHash('sha256')
    .update(JSON.stringify(peerConfiguration(spec)))
    .digest('hex')
    .slice(0, 12);
}

function seconds(duration: string | undefined, otherwise: number): number {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === undefined ? otherwise : Math.max(1, Math.round(ms / 1_000));
}
