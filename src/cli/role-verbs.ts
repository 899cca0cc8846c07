/** `corebgp up`, `api`, `checker`, `updater`: configuration in, role started, until the process is asked to stop. */
import { requireFor } from '../config/load.ts';
import { type Role, roles } from '../config/options.ts';
import { isAbort } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import { logLibraryOutput } from '../runtime/library-output.ts';
import { createLog } from '../runtime/log.ts';
import { addConfigFlags, configFrom } from './config-flags.ts';
import type { Flags, Shell } from './shell.ts';
import { examples, type Verb } from './verb.ts';

export const up: Verb = {
  define: (command, shell, run) => {
    addConfigFlags(command, roles);
    command
      .addHelpText(
        'after',
        examples(
          'corebgp up --speaker-asn 64512 --speaker-router-id 192.0.2.1',
          'corebgp up --config /etc/corebgp/corebgp.yaml',
        ),
      )
      .action((flags: Flags) => run(serve('up', roles, flags, shell)));
  },
};

export const api = roleVerb('api', 'corebgp api --api-listen 127.0.0.1:8080');
export const checker = roleVerb('checker', 'corebgp checker --client-url http://127.0.0.1:8080 --node-zone eu-1a');
export const updater = roleVerb('updater', 'corebgp updater --speaker-asn 64512 --speaker-router-id 192.0.2.1');

function roleVerb(role: Role, example: string): Verb {
  return {
    define: (command, shell, run) => {
      addConfigFlags(command, [role]);
      command.addHelpText('after', examples(example)).action((flags: Flags) => run(serve(role, [role], flags, shell)));
    },
  };
}

async function serve(what: Role | 'up', started: readonly Role[], flags: Flags, shell: Shell): Promise<undefined> {
  const { config } = await configFrom(flags, started, shell);
  requireFor(started, config);
  const log = createLog(config.log.level);
  const giveBack = logLibraryOutput(console, process, log, systemClock);
  try {
    if (what === 'up') await (await import('./serving.ts')).up(config, log, shell.signal);
    else await (await import('./serving.ts')).runRole(what, config, log, shell.signal);
  } catch (error) {
    // Being asked to stop is how a role ends well.
    if (!isAbort(error, shell.signal)) throw error;
  } finally {
    giveBack();
    log.close();
  }
  return undefined;
}
