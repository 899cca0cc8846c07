/** What the patterns of the contract mean, in words: nobody should have to read a regular expression to mend a field. */
import { communityPattern, largeCommunityPattern } from '../model/attributes.ts';
import { durationPattern, formatDuration, parseDuration } from '../model/duration.ts';
import { statusPattern } from '../model/health-check.ts';
import { namePattern } from '../model/resource.ts';

interface PatternWords {
  /** To follow "must be" or "write". */
  readonly wanted: string;
  /** What the writer of this text probably meant; undefined when that can't be told. */
  readonly meant?: (text: string) => string | undefined;
}

/** By their text, as JSON Schema has them. */
const words: Readonly<Record<string, PatternWords>> = {
  [namePattern]: {
    wanted: 'lower-case letters, digits and "-", at most 63 characters, with a letter or digit at both ends',
    meant: nameOf,
  },
  [durationPattern]: { wanted: 'a number and a unit, as in "500ms", "2s" or "1m"', meant: durationOf },
  [communityPattern]: { wanted: '"high:low", two numbers from 0 to 65535', meant: wellKnownCommunity },
  [largeCommunityPattern]: { wanted: '"global:local1:local2", three numbers from 0 to 4294967295' },
  [statusPattern]: {
    wanted: 'a status or a range of them, as in "200" or "200-399"',
    meant: (text) => (/^[1-5]xx$/i.test(text) ? `${text[0]}00-${text[0]}99` : undefined),
  },
  '^/[\\x21-\\x7e]*$': {
    wanted: 'a path that begins with "/", without spaces',
    meant: (text) => (/^[\x21-\x7e]+$/.test(text) && !text.includes('://') ? `/${text}` : undefined),
  },
  '^[A-Za-z0-9.:\\[\\]_-]{1,255}$': { wanted: 'a host name or an address, with a port where one belongs' },
  '^([1-9]\\d?|100)%$': { wanted: 'a share such as "50%"' },
  '^[A-Za-z0-9]([-A-Za-z0-9_./]{0,251}[A-Za-z0-9])?$': {
    wanted: 'letters, digits, "-", "_", "." and "/", at most 253 characters, with a letter or digit at both ends',
  },
  '^[A-Za-z0-9][-A-Za-z0-9_./]*=[^,]*(,[A-Za-z0-9][-A-Za-z0-9_./]*=[^,]*)*$': {
    wanted: 'labels with their values, separated by commas, as in "team=edge,tier=1"',
  },
  '^[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9]*$': { wanted: '"project/name"' },
  '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$': {
    wanted: 'a time with its zone (RFC 3339), as in "2026-01-31T18:00:00Z"',
  },
  '^.*$': { wanted: 'text without line breaks' },
  '^[0-9a-f]{1,32}$': { wanted: 'the id of a lease, as POST /v1/leases answers it' },
  '^[0-9a-f]{32}$': { wanted: 'the 32 hexadecimal digits of a task' },
  '^[a-z0-9][-a-z0-9]{0,127}$': { wanted: 'lower-case letters, digits and "-", at most 128 characters' },
};

/** @returns undefined for a pattern that has no words yet; a test sees to it that none of the contract's lacks them. */
export function patternWords(pattern: string): string | undefined {
  return words[pattern]?.wanted;
}

/** What to write instead, where that can be told; it fits the pattern. */
export function meantBy(pattern: string, text: string): string | undefined {
  const meant = words[pattern]?.meant?.(text);
  return meant !== undefined && new RegExp(pattern, 'u').test(meant) ? meant : undefined;
}

/** What is wrong with the text: what it should be, its odd character, and what to write if that can be told. */
export function patternProblem(pattern: string, text: string, shown: string, otherwise: string): string {
  const meant = meantBy(pattern, text);
  const hint = meant === undefined ? '' : `; write "${meant}"`;
  return `${shown} is not valid: ${patternWords(pattern) ?? otherwise}${oddCharacter(text)}${hint}`;
}

/** What a person can't see, or takes for another. */
function oddCharacter(text: string): string {
  const odd = [...text].find((character) => !/^[\x20-\x7e]$/.test(character));
  if (odd === undefined) return '';
  const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const seen = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(odd) ? `"${odd}" is U+${code}` : `U+${code} stands`;
  return ` (${seen} in it)`;
}

function nameOf(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || text.length > 63) return undefined;
  const name = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return name.replace(/^-+|-+$/g, '');
}

const units: Readonly<Record<string, string>> = { '': 's', sec: 's', secs: 's', second: 's', seconds: 's', min: 'm' };

function durationOf(text: string): string | undefined {
  const plain = text.replace(/\s+/g, '').toLowerCase();
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([a-z]*)$/.exec(plain) ?? [];
  if (amount !== undefined && unit !== undefined) return `${amount}${units[unit] ?? unit}`;
  const parts = plain.match(/\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)/g) ?? [];
  const all = parts.map(parseDuration);
  if (parts.length < 2 || parts.join('') !== plain) return undefined;
  return formatDuration(all.reduce<number>((sum, ms) => sum + (ms ?? 0), 0));
}

/** RFC 1997, 7999, 8326. */
function wellKnownCommunity(text: string): string | undefined {
  const known: Readonly<Record<string, string>> = {
    'no-export': '65535:65281',
    'no-advertise': '65535:65282',
    'no-export-subconfed': '65535:65283',
    blackhole: '65535:666',
    'graceful-shutdown': '65535:0',
  };
  return known[text.toLowerCase().replaceAll('_', '-')];
}
