/** Addresses and prefixes, IPv4 and IPv6: strict parsing, canonical text (RFC 5952), containment. */

export type Family = 'ipv4' | 'ipv6';
export const families: readonly Family[] = ['ipv4', 'ipv6'];

export interface Address {
  readonly family: Family;
  /** The bits, most significant first: 32 or 128 of them. */
  readonly bits: bigint;
}

export interface Prefix extends Address {
  /** 0–32 or 0–128. */
  readonly length: number;
}

/** A value, or a sentence that says what is wrong with the text and how to write it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const width: Record<Family, number> = { ipv4: 32, ipv6: 128 };

/**
 * Strict: four decimal octets without leading zeros (`010.0.0.1` means different things to different programs), or RFC
 * 4291 text. Refused: zone ids, IPv4-mapped and IPv4-in-IPv6 text, shortened IPv4 (`10.1`), white space.
 */
export function parseAddress(text: string): Parsed<Address> {
  if (text.includes('/')) return wrong(`"${text}" is a prefix; an address is wanted, without "/length"`);
  if (text.includes('%')) return wrong(`"${text}" has a zone id; write the address without "%…"`);
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Strict CIDR: an address, "/", a length without leading zeros, and no bit set behind the length. */
export function parsePrefix(text: string): Parsed<Prefix> {
  const [head = '', tail, ...rest] = text.split('/');
  if (tail === undefined)
    return wrong(`"${text}" has no length; write "${text}/${text.includes(':') ? 128 : 32}" for a single address`);
  if (rest.length > 0) return wrong(`"${text}" has more than one "/"`);
  const address = parseAddress(head);
  if (!address.ok) return address;
  const { family, bits } = address.value;
  if (!/^(0|[1-9]\d{0,2})$/.test(tail) || Number(tail) > width[family]) {
    return wrong(`"${text}": the length must be a number from 0 to ${width[family]}`);
  }
  const length = Number(tail);
  const network = networkBits(family, bits, length);
  if (network !== bits) {
    return wrong(`"${text}" has host bits set; write "${formatPrefix({ family, bits: network, length })}"`);
  }
  return { ok: true, value: { family, bits, length } };
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, longest run of two or more zero groups as `::`). */
export function formatAddress({ family, bits }: Address): string {
  return family === 'ipv4' ? groups(bits, 4, 8).join('.') : formatIpv6(groups(bits, 8, 16));
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}

/** Whether every address of `inner` is one of `outer`; a prefix contains itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return (
    outer.family === inner.family &&
    outer.length <= inner.length &&
    networkBits(inner.family, inner.bits, outer.length) === outer.bits
  );
}

/** The prefix of one address: /32 or /128. */
export function hostPrefix(address: Address): Prefix {
  return { ...address, length: width[address.family] };
}

/** Family of canonical text; for text of unknown origin use a parser. */
export function familyOf(canonical: string): Family {
  return canonical.includes(':') ? 'ipv6' : 'ipv4';
}

function networkBits(family: Family, bits: bigint, length: number): bigint {
  const host = BigInt(width[family] - length);
  return (bits >> host) << host;
}

function parseIpv4(text: string): Parsed<Address> {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    return wrong(`"${text}" is not an IP address; write four numbers as in "192.0.2.1", or IPv6 as in "2001:db8::1"`);
  }
  const padded = octets.find((octet) => octet.length > 1 && octet.startsWith('0'));
  if (padded !== undefined)
    return wrong(
      `"${text}": "${padded}" has a leading zero, which some programs read as octal; write "${Number(padded)}"`,
    );
  if (octets.some((octet) => Number(octet) > 255)) return wrong(`"${text}": each number must be 0 to 255`);
  return {
    ok: true,
    value: { family: 'ipv4', bits: octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n) },
  };
}

function parseIpv6(text: string): Parsed<Address> {
  if (text.includes('.'))
    return wrong(`"${text}" embeds an IPv4 address; write it as plain IPv4, or in hexadecimal groups`);
  const malformed = wrong(`"${text}" is not an IPv6 address; write it as in "2001:db8::1"`);
  const halves = text.split('::');
  if (halves.length > 2) return malformed;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return malformed;
  const all = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return malformed;
  const bits = all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  if (bits >> 32n === 0xffffn) return wrong(`"${text}" is an IPv4-mapped address; write the IPv4 address itself`);
  return { ok: true, value: { family: 'ipv6', bits } };
}

function groups(bits: bigint, count: number, size: number): number[] {
  const mask = (1n << BigInt(size)) - 1n;
  return Array.from({ length: count }, (_, index) => Number((bits >> BigInt((count - 1 - index) * size)) & mask));
}

function formatIpv6(words: readonly number[]): string {
  const run = longestZeroRun(words);
  const text = (part: readonly number[]) => part.map((word) => word.toString(16)).join(':');
  if (run.length < 2) return text(words);
  return `${text(words.slice(0, run.start))}::${text(words.slice(run.start + run.length))}`;
}

/** The first of the longest runs (RFC 5952 4.2.3). */
function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  words.forEach((word, index) => {
    if (word !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
