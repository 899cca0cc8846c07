/** Address ranges that are no ordinary unicast targets: probing or announcing them by accident does harm. */
import { type Address, containsPrefix, hostPrefix, type Prefix, parsePrefix } from './prefix.ts';

export type SpecialKind =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'reserved'
  | 'cloud metadata'
  | 'IPv4-embedding';

export interface SpecialRange {
  readonly kind: SpecialKind;
  readonly range: Prefix;
}

/**
 * The narrower range first where two overlap. Sources: RFC 6890, RFC 5771, RFC 4291; the metadata addresses are those of
 * the large clouds; the IPv4-embedding ranges (RFC 4291 2.5.5.1, RFC 6052, RFC 3056) would lead around all the others.
 */
const specialRanges: readonly SpecialRange[] = (
  [
    ['cloud metadata', '100.100.100.200/32'],
    ['cloud metadata', 'fd00:ec2::254/128'],
    ['unspecified', '0.0.0.0/8'],
    ['unspecified', '::/128'],
    ['loopback', '127.0.0.0/8'],
    ['loopback', '::1/128'],
    ['link-local', '169.254.0.0/16'],
    ['link-local', 'fe80::/10'],
    ['multicast', '224.0.0.0/4'],
    ['multicast', 'ff00::/8'],
    ['reserved', '240.0.0.0/4'],
    ['IPv4-embedding', '::/96'],
    ['IPv4-embedding', '64:ff9b::/96'],
    ['IPv4-embedding', '2002::/16'],
  ] as const
).flatMap(([kind, text]) => {
  const parsed = parsePrefix(text);
  return parsed.ok ? [{ kind, range: parsed.value }] : [];
});

/** @returns the special range that the address lies in, or undefined for an ordinary one. */
export function specialRangeOf(address: Address): SpecialRange | undefined {
  const host = hostPrefix(address);
  return specialRanges.find(({ range }) => containsPrefix(range, host));
}
