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
  return parseBits(text, '');
}

/** Strict CIDR: an address, "/", a length without leading zeros, and no bit set behind the length. */
export function parsePrefix(text: string): Parsed<Prefix> {
  const [head = '', tail, ...rest] = text.split('/');
  if (rest.length > 0) return wrong(`"${text}" has more than one "/"`);
  const address = parseBits(head, tail === undefined ? '' : `/${tail}`);
  if (!address.ok) return address;
  const { family, bits } = address.value;
  const host = () => formatPrefix({ family, bits, length: width[family] });
  if (tail === undefined) return wrong(`"${text}" has no length; write "${host()}" for that single address`);
  if (!/^(0|[1-9]\d{0,2})$/.test(tail) || Number(tail) > width[family]) {
    return wrong(`"${text}": the length must be a number from 0 to ${width[family]}`);
  }
  const length = Number(tail);
  const network = networkBits(family, bits, length);
  if (network !== bits) {
    const all = formatPrefix({ family, bits: network, length });
    return wrong(`"${text}" has host bits set; write "${all}", or "${host()}" for the single address`);
  }
  return { ok: true, value: { family, bits, length } };
}

/** @param rest what stood behind the address, for the messages: "/24", or nothing. */
function parseBits(text: string, rest: string): Parsed<Address> {
  if (text.includes('%')) return wrong(`"${text}${rest}" has a zone id; write "${text.replace(/%.*/, '')}${rest}"`);
  return text.includes(':') ? parseIpv6(text, rest) : parseIpv4(text, rest);
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, longest run of two or more zero groups as `::`). */
export function formatAddress({ family, bits }: Address): string {
  return family === 'ipv4' ? formatIpv4(Number(bits)) : formatIpv6(groups(bits, 8, 16));
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}

/** Whether every address of `inner` is one of `outer`; a prefix contains itself. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  const { family, length } = outer;
  if (family !== inner.family || length > inner.length) return false;
  if (family === 'ipv6') return networkBits(family, inner.bits, length) === outer.bits;
  // Asked some twenty times for each next hop: numbers are several times as fast as bigints. A shift by 32 is one by 0.
  return length === 0 || (Number(outer.bits) ^ Number(inner.bits)) >>> (32 - length) === 0;
}

/** The prefix of one address: /32 or /128. */
export function hostPrefix(address: Address): Prefix {
  const { family, bits } = address;
  return { family, bits, length: width[family] };
}

/** The prefix of that length that contains the address. @param length 0 to 32, or to 128. */
export function prefixAround({ family, bits }: Address, length: number): Prefix {
  return { family, bits: networkBits(family, bits, length), length };
}

/** Family of canonical text; for text of unknown origin use a parser. */
export function familyOf(canonical: string): Family {
  return canonical.includes(':') ? 'ipv6' : 'ipv4';
}

function networkBits(family: Family, bits: bigint, length: number): bigint {
  if (length === width[family]) return bits;
  const host = BigInt(width[family] - length);
  return (bits >> host) << host;
}

function parseIpv4(text: string, rest: string): Parsed<Address> {
  const bits = ipv4Bits(text);
  return bits === undefined ? wrongIpv4(text, rest) : { ok: true, value: { family: 'ipv4', bits: BigInt(bits) } };
}

const dot = 46;
const zero = 48;

/** By hand: all that is written, loaded or decided goes through it. Undefined when it isn't canonical. */
function ipv4Bits(text: string): number | undefined {
  let bits = 0;
  let octet = 0;
  let digits = 0;
  let octets = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const code = index === text.length ? dot : text.charCodeAt(index);
    if (code === dot) {
      if (digits === 0 || octets === 4) return undefined;
      bits = bits * 256 + octet;
      octets += 1;
      octet = 0;
      digits = 0;
    } else {
      if (code < zero || code > zero + 9 || (digits > 0 && octet === 0)) return undefined;
      octet = octet * 10 + code - zero;
      digits += 1;
      if (octet > 255) return undefined;
    }
  }
  return octets === 4 ? bits : undefined;
}

function wrongIpv4(text: string, rest: string): Parsed<Address> {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    return wrong(
      `"${text}${rest}" is not an IP ${rest === '' ? 'address' : 'prefix'}; write four numbers as in "192.0.2.1${rest === '' ? '' : '/32'}", or IPv6 as in "2001:db8::1${rest === '' ? '' : '/128'}"`,
    );
  }
  if (octets.some((octet) => Number(octet) > 255)) return wrong(`"${text}${rest}": each number must be 0 to 255`);
  const decimal = octets.map(Number).join('.');
  const padded = octets.find((octet) => octet.length > 1 && octet.startsWith('0'));
  return wrong(
    `"${text}${rest}": "${padded}" has a leading zero, which some programs read as octal; write "${decimal}${rest}" if that is meant`,
  );
}

function formatIpv4(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function parseIpv6(text: string, rest: string): Parsed<Address> {
  if (text.includes('.')) {
    const [, mapped] = /^(?:0{0,4}:){2,6}ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text) ?? [];
    if (mapped !== undefined && parseIpv4(mapped, '').ok) return mappedProblem(text, rest, mapped);
    return wrong(`"${text}${rest}" embeds an IPv4 address; write it as plain IPv4, or in hexadecimal groups`);
  }
  const malformed = () =>
    wrong(
      `"${text}${rest}" is not an IPv6 ${rest === '' ? 'address' : 'prefix'}; write it as in "2001:db8::1${rest === '' ? '' : '/128'}"`,
    );
  const halves = text.split('::');
  if (halves.length > 2) return malformed();
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return malformed();
  const all = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return malformed();
  const bits = all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  if (bits >> 32n === 0xffffn) {
    return mappedProblem(text, rest, formatAddress({ family: 'ipv4', bits: bits & 0xffffffffn }));
  }
  return { ok: true, value: { family: 'ipv6', bits } };
}

/** The last 32 bits are the IPv4 address, so of a prefix's length 96 are taken away. */
function mappedProblem(text: string, rest: string, plain: string): Parsed<Address> {
  const length = Number(rest.slice(1));
  const own = rest === '' ? '' : length >= 96 && length <= 128 ? `/${length - 96}` : '/32';
  return wrong(`"${text}${rest}" is an IPv4-mapped address; write "${plain}${own}"`);
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
