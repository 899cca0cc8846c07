/** Real GoBGP daemons without CoreBGP, of both generations: for the contract tests of the codecs, and as neighbours. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Family } from '../../src/model/prefix.ts';
import { findTool, type Tool, unpackedIn } from '../../src/runtime/tools.ts';
import { freePort, packageRoot, tempFolder } from './places.ts';

export type GobgpGeneration = 3 | 4;

/** For `describe.each`. Both must be present: a missing one is an error where it is used, never a skipped test. */
export const gobgpGenerations: readonly GobgpGeneration[] = [3, 4];

/** The gobgpd of a generation: COREBGP_TOOL_GOBGPD3 or …4, then what set-up unpacked, then the machine's own. */
export function gobgpdOf(generation: GobgpGeneration): Tool & { readonly version: string } {
  const named = process.env[`COREBGP_TOOL_GOBGPD${generation}`];
  const unpacked = ['gobgpd', `gobgpd${generation}`].map((name) =>
    unpackedIn(join(packageRoot, '.cache/tools', name), 'gobgpd'),
  );
  const candidates = [named === undefined ? undefined : { path: named, env: {} }, ...unpacked, installed()];
  for (const tool of candidates) {
    if (tool === undefined) continue;
    const said = execFileSync(tool.path, ['--version'], { encoding: 'utf8', env: { ...process.env, ...tool.env } });
    const version = /\d+\.\d+\.\d+/.exec(said)?.[0];
    if (version?.startsWith(`${generation}.`)) return { ...tool, version };
  }
  throw new Error(`No gobgpd ${generation}.x here: run "npm run setup -- --tests".`);
}

function installed(): Tool | undefined {
  try {
    return findTool('gobgpd', packageRoot);
  } catch {
    return undefined;
  }
}

export interface GobgpdNeighbor {
  readonly address: string;
  readonly asn: number;
  readonly port: number;
  readonly passive?: boolean;
  /** Most paths of a prefix to send. Default 0: only the best. */
  readonly addPathSend?: number;
  readonly addPathReceive?: boolean;
  readonly families?: readonly Family[];
  /** TTL; eBGP over loopback addresses needs it. Default off. */
  readonly ebgpMultihop?: number;
  readonly routeReflectorClient?: boolean;
  /** Seconds for which the neighbour keeps the paths after gobgpd was killed (RFC 4724). Default: no graceful restart. */
  readonly gracefulRestart?: number;
}

export interface GobgpdOptions {
  readonly generation: GobgpGeneration;
  /** Where its gRPC listens. Default tcp. */
  readonly api?: 'tcp' | 'unix';
  /** Default debug, which costs time with each path. */
  readonly logLevel?: 'debug' | 'warn';
  /** Undefined: BGP is not started (the test sends StartBgp). */
  readonly bgp?: {
    readonly asn: number;
    readonly routerId: string;
    readonly listenAddress?: string;
    /** Default: a free one. −1: do not listen. */
    readonly listenPort?: number;
    readonly neighbors?: readonly GobgpdNeighbor[];
  };
}

