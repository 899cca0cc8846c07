/**
 * One process at a time: an exclusive flock on `<folder>/lock`, taken before the database is opened.
 *
 * Why flock and not a file with a pid: the kernel drops it with the process, however that dies, so there is nothing
 * stale to judge, no reused pid to mistake, and it holds across pid and network namespaces (two containers on one
 * volume). Node has no flock; the lock belongs to the open file, not to the process that asked for it, so `flock`
 * (util-linux, on every Linux) takes it on a descriptor that it inherits and leaves it here.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { CoreBgpError } from '../../model/errors.ts';

/** Exit code of `flock --nonblock` when somebody else has the lock. */
const held = 1;

/**
 * @returns releases the lock.
 * @throws CoreBgpError `unavailable` when another process (or this one) has the store open.
 */
export function lockFolder(folder: string): () => void {
  const path = `${folder}/lock`;
  const file = openSync(path, 'a+', 0o600);
  try {
    const { status, error } = spawnSync('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] });
    if (status === held) throw alreadyOpen(folder, path);
    if (status !== 0) {
      throw new CoreBgpError(
        'unavailable',
        `Could not lock the data folder ${folder}: the program flock (package util-linux) ` +
          `${error === undefined ? `ended with code ${status}` : `did not start (${error.message})`}.`,
        { field: 'store.url', cause: error },
      );
    }
    // Only for the message above; the lock itself is what counts.
    ftruncateSync(file);
    writeSync(file, `${process.pid}\n`);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return () => closeSync(file);
}

function alreadyOpen(folder: string, path: string): CoreBgpError {
  const pid = readFileSync(path, 'utf8').trim();
  return new CoreBgpError(
    'unavailable',
    `The store in ${folder} is already open in ${pid === '' ? 'another process' : `process ${pid}`}. ` +
      `One process owns an embedded store: stop it, or reach the store through its API.`,
    { field: 'store.url' },
  );
}
