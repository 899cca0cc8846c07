/**
 * A BIRD 2 router as a BGP neighbour for the playground: control plane only. It has no kernel protocol, so it forwards nothing and
 * changes no route of this machine; it needs no root above port 1023.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';
import type { Family } from '../model/prefix.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import type { Tool } from '../runtime/tools.ts';
import { type BirdEvent, loggingFilter, parseBirdLog } from './bird-log.ts';
import { type BirdRoute, type BirdSession, readBirdSessions, readBirdTable } from './bird-table.ts';

export interface BirdNeighbor {
  /** BIRD's name for the session: a letter, then letters, digits or `_`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly asn: number;
  /** Only wait for the neighbour to connect. Default false. */
  readonly passive?: boolean;
  /** Offer to receive several paths of a prefix (RFC 7911). Default true. */
  readonly addPath?: boolean;
  /** Default both. */
  readonly families?: readonly Family[];
  /** RFC 4724: `aware` keeps the routes of a neighbour that restarts and said so; `on` says so of itself too. Default aware. */
  readonly gracefulRestart?: 'off' | 'aware' | 'on';
  /** A directly connected eBGP session (one hop). Default false: multihop, which loopback addresses need. */
  readonly direct?: boolean;
  /** Seconds (RFC 4271 4.2). Default 30. */
  readonly holdTime?: number;
  /** BIRD's export filter, as in `where net ~ [ 192.0.2.0/24+ ]` or `all`. Default none. */
  readonly export?: string;
  /** Its own next hop in what it sends, by family. Default: its local address, which GoBGP 3 refuses on 127.0.0.0/8, and which IPv6 routes lack. */
  readonly nextHops?: Partial<Record<Family, string>>;
}

export interface BirdOptions {
  /** For configuration, log, control socket and pid file; made when absent. Its path may have at most 90 bytes (unix sockets). */
  readonly folder: string;
  readonly asn: number;
  readonly routerId: string;
  readonly localAddress: string;
  readonly listenPort: number;
  readonly neighbors: readonly BirdNeighbor[];
  /** Routes of its own, for neighbours with an export filter that lets them pass. */
  readonly staticRoutes?: readonly { readonly prefix: string; readonly nextHop?: string }[];
}

