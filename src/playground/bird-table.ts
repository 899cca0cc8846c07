/** BIRD's routing tables and sessions, read from its control socket: what a real neighbour holds. */
import type { Origin } from '../model/attributes.ts';
import { birdCommand, type ReplyLine } from './bird-control.ts';

export interface BirdRoute {
  /** `master4`, `master6`. */
  readonly table: string;
  readonly prefix: string;
  readonly nextHop: string;
  /** Name of the protocol, that is of the neighbour, which the route was learned from. */
  readonly protocol: string;
  /** Whether BIRD prefers it among the routes of its prefix. */
  readonly best: boolean;
  readonly origin: Origin;
  readonly asPath: readonly number[];
  readonly localPref?: number;
  readonly med?: number;
  /** `high:low`, in BIRD's order. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly originatorId?: string;
  /** The path identifier, where this BIRD shows it (2.0.12 does not). */
  readonly pathId?: number;
}

export interface BirdSession {
  readonly name: string;
  /** `Established`, `Active`, `Connect`, `Idle`, … (RFC 4271 8.2.2), or `Down` when the protocol isn't running. */
  readonly state: string;
  readonly neighborAddress?: string;
  readonly neighborId?: string;
  /** Families for which several paths of a prefix can be received: what we offer and the neighbour sends. */
  readonly addPathReceive: readonly string[];
}

/** Every BGP route of every table, IPv4 and IPv6. */
export async function readBirdTable(socketPath: string, signal: AbortSignal): Promise<BirdRoute[]> {
  return parseRoutes(await birdCommand(socketPath, 'show route all', signal));
}

export async function readBirdSessions(socketPath: string, signal: AbortSignal): Promise<BirdSession[]> {
  return parseSessions(await birdCommand(socketPath, 'show protocols all', signal));
}

const routeLine = /^(\S*)\s+\w+ \[(\S+) [^\]]*\]( \*)? \(/;

/** Reply of `show route all`; routes that are not BGP's are left out. */
export function parseRoutes(lines: readonly ReplyLine[]): BirdRoute[] {
  const routes: BirdRoute[] = [];
  let table = '';
  let prefix = '';
  let head: Pick<BirdRoute, 'table' | 'prefix' | 'protocol' | 'best'> | undefined;
  let attributes = new Map<string, string>();
  const finish = () => {
    const nextHop = attributes.get('BGP.next_hop');
    if (head !== undefined && nextHop !== undefined) routes.push({ ...head, ...readAttributes(nextHop, attributes) });
    head = undefined;
    attributes = new Map();
  };
  for (const { text } of lines) {
    const heading = /^Table (\S+):$/.exec(text);
    const route = routeLine.exec(text);
    const attribute = /^\t([\w. ]+): (.*)$/.exec(text);
    if (heading !== null) {
      finish();
      table = heading[1] ?? '';
    } else if (route !== null) {
      finish();
      prefix = route[1] || prefix;
      head = { table, prefix, protocol: route[2] ?? '', best: route[3] !== undefined };
    } else if (attribute !== null) {
      attributes.set(attribute[1] ?? '', attribute[2] ?? '');
    }
  }
  finish();
  return routes;
}

function readAttributes(nextHop: string, attributes: ReadonlyMap<string, string>) {
  const localPref = attributes.get('BGP.local_pref');
  const med = attributes.get('BGP.med');
  const originatorId = attributes.get('BGP.originator_id');
  const pathId = /^(\d+)L/.exec(attributes.get('Internal route ID') ?? '')?.[1];
  return {
    // A next hop that is link-local besides being global is shown as two addresses.
    nextHop: nextHop.split(' ')[0] ?? nextHop,
    origin: readOrigin(attributes.get('BGP.origin')),
    asPath: (attributes.get('BGP.as_path') ?? '').match(/\d+/g)?.map(Number) ?? [],
    communities: readCommunities(attributes.get('BGP.community')),
    largeCommunities: readCommunities(attributes.get('BGP.large_community')),
    ...(localPref === undefined ? {} : { localPref: Number(localPref) }),
    ...(med === undefined ? {} : { med: Number(med) }),
    ...(originatorId === undefined ? {} : { originatorId }),
    ...(pathId === undefined ? {} : { pathId: Number(pathId) }),
  };
}

function readOrigin(word: string | undefined): Origin {
  if (word === 'IGP') return 'igp';
  return word === 'EGP' ? 'egp' : 'incomplete';
}

/** `(65000,100) (65000, 1, 2)` to `65000:100`, `65000:1:2`. */
function readCommunities(text = ''): string[] {
  return [...text.matchAll(/\(([^)]*)\)/g)].map(([, inner = '']) => inner.split(/,\s*/).join(':'));
}

/** Reply of `show protocols all`; only BGP. */
export function parseSessions(lines: readonly ReplyLine[]): BirdSession[] {
  const sessions: BirdSession[] = [];
  let name: string | undefined;
  let details: string[] = [];
  const finish = () => {
    if (name !== undefined) sessions.push(readSession(name, details));
    name = undefined;
    details = [];
  };
  for (const { code, text } of lines) {
    const protocol = code === 1002 ? /^(\S+)\s+(\S+)/.exec(text) : null;
    if (protocol !== null) {
      finish();
      if (protocol[2] === 'BGP') name = protocol[1];
    } else if (name !== undefined) {
      details.push(text);
    }
  }
  finish();
  return sessions;
}

function readSession(name: string, details: readonly string[]): BirdSession {
  const field = (key: string) =>
    details.map((line) => new RegExp(`^\\s*${key}:\\s*(\\S+)`).exec(line)?.[1]).find((value) => value !== undefined);
  const neighborAddress = field('Neighbor address');
  const neighborId = field('Neighbor ID');
  const between = (from: string, to: string) => {
    const start = details.findIndex((line) => line.includes(from));
    if (start < 0) return [];
    const end = details.findIndex((line, index) => index > start && line.includes(to));
    return details.slice(start, end < 0 ? undefined : end);
  };
  const families = (block: readonly string[], direction: 'RX' | 'TX') =>
    block.flatMap((line) => new RegExp(`^\\s*${direction}:(.*)$`).exec(line)?.[1]?.match(/\w+/g) ?? []);
  const sent = families(between('Neighbor capabilities', 'Session:'), 'TX');
  return {
    name,
    state: field('BGP state') ?? 'Down',
    ...(neighborAddress === undefined ? {} : { neighborAddress }),
    ...(neighborId === undefined ? {} : { neighborId }),
    addPathReceive: families(between('Local capabilities', 'Neighbor capabilities'), 'RX').filter((family) =>
      sent.includes(family),
    ),
  };
}
