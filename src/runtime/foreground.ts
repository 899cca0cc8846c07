/** A program that has the terminal for itself while it runs, such as an editor. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * @param line words for the shell, as people write them in `$EDITOR`: `code --wait`.
 * @param file given to it as its last argument, safe from the shell.
 * @returns its exit code, as a shell tells it: 127 when there is no such program, 128 and more when a signal ended it.
 */
export function runInForeground(line: string, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${line} "$1"`, 'sh', file], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
