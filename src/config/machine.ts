/** What the machine says that defaults are made of. */
import { homedir, hostname } from 'node:os';
import type { Machine } from './options.ts';

export function thisMachine(env: Readonly<Record<string, string | undefined>> = process.env): Machine {
  return {
    hostname: hostname(),
    home: homedir(),
    root: process.getuid?.() === 0,
    // The XDG specification: a relative path there is to be ignored.
    stateHome: env['XDG_STATE_HOME']?.startsWith('/') ? env['XDG_STATE_HOME'] : undefined,
    workingFolder: process.cwd(),
  };
}
