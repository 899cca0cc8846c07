/** BGP path attributes as a user may set them, and as a path carries them. */
import Type, { type Static } from 'typebox';
import { oneOf } from './one-of.ts';

const uint32 = (description: string) => Type.Integer({ minimum: 0, maximum: 4_294_967_295, description });

export const origins = ['igp', 'egp', 'incomplete'] as const;
export type Origin = (typeof origins)[number];

/** `<high>:<low>`, each 0–65535 (RFC 1997). */
export const communityPattern = '^\\d{1,5}:\\d{1,5}$';
/** `<global>:<local1>:<local2>`, each 0–4294967295 (RFC 8092). */
export const largeCommunityPattern = '^\\d{1,10}:\\d{1,10}:\\d{1,10}$';

/** Attributes of an announcement or of one of its next hops; a next hop's replace the announcement's, field by field. */
export const AttributesSpec = Type.Object(
  {
    origin: Type.Optional(oneOf(origins, { description: 'ORIGIN (RFC 4271 5.1.1). Default igp.' })),
    communities: Type.Optional(
      Type.Array(Type.String({ pattern: communityPattern, description: 'high:low, both 0-65535' }), {
        maxItems: 64,
        uniqueItems: true,
        description: 'Communities, each "high:low" with both halves 0-65535 (RFC 1997).',
      }),
    ),
    largeCommunities: Type.Optional(
      Type.Array(Type.String({ pattern: largeCommunityPattern, description: 'global:local1:local2, 32 bits a part' }), {
        maxItems: 64,
        uniqueItems: true,
        description: 'Large communities, each "global:local1:local2", 32 bits a part (RFC 8092).',
      }),
    ),
    localPref: Type.Optional(uint32('LOCAL_PREF, sent to iBGP neighbours only (RFC 4271 5.1.5). Default 100.')),
    med: Type.Optional(uint32('MULTI_EXIT_DISC (RFC 4271 5.1.4). Absent by default.')),
    asPathPrepend: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 16,
        description: "How often the speaker's own AS is put in front of AS_PATH. Default 0.",
      }),
    ),
  },
  {
    title: 'AttributesSpec',
    description: 'BGP path attributes; those of a next hop replace those of the announcement, field by field.',
    additionalProperties: false,
  },
);
export type AttributesSpec = Static<typeof AttributesSpec>;

/**
 * Attributes of a path in a RIB, canonical: communities sorted and unique (by number), no mark, absent = not carried.
 * Two paths carry the same attributes exactly when `attributesKey` of both is equal.
 */
export interface PathAttributes {
  readonly origin: Origin;
  /** AS numbers from the left, sequences only; the speaker prepends nothing more for local paths. */
  readonly asPath: readonly number[];
  readonly localPref?: number;
  readonly med?: number;
  /** `high << 16 | low`, unsigned. */
  readonly communities: readonly number[];
  /** `global:local1:local2` in canonical decimal. */
  readonly largeCommunities: readonly string[];
}

/** One string that is equal for equal attributes and differs otherwise. */
export function attributesKey(attributes: PathAttributes): string {
  const { origin, asPath, localPref, med, communities, largeCommunities } = attributes;
  return [
    origin,
    asPath.join(' '),
    localPref ?? '-',
    med ?? '-',
    communities.join(' '),
    largeCommunities.join(' '),
  ].join('|');
}

/** @returns the community as an unsigned 32-bit number, or undefined when a half is above 65535. */
export function parseCommunity(text: string): number | undefined {
  const [high, low, ...rest] = text.split(':').map(decimal);
  if (high === undefined || low === undefined || rest.length > 0) return undefined;
  return high > 65_535 || low > 65_535 ? undefined : high * 65_536 + low;
}

export function formatCommunity(community: number): string {
  return `${Math.floor(community / 65_536)}:${community % 65_536}`;
}

/** @returns the large community in canonical decimal (no leading zeros), or undefined when a part is above 32 bits. */
export function canonicalLargeCommunity(text: string): string | undefined {
  const parts = text.split(':').map(decimal);
  if (parts.length !== 3 || !parts.every((part) => part !== undefined && part <= 4_294_967_295)) return undefined;
  return parts.join(':');
}

/** Sorted by their parts as numbers, duplicates removed. */
export function sortLargeCommunities(communities: readonly string[]): readonly string[] {
  return [...new Set(communities)].sort((a, b) => {
    const left = a.split(':').map(Number);
    const right = b.split(':').map(Number);
    for (let part = 0; part < 3; part += 1) {
      const difference = (left[part] ?? 0) - (right[part] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** Digits only: `Number` alone would also read "", "0x10" and "1e2". */
function decimal(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
