/** Attributes of a path, between PathAttributes and the one list of decoded attributes that both generations yield. */
import { type Origin, origins, sortLargeCommunities } from '../../model/attributes.ts';
import type { PathContent } from './codec.ts';

/** One attribute, free of the generation's envelope. `unknown`: one that a path of ours never has. */
export type WireAttribute =
  | { readonly is: 'origin'; readonly origin: number }
  | {
      readonly is: 'asPath';
      readonly segments: readonly { readonly type: number; readonly numbers: readonly number[] }[];
    }
  | { readonly is: 'nextHop'; readonly nextHop: string }
  | { readonly is: 'med'; readonly med: number }
  | { readonly is: 'localPref'; readonly localPref: number }
  | { readonly is: 'communities'; readonly communities: readonly number[] }
  | { readonly is: 'largeCommunities'; readonly communities: readonly WireLargeCommunity[] }
  | { readonly is: 'unknown'; readonly name: string };

export interface WireLargeCommunity {
  readonly globalAdmin: number;
  readonly localData1: number;
  readonly localData2: number;
}

/** AS_SEQUENCE, in both generations (RFC 4271 4.3). */
export const asSequence = 2;

export function originNumber(origin: Origin): number {
  return origins.indexOf(origin);
}

export function largeCommunityMessages(communities: readonly string[]): WireLargeCommunity[] {
  return communities.map((community) => {
    const [globalAdmin = 0, localData1 = 0, localData2 = 0] = community.split(':').map(Number);
    return { globalAdmin, localData1, localData2 };
  });
}

export function largeCommunityText({ globalAdmin, localData1, localData2 }: WireLargeCommunity): string {
  return `${globalAdmin}:${localData1}:${localData2}`;
}

/** @returns the content in canonical form, or why it can't be a path that CoreBGP wrote. */
export function pathContent(attributes: readonly WireAttribute[]): PathContent | { readonly problem: string } {
  let origin: Origin | undefined;
  let nextHop: string | undefined;
  let asPath: number[] = [];
  let med: number | undefined;
  let localPref: number | undefined;
  let communities: number[] = [];
  let largeCommunities: readonly string[] = [];
  for (const attribute of attributes) {
    switch (attribute.is) {
      case 'origin':
        origin = origins[attribute.origin];
        break;
      case 'nextHop':
        nextHop = attribute.nextHop;
        break;
      case 'asPath':
        if (attribute.segments.some(({ type }) => type !== asSequence)) return { problem: 'its AS_PATH holds a set' };
        asPath = attribute.segments.flatMap(({ numbers }) => [...numbers]);
        break;
      case 'med':
        med = attribute.med;
        break;
      case 'localPref':
        localPref = attribute.localPref;
        break;
      case 'communities':
        communities = [...new Set(attribute.communities)].sort((a, b) => a - b);
        break;
      case 'largeCommunities':
        largeCommunities = sortLargeCommunities(attribute.communities.map(largeCommunityText));
        break;
      case 'unknown':
        return { problem: `it has the attribute ${attribute.name}, which CoreBGP doesn't set` };
    }
  }
  if (origin === undefined) return { problem: 'it has no ORIGIN that is known' };
  if (nextHop === undefined) return { problem: 'it has no next hop' };
  return {
    nextHop,
    attributes: {
      origin,
      asPath,
      ...(localPref === undefined ? {} : { localPref }),
      ...(med === undefined ? {} : { med }),
      communities,
      largeCommunities,
    },
  };
}
