/** Processes that are not our children: whether one still lives, told apart from a later one with the same number. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat (proc(5)): clock ticks since boot. With the pid it names a process for good. */
  readonly startTime: string;
}

/** The process that has the number now; undefined when there is none, or only its zombie. */
export function processAt(pid: number): ProcessIdentity | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name (field 2) may hold blanks and parentheses: what counts comes after its last ")".
  const [state, ...fields] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const startTime = fields[18];
  return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return processAt(pid)?.startTime === startTime;
}

/** The process that was started with this flag and this value of it; undefined when none is seen. */
export function processWithFlag(flag: string, value: string): ProcessIdentity | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const words = read(`/proc/${entry}/cmdline`)?.split('\0') ?? [];
    if (words.some((word, index) => word === flag && words[index + 1] === value)) return processAt(Number(entry));
  }
  return undefined;
}

/** Nothing happens when it is gone already. */
export function sendSignal(process_: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Undefined when the process is gone or belongs to somebody who hides it. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
