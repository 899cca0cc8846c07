/** A program that has the terminal for itself while it runs, such as an editor. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * @param line words for the shell, as people write them in `$EDITOR`: `code --wait`.
 * @param file given to it as its last argument, safe from the shell.
 * @param signal asks the program to end, by SIGTERM: editors then save what they have beside the file, and leave the
 * terminal as it was. It is waited for all the same.
 * @returns its exit code, as a shell tells it: 127 when there is no such program, 128 and more when a signal ended it.
 */
export async function runInForeground(line: string, file: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', `${line} "$1"`, 'sh', file], { stdio: 'inherit' });
  const end = () => {
    for (const pid of descendantsOf(child.pid)) terminate(pid);
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Shells may stand between: where the kernel tells of children, they are asked, too. */
function descendantsOf(pid: number | undefined): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return children.flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    // Not on Linux, or it has just ended: the shell itself is asked in any case.
    return [];
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile, as it should.
  }
}
