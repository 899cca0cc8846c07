/** Tables of paths as texts that can be compared, read from GoBGP by its own command line and from BIRD by its control socket. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { markMagic } from '../../src/model/mark.ts';
import type { BirdRoute } from '../../src/playground/bird-table.ts';
import { type GobgpGeneration, gobgpdOf } from '../servers/gobgpd.ts';

/** `PREFIX NEXTHOP` → its attributes as one text. */
export type PathTable = ReadonlyMap<string, string>;

export interface TextAttributes {
  readonly origin: string;
  readonly asPath: readonly number[];
  readonly localPref?: number | undefined;
  readonly med?: number | undefined;
  /** `high:low`. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
}

/** What isn't set is written as the neighbour sees it: iBGP always carries LOCAL_PREF, 100 by default. */
export function attributesText(attributes: TextAttributes): string {
  const { origin, asPath, localPref = 100, med, communities, largeCommunities } = attributes;
  const communityText = communities.toSorted().join(' ');
  return `${origin} path[${asPath.join(' ')}] pref ${localPref} med ${med ?? '-'} com[${communityText}] large[${largeCommunities.toSorted().join(' ')}]`;
}

/** What differs, in sentences; empty when equal. */
export function tableDifferences(what: string, wanted: PathTable, actual: PathTable): readonly string[] {
  const lines: string[] = [];
  for (const [path, attributes] of wanted) {
    const there = actual.get(path);
    if (there === undefined) lines.push(`${what} lacks ${path}`);
    else if (there !== attributes) lines.push(`${what} has ${path} as ${there}, not ${attributes}`);
  }
  for (const path of actual.keys()) if (!wanted.has(path)) lines.push(`${what} has ${path} too much`);
  return lines;
}

export function birdTable(routes: readonly BirdRoute[]): PathTable {
  const table = new Map<string, string>();
  for (const route of routes) {
    const key = `${route.prefix} ${route.nextHop}`;
    if (table.has(key)) throw new Error(`BIRD holds ${key} twice`);
    table.set(key, attributesText(route));
  }
  return table;
}

const run = promisify(execFile);

/** Reads `gobgp global rib -j` of both families over the unix socket. Our mark is taken off; a path without it is an error here. */
export async function gobgpTable(generation: GobgpGeneration, socket: string): Promise<PathTable> {
  const program = join(dirname(gobgpdOf(generation).path), 'gobgp');
  const table = new Map<string, string>();
  for (const family of ['ipv4', 'ipv6']) {
    const args = ['--target', `unix://${socket}`, 'global', 'rib', '-a', family, '-j'];
    const { stdout } = await run(program, args, { timeout: 10_000, maxBuffer: 64 * 1024 * 1024 });
    const destinations: unknown = JSON.parse(stdout === '' ? '{}' : stdout);
    for (const [prefix, paths] of Object.entries(asRecord(destinations))) {
      for (const path of asList(paths)) addPath(table, prefix, asList(asRecord(path)['attrs']).map(asRecord));
    }
  }
  return table;
}

type Attribute = Readonly<Record<string, unknown>>;

function addPath(table: Map<string, string>, prefix: string, attributes: readonly Attribute[]): void {
  // Attribute type codes: RFC 4271 5.1, RFC 1997, RFC 4760, RFC 8092.
  const of = (type: number) => attributes.find((attribute) => attribute['type'] === type);
  const value = (type: number) => {
    const found = of(type)?.['value'];
    return typeof found === 'number' ? found : undefined;
  };
  const med = of(4)?.['metric'];
  const nextHop = String(of(3)?.['nexthop'] ?? of(14)?.['nexthop']);
  const large = asList(of(32)?.['value']).map((community) => {
    const { ASN, LocalData1, LocalData2 } = asRecord(community);
    return `${ASN}:${LocalData1}:${LocalData2}`;
  });
  const marks = large.filter((community) => community.split(':')[1] === String(markMagic));
  const key = `${prefix} ${nextHop}`;
  if (marks.length !== 1) throw new Error(`GoBGP holds ${key} with ${marks.length} marks`);
  if (table.has(key)) throw new Error(`GoBGP holds ${key} twice`);
  const text = attributesText({
    origin: ['igp', 'egp', 'incomplete'][value(1) ?? 0] ?? '?',
    asPath: asList(of(2)?.['as_paths']).flatMap((segment) => asList(asRecord(segment)['asns']).map(Number)),
    localPref: value(5),
    med: typeof med === 'number' ? med : undefined,
    communities: asList(of(8)?.['communities'])
      .map(Number)
      .map((community) => `${Math.floor(community / 65_536)}:${community % 65_536}`),
    largeCommunities: large.filter((community) => !marks.includes(community)),
  });
  table.set(key, text);
}

function asRecord(value: unknown): Attribute {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
