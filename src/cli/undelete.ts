/** `corebgp undelete`: restores one deleted object as it was. */
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { connected } from './connect.ts';
import { type ObjectName, objectNameFrom, objectText, writtenKindWords } from './object-calls.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', writtenKindWords)
      .argument('<name>', 'which one; an announcement as project/name')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        `${examples('corebgp undelete announcement shop/web', 'corebgp undelete peer rr1')}\nDeleted objects are kept for 7 days: "corebgp get deleted" lists them.\n`,
      )
      .action((kind: string, name: string, flags: Flags) => run(undelete(kind, name, flags, shell)));
  },
};

async function undelete(kind: string, name: string, flags: Flags, shell: Shell): Promise<undefined> {
  const object = objectNameFrom(kind, name, textFlag(flags, 'project'));
  const restored = await connected(flags, shell, (client) => call(client, object, shell.signal));
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, restored);
  else if (output === 'yaml') await writeYaml(shell, [restored]);
  else shell.stdout.write(`${objectText(object)} restored\n`);
  return undefined;
}

async function call(client: Client, { kind, project = '', name }: ObjectName, signal: AbortSignal) {
  const params = { name };
  switch (kind) {
    case 'announcements':
      return await client.call(endpoints.announcements.undelete, { params: { project, name } }, signal);
    case 'peers':
      return await client.call(endpoints.peers.undelete, { params }, signal);
    case 'projects':
      return await client.call(endpoints.projects.undelete, { params }, signal);
    case 'drains':
      return await client.call(endpoints.drains.undelete, { params }, signal);
  }
}
