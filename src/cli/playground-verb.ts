/** `corebgp playground`, and the verb that its backends are started with. */
import { resolve } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';
import type { BackendPlace } from '../playground/backend.ts';
import { aborted } from '../runtime/abort.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { examples, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .option(
        '--story',
        'play a whole story by itself, judged by the BIRD router; exit code 0 when it agreed at every step',
      )
      .option('--port <port>', 'TCP port of the API (default: any free one)')
      .option('--gobgpd <file>', 'the gobgpd to run (default: the one found on the machine)')
      .option('--folder <folder>', 'keep everything in this folder (default: a temporary one, removed at the end)')
      .addHelpText('after', examples('corebgp playground', 'corebgp playground --story'))
      .action((flags: Flags) => run(play(flags, shell)));
  },
};

export const backend: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<name>')
      .argument('<address>')
      .argument('<port>')
      .option('--until-stdin-ends', 'end together with whoever holds the other end of standard input')
      .addHelpText('after', examples('corebgp playground-backend backend-1 127.0.0.11 18080'))
      .action((name: string, address: string, port: string, flags: Flags) =>
        run(serve({ name, address, port: portFrom(port, '<port>') }, flags, shell)),
      );
  },
};

async function serve(place: BackendPlace, flags: Flags, shell: Shell): Promise<undefined> {
  const { runBackend } = await import('../playground/backend.ts');
  const ends: Promise<unknown>[] = [aborted(shell.signal)];
  // However reading ends, nobody is at the other end any more.
  if (flags['untilStdinEnds'] === true) ends.push(shell.readStdin(shell.signal).catch(() => {}));
  await runBackend(place, (line) => shell.stdout.write(`${line}\n`), Promise.race(ends));
  return undefined;
}

async function play(flags: Flags, shell: Shell): Promise<number> {
  const text = textFlag(flags, 'port');
  const port = text === undefined ? undefined : portFrom(text, '--port');
  const { playground } = await import('./serving.ts');
  const gobgpd = textFlag(flags, 'gobgpd');
  const folder = textFlag(flags, 'folder');
  return await playground(
    {
      story: flags['story'] === true,
      ...(port === undefined ? {} : { port }),
      ...(gobgpd === undefined ? {} : { gobgpd: resolve(gobgpd) }),
      ...(folder === undefined ? {} : { folder: resolve(folder) }),
    },
    shell,
  );
}

function portFrom(text: string, what: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new CoreBgpError('invalid', `${what} is "${text}"; it must be a TCP port, 1 to 65535.`);
}
