// Named steps with their time; and, for the scripts, what children.mjs offers. Imports only `node:`.
import { Interrupted } from './children.mjs';

export { program, root, run, runInForeground, StepError } from './children.mjs';

export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

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
        print(`${name}: ${cause instanceof Interrupted ? 'interrupted' : 'FAILED'} after ${seconds(time)}`);
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