export interface Bird {
  readonly pid: number;
  readonly socketPath: string;
  readonly logFile: string;
  /** BGP routes of both tables. */
  table(signal: AbortSignal): Promise<BirdRoute[]>;
  sessions(signal: AbortSignal): Promise<BirdSession[]>;
  /** What the neighbours announced and withdrew since the start, in order. */
  events(): BirdEvent[];
  /** Ends the process and waits for its end. SIGTERM tells the neighbours (Cease); SIGKILL doesn't. */
  stop(how?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Resolves when the process has ended, with a phrase that says how. */
  readonly ended: Promise<string>;
}

const longestFolder = 90;

/** Starts BIRD in the foreground and resolves once it is up (not: its sessions). @throws CoreBgpError `unavailable` with BIRD's own words. */
export async function startBird(options: BirdOptions, tool: Tool, signal: AbortSignal): Promise<Bird> {
  signal.throwIfAborted();
  const { folder } = options;
  if (Buffer.byteLength(folder) > longestFolder) {
    throw new CoreBgpError(
      'invalid',
      `The folder ${folder} is too long for a unix socket: use a path of at most ${longestFolder} bytes.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const [configuration, socketPath, logFile] = [file('bird.conf'), file('bird.ctl'), file('bird.log')];
  writeFileSync(configuration, birdConfig(options, logFile));
  // Events are counted from this start; and a socket that a killed BIRD left behind would look like this one's.
  writeFileSync(logFile, '');
  rmSync(socketPath, { force: true });

  const child = spawn(tool.path, ['-f', '-c', configuration, '-s', socketPath, '-P', file('bird.pid')], {
    env: { ...process.env, ...tool.env, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (cause) => resolve(cause.message));
    child.once('exit', (code, by) => resolve(by === null ? `exit code ${code}` : `signal ${by}`));
  });
  await untilStarted(child, ended, signal);
  const { pid } = child;
  if (pid === undefined) throw new CoreBgpError('internal', 'BIRD said it started but has no process id.');
  return {
    pid,
    socketPath,
    logFile,
    table: (aborted) => readBirdTable(socketPath, aborted),
    sessions: (aborted) => readBirdSessions(socketPath, aborted),
    events: () => parseBirdLog(readFileSync(logFile, 'utf8')),
    async stop(how = 'SIGTERM') {
      child.kill(how);
      await ended;
    },
    ended,
  };
}

/** BIRD logs "Started" to stderr once its configuration is in force; before that it has said why not, and ended. */
async function untilStarted(child: ChildProcess, ended: Promise<string>, signal: AbortSignal): Promise<void> {
  let said = '';
  const started = new Promise<'started'>((resolve) => {
    child.stderr?.setEncoding('utf8');
    // Read to the end of its life, so that the pipe never fills.
    child.stderr?.on('data', (chunk: string) => {
      if (said.length < 10_000) said += chunk;
      if (said.includes('<INFO> Started')) resolve('started');
    });
  });
  const outcome = await rejectOnAbort(Promise.race([started, ended]), signal).catch((cause: unknown) => {
    child.kill('SIGKILL');
    throw cause;
  });
  if (outcome === 'started') return;
  throw new CoreBgpError('unavailable', `BIRD did not start (${outcome}): ${said.trim()}`);
}

/**
 * BIRD's configuration. Every next hop counts as reachable through an "unreachable" default route in a table of its own, so that
 * a route is kept and shown whatever its next hop; this is a neighbour that looks, not one that forwards.
 */
export function birdConfig(options: BirdOptions, logFile: string): string {
  const { asn, routerId, localAddress, listenPort, neighbors, staticRoutes = [] } = options;
  return [
    '# Written by CoreBGP at each start.',
    `log "${logFile}" all;`,
    'log stderr { info, warning, error, fatal, bug };',
    'timeformat log iso long ms;',
    'timeformat protocol iso long ms;',
    'timeformat route iso long ms;',
    `router id ${routerId};`,
    'protocol device { scan time 3600; }',
    'ipv4 table nexthops4;',
    'ipv6 table nexthops6;',
    'protocol static anywhere4 { ipv4 { table nexthops4; }; route 0.0.0.0/0 unreachable; }',
    'protocol static anywhere6 { ipv6 { table nexthops6; }; route ::/0 unreachable; }',
    ...staticProtocol(
      'ipv4',
      staticRoutes.filter(({ prefix }) => !prefix.includes(':')),
    ),
    ...staticProtocol(
      'ipv6',
      staticRoutes.filter(({ prefix }) => prefix.includes(':')),
    ),
    `filter logged { ${loggingFilter} accept; }`,
    ...neighbors.flatMap((neighbor) => [
      `protocol bgp ${neighbor.name} {`,
      '  debug { routes, states, events };',
      '  strict bind;',
      `  local ${localAddress} port ${listenPort} as ${asn};`,
      `  neighbor ${neighbor.address} port ${neighbor.port} as ${neighbor.asn};`,
      `  ${neighbor.direct ? 'direct' : 'multihop'};`,
      `  passive ${neighbor.passive ? 'on' : 'off'};`,
      `  hold time ${neighbor.holdTime ?? 30};`,
      '  connect delay time 1; connect retry time 2; error wait time 1, 2;',
      `  graceful restart ${{ off: 'off', aware: 'aware', on: 'on' }[neighbor.gracefulRestart ?? 'aware']};`,
      // A path prepended with the AS that both ends share would else be refused as a loop (RFC 4271 9.1.2).
      ...(neighbor.asn === asn ? ['  allow local as 32;'] : []),
      ...(neighbor.families ?? ['ipv4', 'ipv6']).map((family) => `  ${family} { ${channel(neighbor, family)} };`),
      '}',
    ]),
    '',
  ].join('\n');
}

function channel(neighbor: BirdNeighbor, family: Family): string {
  const nextHop = neighbor.nextHops?.[family];
  return [
    `add paths ${neighbor.addPath === false ? 'off' : 'rx'};`,
    'import filter logged;',
    `export ${neighbor.export ?? 'none'};`,
    ...(nextHop === undefined ? [] : [`next hop address ${nextHop};`]),
    `gateway recursive; igp table nexthops${family === 'ipv4' ? 4 : 6};`,
  ].join(' ');
}

function staticProtocol(family: Family, routes: NonNullable<BirdOptions['staticRoutes']>): string[] {
  if (routes.length === 0) return [];
  const lines = routes.map(({ prefix, nextHop }) =>
    nextHop === undefined ? `  route ${prefix} unreachable;` : `  route ${prefix} recursive ${nextHop};`,
  );
  const table = `igp table nexthops${family === 'ipv4' ? 4 : 6};`;
  return [`protocol static own_${family} {`, `  ${family};`, `  ${table}`, ...lines, '}'];
}
