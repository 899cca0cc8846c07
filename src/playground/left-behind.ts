/** What playgrounds that were killed left in the folder for temporary files. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const beginning = 'corebgp-playground-';
const ownPid = 'playground.pid';

/** A new folder that says whose it is. */
export function makePlaygroundFolder(temporary: string): string {
  const folder = mkdtempSync(join(temporary, beginning));
  writeFileSync(join(folder, ownPid), `${process.pid}\n`);
  return folder;
}

export interface LeftBehind {
  readonly folder: string;
  /** Of its gobgpd and its BIRD, those that still run. */
  readonly pids: readonly number[];
}

/** This user's playground folders whose playground no longer runs. */
export function leftBehind(temporary: string): readonly LeftBehind[] {
  return readdirSync(temporary)
    .filter((name) => name.startsWith(beginning))
    .map((name) => join(temporary, name))
    .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.())
    .flatMap((folder) => {
      const owner = numberIn(join(folder, ownPid), /^\d+/);
      if (owner === undefined || runs(owner)) return [];
      const daemons = [
        numberIn(join(folder, 'gobgpd/gobgpd.json'), /(?<="pid":\s*)\d+/),
        numberIn(join(folder, 'bird/bird.pid'), /^\d+/),
      ].filter((pid) => pid !== undefined);
      // A number may be another process's by now.
      return [{ folder, pids: daemons.filter((pid) => textOf(`/proc/${pid}/cmdline`)?.includes(folder)) }];
    });
}

function numberIn(file: string, pattern: RegExp): number | undefined {
  const [digits] = pattern.exec(textOf(file) ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Undefined when it isn't there (any more) or isn't ours to read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process: a playground of this user could be signalled.
    return false;
  }
}
