/** Path identifiers (RFC 7911): stable for (prefix, next hop), never zero, never twice within a prefix. */

export type PathHash = (text: string) => number;

/**
 * Identifiers of all next hops of one prefix, 1 … 2³¹−1. A collision within the prefix is hashed again with a counter,
 * in the order of the addresses, so that every updater comes to the same result without memory.
 */
export function identifiersOf(
  prefix: string,
  nextHops: readonly string[],
  hashOf: PathHash = hash31,
): ReadonlyMap<string, number> {
  const given = new Map<string, number>();
  const taken = new Set<number>();
  for (const nextHop of nextHops.toSorted()) {
    let identifier = 0;
    for (let round = 0; identifier === 0 || taken.has(identifier); round += 1) {
      identifier = hashOf(round === 0 ? `${prefix} ${nextHop}` : `${prefix} ${nextHop} ${round}`);
    }
    taken.add(identifier);
    given.set(nextHop, identifier);
  }
  return given;
}

/** FNV-1a over the UTF-16 units, finished with murmur3's avalanche, upper 31 bits. Must never change: it names live paths. */
export function hash31(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 1;
}
