/** The files of a supervised gobgpd: its socket, log and record, and the refusals when they can't be. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';
import { makeFolder } from '../runtime/folder.ts';
import { codeOf, type ProcessIdentity } from './process.ts';

export interface SuperviseFiles {
  readonly folder: string;
  readonly socket: string;
  readonly log: string;
  readonly record: string;
}

/** What outlives CoreBGP: which process to adopt. */
export interface GobgpdRecord extends ProcessIdentity {
  readonly v: 1;
  readonly binary: string;
  /** As `gobgpd --version` said. */
  readonly version: string;
  /** Where its API listens, as its flag was given. */
  readonly api: string;
}

/** A unix socket's path ends within 108 bytes, its closing NUL included (unix(7)). */
const longestSocketPath = 107;
const largestLog = 16 * 1024 * 1024;

/** Makes the folder when absent, readable by its owner only. @throws CoreBgpError `invalid` or `forbidden`, with what to do. */
export function superviseFiles(folder: string, temporary: string = tmpdir()): SuperviseFiles {
  const place = resolve(folder);
  try {
    makeFolder(place);
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CoreBgpError(
      'forbidden',
      `The folder ${place} for gobgpd can't be made or written to (${codeOf(error)}). Give the user of CoreBGP the right, or set data.folder to another one.`,
      { field: 'data.folder', cause: error },
    );
  }
  const nearby = join(place, 'gobgpd.sock');
  const socket = Buffer.byteLength(nearby) <= longestSocketPath ? nearby : shortSocket(place, temporary);
  return { folder: place, socket, log: join(place, 'gobgpd.log'), record: join(place, 'gobgpd.json') };
}

/** For a folder with a long path: a private folder in the temporary one, named by the hash of the long path. */
function shortSocket(place: string, temporary: string): string {
  const name = `corebgp-${createHash('sha256').update(place).digest('hex').slice(0, 12)}`;
  const folder = join(temporary, name);
  const socket = join(folder, 'gobgpd.sock');
  if (Buffer.byteLength(socket) > longestSocketPath) {
    throw new CoreBgpError(
      'invalid',
      `Neither ${place} nor ${temporary} is short enough for a unix socket (${longestSocketPath} bytes with its name). Set data.folder to a shorter path.`,
      { field: 'data.folder' },
    );
  }
  makeFolder(folder);
  // Anybody may write to the temporary folder: what stands there under our name must be ours, and a real folder.
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new CoreBgpError('forbidden', `${folder} belongs to somebody else. Set data.folder to a shorter path.`, {
      field: 'data.folder',
    });
  }
  chmodSync(folder, 0o700);
  return socket;
}

/** Undefined when there is none, or none that can be read: the process is then looked for by its arguments. */
export function readRecord(files: SuperviseFiles): GobgpdRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(files.record, 'utf8'));
    return isRecord(record) ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeRecord(files: SuperviseFiles, record: GobgpdRecord): void {
  const fresh = `${files.record}.new`;
  writeFileSync(fresh, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(fresh, files.record);
}

export function removeRecord(files: SuperviseFiles): void {
  rmSync(files.record, { force: true });
  rmSync(files.socket, { force: true });
}

/** Opens the log for appending; a large one is set aside first, in place of the one set aside before. */
export function openLog(files: SuperviseFiles): number {
  if (sizeOf(files.log) > largestLog) renameSync(files.log, `${files.log}.1`);
  return openSync(files.log, 'a', 0o600);
}

export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines that were logged from the byte on, for a message. */
export function logSince(files: SuperviseFiles, from: number): string {
  return readFileSync(files.log).subarray(from).toString('utf8').trim().split('\n').slice(-5).join('\n');
}

function isRecord(record: unknown): record is GobgpdRecord {
  return (
    typeof record === 'object' &&
    record !== null &&
    'pid' in record &&
    typeof record.pid === 'number' &&
    'startTime' in record &&
    typeof record.startTime === 'string' &&
    'version' in record &&
    typeof record.version === 'string' &&
    'binary' in record &&
    typeof record.binary === 'string'
  );
}
