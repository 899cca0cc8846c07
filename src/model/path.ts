/** A path: one way to reach a prefix, as it stands in a speaker's RIB. */
import { attributesKey, type PathAttributes } from './attributes.ts';

export interface Path {
  /** Canonical CIDR, `203.0.113.10/32` or `2001:db8::10/128`. */
  readonly prefix: string;
  /** Canonical address. */
  readonly nextHop: string;
  /**
   * The path identifier (RFC 7911), 1 … 2³¹−1, stable for (prefix, next hop). GoBGP tells paths of one prefix apart
   * by it: a delete without the identifier removes nothing.
   */
  readonly identifier: number;
  readonly attributes: PathAttributes;
}

/** What names a path of ours in a RIB. */
export function pathKey(path: Pick<Path, 'prefix' | 'identifier'>): string {
  return `${path.prefix}#${path.identifier}`;
}

/** Same next hop and same attributes: nothing to send. */
export function samePath(a: Path, b: Path): boolean {
  return a.nextHop === b.nextHop && attributesKey(a.attributes) === attributesKey(b.attributes);
}
