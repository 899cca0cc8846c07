/** `corebgp version`. */
import { version } from '../runtime/version.ts';
import type { Flags, Shell } from './shell.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .option('--server', "also print the API server's version")
      .addOption(outputOption(['table', 'json']))
      .addOption(urlOption())
      .addHelpText('after', examples('corebgp version', 'corebgp version --server'))
      .action((flags: Flags) => run(show(flags, shell)));
  },
};

async function show(flags: Flags, shell: Shell): Promise<undefined> {
  const server =
    flags['server'] === true ? await (await import('./client-side.ts')).serverVersion(flags, shell) : undefined;
  if (flags['output'] === 'json') {
    shell.stdout.write(`${JSON.stringify({ version, ...(server === undefined ? {} : { server }) })}\n`);
  } else {
    shell.stdout.write(`corebgp ${version}\n${server === undefined ? '' : `server ${server}\n`}`);
  }
  return undefined;
}
