/** From what a user wrote to what a path carries. */
import {
  type AttributesSpec,
  canonicalLargeCommunity,
  type PathAttributes,
  parseCommunity,
  sortLargeCommunities,
} from '../model/attributes.ts';

/**
 * The next hop's attributes replace the announcement's field by field (a list replaces the whole list); canonical.
 * @param asn the speaker's AS, repeated `asPathPrepend` times.
 */
export function pathAttributes(
  announcement: AttributesSpec | undefined,
  nextHop: AttributesSpec | undefined,
  asn: number,
): PathAttributes {
  const { origin, communities, largeCommunities, localPref, med, asPathPrepend } = { ...announcement, ...nextHop };
  return {
    origin: origin ?? 'igp',
    asPath: Array<number>(asPathPrepend ?? 0).fill(asn),
    ...(localPref === undefined ? {} : { localPref }),
    ...(med === undefined ? {} : { med }),
    communities: [...new Set((communities ?? []).map(parseCommunity).filter(isPresent))].sort((a, b) => a - b),
    largeCommunities: sortLargeCommunities((largeCommunities ?? []).map(canonicalLargeCommunity).filter(isPresent)),
  };
}

function isPresent<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
