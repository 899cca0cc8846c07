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
  try {
    const own = statOf(folder);
    let there = folder;
    while (statOf(there) === undefined && dirname(there) !== there) there = dirname(there);
    const isFolder = statOf(there)?.isDirectory() === true;
    const state = !isFolder
      ? 'notFolder'
      : !mayWrite(there)
        ? 'unwritable'
        : own === undefined
          ? 'missing'
          : 'writable';
    const lockedBy = holderOf(join(store.url.replace(/^embedded:\/\//, ''), 'lock'));
    const { bavail, bsize } = statfsSync(there);
    return { folder, state, freeBytes: bavail * bsize, ...(lockedBy === undefined ? {} : { lockedBy }) };
  } catch (error) {
    return { folder, state: 'refused', why: codeOf(error) };
  }
}

/** Undefined when it isn't there or may not be seen: what stands above it then says why. */
function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
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
  { speaker, data }: Pick<Config, 'speaker' | 'data'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!speaker.supervise) return [await reachFinding(speaker.url ?? '', signal)];
  const findings = [await programFinding(speaker.binary, signal)];
  if (speaker.listenPort <= 0) return findings;
  const { listenAddresses } = speaker;
  for (const address of listenAddresses.length === 0 ? [undefined] : listenAddresses) {
    const code = await bindCode(address, speaker.listenPort);
    const finding = code === undefined ? undefined : portFinding(code, address, speaker.listenPort, data.folder);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function portFinding(code: string, address: string | undefined, port: number, folder: string): Finding | undefined {
  const about = 'BGP port';
  const where = `port ${port}${address === undefined ? '' : ` of ${address}`}`;
  const message = `gobgpd could not listen on ${where}: ${code}`;
  if (code === 'EACCES') {
    return warning(about, message, 'run as root or with CAP_NET_BIND_SERVICE, or set speaker.listenPort');
  }
  if (code !== 'EADDRINUSE') return warning(about, message, 'set speaker.listenAddresses to addresses of this machine');
  const fix = 'stop what uses it ("ss -ltnp" shows it), or set speaker.listenPort';
  switch (ownGobgpd(folder)) {
    // The speakers' reports tell how it is.
    case 'runs':
      return undefined;
    case 'none':
      return problem(about, `${where} is in use, and not by the gobgpd of ${folder}: none runs`, fix);
    case 'unknown':
      return warning(about, `${where} is in use; whether by the gobgpd of ${folder} this user can't see`, fix);
  }
}

/** By the note that the supervisor leaves for its next start. */
function ownGobgpd(folder: string): 'runs' | 'none' | 'unknown' {
  try {
    const { pid } = Object(JSON.parse(readFileSync(join(folder, 'gobgpd', 'gobgpd.json'), 'utf8')));
    if (typeof pid !== 'number') return 'unknown';
    // The number may be another process's by now.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('gobgpd') ? 'runs' : 'none';
  } catch (error) {
    return ['ENOENT', 'ENOTDIR', 'ESRCH'].includes(codeOf(error)) ? 'none' : 'unknown';
  }
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
