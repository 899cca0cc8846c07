// Named steps with their time, and child processes whose output is shown only when it matters. Imports only `node:`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The checkout's folder, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** A failure that is told by its message alone: no stack. */
export class StepError extends Error {}

export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/**
 * Runs a child to its end. `show` passes its output through; otherwise it is kept and returned.
 * Rejects with a StepError that ends in the child's last lines when it exits with another code than 0 (`mayFail` returns the code instead).
 */
export function run(command, args, { cwd = root, env = {}, show = false, mayFail = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    // SIGTERM comes to us alone (Ctrl-C reaches the whole group): the child must not outlive us.
    let ending = false;
    const end = () => {
      ending = true;
      child.kill('SIGTERM');
    };
    process.on('SIGTERM', end);
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (cause) => reject(new StepError(`cannot run ${command}: ${cause.message}`, { cause })));
    child.on('close', (code, signal) => {
      process.off('SIGTERM', end);
      if (ending) return reject(new StepError(`${command} was ended by SIGTERM`));
      if (code === 0 || mayFail) return resolve({ code: code ?? 1, output });
      const tail = output.trim().split('\n').slice(-40).join('\n');
      reject(
        new StepError(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}${tail && `:\n${tail}`}`),
      );
    });
  });
}

/**
 * A list of steps under one title. `step` prints the name, runs it, prints what it returned (a few words, or nothing) and its time;
 * a step that takes long says so every 10 s, unless its own output does (`ticking: false`). `table` prints all of them again.
 */
export function steps(title) {
  const done = [];
  const print = (text) => process.stdout.write(`[${title}] ${text}\n`);
  return {
    done,
    print,
    async step(name, work, { ticking = true } = {}) {
      const start = Date.now();
      print(`${name} …`);
      const tick = () => print(`${name}: still at it after ${seconds(Date.now() - start)}`);
      const ticker = ticking ? setInterval(tick, 10_000) : undefined;
      try {
        const result = await work();
        const time = Date.now() - start;
        done.push({ name, ok: true, time });
        print(`${name}: ok in ${seconds(time)}${typeof result === 'string' ? ` (${result})` : ''}`);
        return result;
      } catch (cause) {
        const time = Date.now() - start;
        done.push({ name, ok: false, time });
        print(`${name}: FAILED after ${seconds(time)}`);
        throw cause;
      } finally {
        clearInterval(ticker);
      }
    },
    table() {
      const width = Math.max(...done.map(({ name }) => name.length), 4);
      print(`${'step'.padEnd(width)}  result  time`);
      for (const { name, ok, time } of done)
        print(`${name.padEnd(width)}  ${ok ? 'ok    ' : 'FAILED'}  ${seconds(time)}`);
    },
  };
}

/** Runs a script's body when it is the program itself; tells a StepError by its message, anything else with its stack; sets the exit code. */
export async function program(url, body) {
  if (process.argv[1] === undefined || fileURLToPath(url) !== (await import('node:fs')).realpathSync(process.argv[1]))
    return;
  try {
    const code = await body();
    if (typeof code === 'number') process.exitCode = code;
  } catch (cause) {
    process.stderr.write(`${cause instanceof StepError ? cause.message : cause?.stack}\n`);
    process.exitCode = 1;
  }
}
