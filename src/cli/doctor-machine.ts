/** What `corebgp doctor` looks at on this machine: folder, lock, addresses, gobgpd. Changes nothing. */
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { connect as connectTo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config/options.ts';
import { parseSpeakerUrl } from '../config/values.ts';
import { CoreBgpError } from '../model/errors.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { findTool } from '../runtime/tools.ts';
import { type Finding, type FolderFacts, type ListenFacts, ok, problem, warning } from './doctor-findings.ts';

export function lookAtFolder({ data, store }: Pick<Config, 'data' | 'store'>): FolderFacts {
  const folder = data.folder;
  const stats = statOf(folder);
  const lockedBy = holderOf(join(store.url.replace(/^embedded:\/\//, ''), 'lock'));
  let there = folder;
  while (statOf(there) === undefined && dirname(there) !== there) there = dirname(there);
  const missing = stats === undefined;
  const writable = mayWrite(there);
  const state =
    stats?.isDirectory() === false ? 'notFolder' : !writable ? 'unwritable' : missing ? 'missing' : 'writable';
  const { bavail, bsize } = statfsSync(there);
  return { folder, state, freeBytes: bavail * bsize, ...(lockedBy === undefined ? {} : { lockedBy }) };
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}

/** The process that has the file locked, by the kernel's own list: taking the lock to see would be in the way of one that starts. */
function holderOf(lock: string): number | undefined {
  try {
    const { ino } = statSync(lock);
    const held = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .some((line) => line.includes(' FLOCK ') && line.includes(`:${ino} `));
    if (!held) return undefined;
    return Number.parseInt(readFileSync(lock, 'utf8'), 10) || 0;
  } catch {
    // No lock file yet, or a system without that list: nothing is known.
    return undefined;
  }
}

/** @param answers whether a CoreBGP API answers there; undefined when nothing does. */
export async function lookAtListen(address: string, answers: boolean | undefined): Promise<ListenFacts> {
  if (answers !== undefined) return { address, state: answers ? 'corebgp' : 'other' };
  const code = await bindCode(...hostAndPort(address));
  if (code === undefined) return { address, state: 'free' };
  if (code === 'EADDRINUSE') return { address, state: 'other' };
  return { address, state: 'refused', why: code };
}

function hostAndPort(address: string): readonly [string, number] {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at).replace(/^\[|\]$/g, ''), Number(address.slice(at + 1))];
}

/** The system's word when the address can't be listened on. */
function bindCode(host: string | undefined, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

/** gobgpd's program, its own API when we don't start it, and the BGP port. */
export async function gobgpdFindings(
  { speaker }: Pick<Config, 'speaker'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!speaker.supervise) return [await reachFinding(speaker.url ?? '', signal)];
  const findings = [await programFinding(speaker.binary, signal)];
  const code = speaker.listenPort > 0 ? await bindCode(speaker.listenAddresses[0], speaker.listenPort) : undefined;
  // In use: by a gobgpd that runs already, whose state the speakers' reports tell.
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    const fix =
      code === 'EACCES'
        ? 'run as root or with CAP_NET_BIND_SERVICE, or set speaker.listenPort'
        : 'set speaker.listenAddresses to addresses of this machine';
    findings.push(warning('BGP port', `gobgpd could not listen on port ${speaker.listenPort}: ${code}`, fix));
  }
  return findings;
}

async function programFinding(binary: string | undefined, signal: AbortSignal): Promise<Finding> {
  const about = 'gobgpd';
  const needed = 'a node without a speaker (roles api and checker) does not need it';
  try {
    const { path, env } = binary === undefined ? findTool('gobgpd', packageRoot) : { path: binary, env: {} };
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      env: { ...process.env, ...env },
      timeout: 5_000,
      signal,
    });
    const [, version, major] = /gobgpd version ((\d+)\.\S+)/.exec(stdout) ?? [];
    if (major === '3' || major === '4') return ok(about, `${version} at ${path}`);
    const fix = 'install GoBGP 3 or 4, or set speaker.binary';
    return problem(about, `${path} calls itself "${stdout.trim().slice(0, 80)}", not GoBGP 3 or 4`, fix);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CoreBgpError) return warning(about, error.message, needed);
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return problem(
      about,
      `${binary ?? 'it'} can't be started: ${why}`,
      'set speaker.binary to a gobgpd that works here',
    );
  }
}

const reachWithinMs = 2_000;

async function reachFinding(url: string, signal: AbortSignal): Promise<Finding> {
  const address = parseSpeakerUrl(url);
  if (address === undefined) return problem('gobgpd', `"${url}" is no address of it`, 'set speaker.url');
  const socket = address.type === 'unix' ? connectTo(address.path) : connectTo(address.port, address.host);
  try {
    const failed = new Promise<string | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', (error) => resolve(error.message));
      socket.setTimeout(reachWithinMs, () => resolve(`no answer within ${reachWithinMs / 1_000} s`));
    });
    const why = await rejectOnAbort(failed, signal);
    if (why === undefined) return ok('gobgpd', `something listens at ${url}`);
    return problem('gobgpd', `its API at ${url} can't be reached: ${why}`, 'start gobgpd, or set speaker.url');
  } finally {
    socket.destroy();
  }
}
