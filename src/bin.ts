/** argv in, exit code out: the only file that may end the process. */
import { commands } from './cli/commands.ts';
import { failureText } from './cli/failure.ts';
import { runCommandLine } from './cli/run.ts';
import type { Output, Shell } from './cli/shell.ts';
import { CoreBgpError, errorCodes } from './model/errors.ts';
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
/** Set when what should have been printed is lost, though somebody wants it. */
let lost = false;

function output(stream: NodeJS.WriteStream, name: string): Output {
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
    lost = true;
    const full = new CoreBgpError('unavailable', `${name} can't be written: ${error.message}.`, { cause: error });
    // When that is stderr there is nowhere left to say it.
    if (stream !== process.stderr) process.stderr.write(failureText(full, false));
    if (endsNow) process.exit(errorCodes.unavailable.exit);
  });
  return {
    write: (text) => {
      if (!broken) stream.write(text);
    },
    ready: async () => {
      if (broken || !stream.writableNeedDrain) return;
      await Promise.race([over, new Promise<void>((resolve) => stream.once('drain', resolve))]);
    },
    terminal: stream.isTTY === true,
  };
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

const shell: Shell = {
  env: process.env,
  stdout: output(process.stdout, 'Standard output'),
  stderr: output(process.stderr, 'Standard error'),
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
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
// 0 and 1 are answers, of which a part is missing.
process.exit(lost && code <= 1 ? errorCodes.unavailable.exit : code);
