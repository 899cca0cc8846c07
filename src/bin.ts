/** argv in, exit code out: the only file that may end the process. */
import { commands } from './cli/commands.ts';
import { failureText, lostOutputExit, lostOutputText } from './cli/failure.ts';
import { runCommandLine } from './cli/run.ts';
import type { Output, Shell } from './cli/shell.ts';
import { errorCodes } from './model/errors.ts';
import { aborted } from './runtime/abort.ts';
import { breathe } from './runtime/breathe.ts';
import { systemClock } from './runtime/clock.ts';
import { systemRandom } from './runtime/random.ts';
import { listenForStop, stopExitCodes } from './runtime/shutdown.ts';

const shutdown = listenForStop(process, (by) => process.exit(stopExitCodes[by]));

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (caught: unknown) => {
    process.stderr.write(failureText(caught, false));
    process.exit(errorCodes.internal.exit);
  });
}

const words = process.argv.slice(2);
/** Once nobody takes what it prints, nothing is left for it to do. Any other verb goes on: half a write is worse than silence. */
const onlyReads = commands.some(({ name, onlyReads }) => onlyReads === true && name === words[0]);
/** Why the result could not be printed, though somebody wants it. */
let lost: Error | undefined;
/** Milliseconds that a process that was asked to stop waits for who reads its last words. */
const lastWordsMs = 1_000;

interface StreamOutput extends Output {
  /** Resolves when everything is taken, or nothing will be. */
  taken(): Promise<void>;
}

function output(stream: NodeJS.WriteStream): StreamOutput {
  let broken = false;
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    end();
    const endsNow = onlyReads && stream === process.stdout;
    // Whoever read it has seen enough (`| head`): no reason to complain.
    if (error.code === 'EPIPE') {
      if (endsNow) process.exit(0);
      return;
    }
    // What stands on stderr only goes with the result: without it that is still the same.
    if (stream === process.stderr) return;
    lost = error;
    if (endsNow) endWithoutOutput(error, false);
  });
  return {
    write: (text) => {
      if (!broken) stream.write(text);
    },
    ready: async () => {
      if (broken || !stream.writableNeedDrain) return;
      await Promise.race([over, new Promise<void>((resolve) => stream.once('drain', resolve))]);
    },
    taken: async () => {
      if (broken || stream.writableLength === 0) return;
      await Promise.race([over, new Promise<void>((resolve) => stream.write('', () => resolve()))]);
    },
    terminal: stream.isTTY === true,
  };
}

function endWithoutOutput(error: Error, isDone: boolean): never {
  process.stderr.write(lostOutputText(error, isDone));
  process.exit(lostOutputExit);
}

async function readStdin(signal: AbortSignal): Promise<string> {
  const stop = () => process.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    signal.throwIfAborted();
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    // Destroyed because of the signal, it complains about its end.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

const [stdout, stderr] = [output(process.stdout), output(process.stderr)];
const shell: Shell = {
  env: process.env,
  stdout,
  stderr,
  attended: process.stdin.isTTY === true,
  foreground: async (line, file, signal) =>
    await (await import('./cli/client-side.ts')).runInForeground(line, file, signal),
  readStdin,
  clock: systemClock,
  random: systemRandom,
  signal: shutdown.signal,
  connect: async (url, timeoutMs) => {
    const { createHttpTransport } = await import('./cli/client-side.ts');
    return createHttpTransport({ url, clock: systemClock, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  },
};

const code = await runCommandLine(words, shell);
// Pipes are written asynchronously: exiting before they are drained would cut the output.
// That a file is full is told a turn later.
await breathe();
const stopped = aborted(shutdown.signal).then(() => systemClock.sleep(lastWordsMs, new AbortController().signal));
await Promise.race([Promise.all([stdout.taken(), stderr.taken()]), stopped]);
// 0 and 1 are answers, of which a part is missing.
if (lost !== undefined && code <= 1) endWithoutOutput(lost, true);
process.exit(code);
