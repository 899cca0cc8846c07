/** The reserved namespace of large communities: CoreBGP marks its paths with it, so nobody else may use it. */

/** The middle part of every large community of ours: `<asn>:<this>:<value>`. Must never change: it names live paths. */
export const markMagic = 3_221_234_503;

/** Whether the large community (`global:local1:local2`) lies in the namespace `*:<magic>:*`, which users may not set. */
export function isReservedLargeCommunity(community: string): boolean {
  return Number(community.split(':')[1]) === markMagic;
}