export interface Gobgpd {
  readonly pid: number;
  readonly version: string;
  /** `gobgp://127.0.0.1:PORT` or `gobgp+unix:///PATH`, as in the option speaker.url. */
  readonly url: string;
  /** `127.0.0.1:PORT` or `unix:///PATH`, as grpc-js wants it. */
  readonly target: string;
  readonly listenAddress: string;
  readonly listenPort: number;
  log(): string;
  /** Runs the `gobgp` command line against it. */
  cli(...args: string[]): Promise<string>;
  /** Ends it, waits for its end, removes its folder. SIGTERM sends Cease to the neighbours, SIGKILL nothing. */
  close(how?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  readonly ended: Promise<void>;
}

const run = promisify(execFile);

/** Starts gobgpd and resolves once its gRPC accepts connections. */
export async function startGobgpd(options: GobgpdOptions): Promise<Gobgpd> {
  const tool = gobgpdOf(options.generation);
  const folder = tempFolder(`gobgpd${options.generation}`);
  const socketPath = join(folder.path, 'api.sock');
  const apiPort = options.api === 'unix' ? undefined : await freePort();
  const target = apiPort === undefined ? `unix://${socketPath}` : `127.0.0.1:${apiPort}`;
  const listenAddress = options.bgp?.listenAddress ?? '127.0.0.1';
  const listenPort = options.bgp?.listenPort ?? (await freePort(listenAddress));

  const args = ['--api-hosts', target, '--pprof-disable', '--log-level', options.logLevel ?? 'debug'];
  if (options.bgp !== undefined) {
    const file = join(folder.path, 'gobgpd.toml');
    writeFileSync(file, configuration(options.bgp, listenAddress, listenPort));
    args.push('-f', file);
  }
  const logFile = join(folder.path, 'gobgpd.log');
  const log = openSync(logFile, 'a');
  const child = spawn(tool.path, args, { env: { ...process.env, ...tool.env }, stdio: ['ignore', log, log] });
  closeSync(log);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const close = async (how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    child.kill(how);
    await ended;
    folder.close();
  };
  while (!(await accepts(apiPort === undefined ? { path: socketPath } : { host: '127.0.0.1', port: apiPort }))) {
    if (over) {
      const said = readFileSync(logFile, 'utf8');
      folder.close();
      throw new Error(`gobgpd ${tool.version} ended at its start: ${said}`);
    }
    await pause(20);
  }
  if (child.pid === undefined) throw new Error('gobgpd has no process id');
  const server: Gobgpd = {
    pid: child.pid,
    version: tool.version,
    url: apiPort === undefined ? `gobgp+unix://${socketPath}` : `gobgp://${target}`,
    target,
    listenAddress,
    listenPort,
    log: () => readFileSync(logFile, 'utf8'),
    async cli(...cliArgs) {
      const where = apiPort === undefined ? ['--target', target] : ['--host', '127.0.0.1', '--port', String(apiPort)];
      const { stdout } = await run(join(dirname(tool.path), 'gobgp'), [...where, ...cliArgs], { timeout: 20_000 });
      return stdout;
    },
    close,
    ended,
  };
  // gRPC answers before the configuration file is applied.
  while (
    options.bgp !== undefined &&
    !(await server.cli('global').then(
      (said) => said.includes(String(options.bgp?.asn)),
      () => false,
    ))
  ) {
    if (over) throw new Error(`gobgpd ${tool.version} ended at its start`);
    await pause(20);
  }
  return server;
}

function accepts(where: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(where);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const loopback = (address: string) => (address.includes(':') ? '::1' : '127.0.0.1');

function configuration(bgp: NonNullable<GobgpdOptions['bgp']>, listenAddress: string, listenPort: number): string {
  const neighbors = bgp.neighbors ?? [];
  return [
    '[global.config]',
    `  as = ${bgp.asn}`,
    `  router-id = "${bgp.routerId}"`,
    `  port = ${listenPort}`,
    `  local-address-list = ["${listenAddress}"]`,
    ...neighbors.flatMap((neighbor) => [
      '[[neighbors]]',
      '  [neighbors.config]',
      `    neighbor-address = "${neighbor.address}"`,
      `    peer-as = ${neighbor.asn}`,
      '  [neighbors.transport.config]',
      `    remote-port = ${neighbor.port}`,
      `    local-address = "${neighbor.address.includes(':') === listenAddress.includes(':') ? listenAddress : loopback(neighbor.address)}"`,
      `    passive-mode = ${neighbor.passive === true}`,
      '  [neighbors.timers.config]',
      '    connect-retry = 1',
      ...(neighbor.ebgpMultihop === undefined
        ? []
        : ['  [neighbors.ebgp-multihop.config]', '    enabled = true', `    multihop-ttl = ${neighbor.ebgpMultihop}`]),
      ...(neighbor.routeReflectorClient
        ? [
            '  [neighbors.route-reflector.config]',
            '    route-reflector-client = true',
            `    route-reflector-cluster-id = "${bgp.routerId}"`,
          ]
        : []),
      ...(neighbor.gracefulRestart === undefined
        ? []
        : [
            '  [neighbors.graceful-restart.config]',
            '    enabled = true',
            `    restart-time = ${neighbor.gracefulRestart}`,
          ]),
      ...(neighbor.families ?? ['ipv4', 'ipv6']).flatMap((family) => [
        '  [[neighbors.afi-safis]]',
        '    [neighbors.afi-safis.config]',
        `      afi-safi-name = "${family}-unicast"`,
        ...(neighbor.gracefulRestart === undefined
          ? []
          : ['    [neighbors.afi-safis.mp-graceful-restart.config]', '      enabled = true']),
        '    [neighbors.afi-safis.add-paths.config]',
        `      send-max = ${neighbor.addPathSend ?? 0}`,
        `      receive = ${neighbor.addPathReceive === true}`,
      ]),
    ]),
    '',
  ].join('\n');
}
