/** `corebgp playground`. */
import { CoreBgpError } from '../model/errors.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { examples, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .option(
        '--story',
        'play a whole story by itself, judged by the BIRD router; exit code 0 when it agreed at every step',
      )
      .option('--port <port>', 'TCP port of the API (default: 8080, or a free one when that is taken)')
      .addHelpText('after', examples('corebgp playground', 'corebgp playground --story'))
      .action((flags: Flags) => run(play(flags, shell)));
  },
};

async function play(flags: Flags, shell: Shell): Promise<number> {
  const port = portFrom(textFlag(flags, 'port'));
  const { playground } = await import('./playground.ts');
  return await playground({ story: flags['story'] === true, ...(port === undefined ? {} : { port }) }, shell.signal);
}

function portFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new CoreBgpError('invalid', `--port is "${text}"; it must be a TCP port, 1 to 65535.`);
}
