/** Semantic rules of BGP attributes: canonical communities within their bounds, none in the reserved namespace. */
import { type AttributesSpec, canonicalLargeCommunity, formatCommunity, parseCommunity } from './attributes.ts';
import { isReservedLargeCommunity } from './mark.ts';
import type { Problem } from './problem.ts';

/** @param at where the attributes stand: `spec.attributes`. */
export function attributesProblems(attributes: AttributesSpec | undefined, at: string): readonly Problem[] {
  const communities = (attributes?.communities ?? []).map((text, index) => ({
    field: `${at}.communities[${index}]`,
    problem: communityProblem(text),
  }));
  const largeCommunities = (attributes?.largeCommunities ?? []).map((text, index) => ({
    field: `${at}.largeCommunities[${index}]`,
    problem: largeCommunityProblem(text),
  }));
  return [...communities, ...largeCommunities].flatMap(({ field, problem }) =>
    problem === undefined ? [] : [{ field, problem }],
  );
}

function communityProblem(text: string): string | undefined {
  const community = parseCommunity(text);
  if (community === undefined) return `community "${text}": both halves must be numbers from 0 to 65535`;
  const canonical = formatCommunity(community);
  return text === canonical ? undefined : `community "${text}" is not in canonical form; write "${canonical}"`;
}

function largeCommunityProblem(text: string): string | undefined {
  const canonical = canonicalLargeCommunity(text);
  if (canonical === undefined) return `large community "${text}": all three parts must be numbers from 0 to 4294967295`;
  if (isReservedLargeCommunity(canonical)) {
    return `large community "${text}" lies in the namespace that CoreBGP marks its own paths with; use another middle part`;
  }
  return text === canonical ? undefined : `large community "${text}" is not in canonical form; write "${canonical}"`;
}
