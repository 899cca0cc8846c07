// Child processes and how they end: a signal to this program ends every child with its own children, and is answered once they are gone.
// Imports only `node:`.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The checkout's folder, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** A failure that is told by its message alone: no stack. */
export class StepError extends Error {}

/** This program was told to end while it waited for a child; its children are gone. Not a StepError: nobody may go on after it. */
export class Interrupted extends Error {}

/** What a process group gets to end by itself. */
const graceMilliseconds = 3000;

/** State, group and start (clock ticks since boot) of a process, from /proc; undefined when there is none. */
function processAt(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // Gone, or a machine without /proc.
    return undefined;
  }
  // The name, in parentheses, may hold anything; proc_pid_stat(5) counts the fields from there.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], group: Number(fields[2]), started: fields[19] };
}

const ended = (found) => found === undefined || found.state === 'Z' || found.state === 'X';

function answers(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}

const withProc = existsSync('/proc/self/stat');

/** What tells a process from a later one with the same number: `{pid, started?}`. */
export const identity = (pid) => ({ pid, started: processAt(pid)?.started });

/** True while that very process runs (a zombie does not). */
export function runs({ pid, started }) {
  if (!withProc) return answers(pid);
  const found = processAt(pid);
  return !ended(found) && found.started === started;
}

/** True while any process runs in the group that this process founded, itself or what it left behind. */
export function groupRuns({ pid, started }) {
  if (!withProc) return answers(-pid);
  const founder = processAt(pid);
  // The number of a group is not given to a new process while the group has members: another process with this number, so none has.
  if (founder !== undefined && founder.started !== started) return false;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    const found = processAt(name);
    return found?.group === pid && !ended(found);
  });
}

function signalGroup(group, signal) {
  try {
    if (groupRuns(group)) process.kill(-group.pid, signal);
  } catch (cause) {
    // Ended in the meantime, or another user's: the caller sees by groupRuns which.
    if (cause.code !== 'ESRCH' && cause.code !== 'EPERM') throw cause;
  }
}

/** Ends a process group: SIGTERM, and SIGKILL after 3 s. @returns whether it is gone. */
export async function endGroup(group) {
  for (const [signal, time] of [
    ['SIGTERM', graceMilliseconds],
    ['SIGKILL', 2000],
  ]) {
    signalGroup(group, signal);
    for (const start = Date.now(); Date.now() - start < time; await pause(50)) if (!groupRuns(group)) return true;
  }
  return false;
}

/** Running children of `run`, as the founders of their groups, each with the promise of its forced end once that began. */
const groups = new Map();
let watcher;
let foreground;
let interrupted;

/** Calls back with the running groups at each change, so that another program can end them if this one is killed; undefined stops it. */
export function watchGroups(callback) {
  watcher = callback;
  watcher?.([...groups.keys()]);
}

/** Ends this program by the signal itself, so that shell and npm see what it was (the shell's 130 or 143) and stay quiet. */
function die(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

async function interrupt(signal) {
  if (foreground !== undefined) return foreground(signal);
  if (interrupted !== undefined) {
    // npm passes on what the terminal sent to us as well; only later ones are impatience.
    if (Date.now() - interrupted.at > 1000) for (const group of groups.keys()) signalGroup(group, 'SIGKILL');
    return;
  }
  interrupted = { signal, at: Date.now() };
  // A closed terminal takes no more output, and its refusal must not end us before the children.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const endings = [...groups.keys()].map((group) => {
    const ending = endGroup(group);
    groups.set(group, ending);
    return ending;
  });
  if (endings.length > 0) {
    const told = setTimeout(() => process.stderr.write(`${signal}: waiting for what runs to end\n`), 1000);
    await Promise.all(endings);
    clearTimeout(told);
    // Whoever waits for a child now cleans up, and `program` ends; this is for work that waits for something else.
    await pause(2000, undefined, { ref: false });
  }
  die(signal);
}

/**
 * Runs a child to its end, in a process group of its own. `show` passes its output through; otherwise it is kept and returned.
 * Rejects with a StepError that ends in the child's last lines when it exits with another code than 0 (`mayFail` returns the code instead),
 * and with Interrupted when this program was told to end.
 */
export function run(command, args, { cwd = root, env = {}, show = false, mayFail = false } = {}) {
  if (interrupted !== undefined) return Promise.reject(new Interrupted(interrupted.signal));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      // The terminal's Ctrl-C reaches us alone, and we reach the children of the child.
      detached: true,
    });
    const group = child.pid === undefined ? undefined : identity(child.pid);
    if (group !== undefined) {
      groups.set(group, undefined);
      watcher?.([...groups.keys()]);
    }
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (cause) => reject(new StepError(`cannot run ${command}: ${cause.message}`, { cause })));
    child.on('close', async (code, signal) => {
      await groups.get(group);
      groups.delete(group);
      watcher?.([...groups.keys()]);
      if (interrupted !== undefined) return reject(new Interrupted(interrupted.signal));
      if (code === 0 || mayFail) return resolve({ code: code ?? 1, output });
      const tail = output.trim().split('\n').slice(-40).join('\n');
      reject(
        new StepError(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}${tail && `:\n${tail}`}`),
      );
    });
  });
}

/** Runs a child that has the terminal to itself; until it ends, signals are its own affair. @returns its exit code. */
export async function runInForeground(command, args) {
  if (interrupted !== undefined) throw new Interrupted(interrupted.signal);
  const child = spawn(command, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C and its own end to the whole group, so the child has them already; sending them again would look like
  // an impatient second Ctrl-C. Without a terminal they came to us alone. SIGTERM always comes to us alone.
  const terminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  foreground = (signal) => {
    if (!terminal || signal === 'SIGTERM') child.kill(signal);
  };
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  } finally {
    foreground = undefined;
  }
}

/**
 * Runs a script's body when it is the program itself; tells a StepError by its message, anything else with its stack; sets the exit code.
 * SIGINT, SIGTERM and SIGHUP end the children first and then this program.
 */
export async function program(url, body) {
  if (process.argv[1] === undefined || fileURLToPath(url) !== (await import('node:fs')).realpathSync(process.argv[1]))
    return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  try {
    const code = await body();
    if (typeof code === 'number') process.exitCode = code;
  } catch (cause) {
    if (cause instanceof Interrupted) return die(cause.message);
    process.stderr.write(`${cause instanceof StepError ? cause.message : cause?.stack}\n`);
    process.exitCode = 1;
  }
}
