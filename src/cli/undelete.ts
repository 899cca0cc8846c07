/** `corebgp undelete`: restores one deleted object as it was. */
import { endpoints } from '../contract/endpoints.ts';
import { connected } from './connect.ts';
import { objectNameFrom, objectText, paramsOf, writtenKindWords } from './object-calls.ts';
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
  const restored = await connected(flags, shell, (client) =>
    client.call(endpoints[object.kind].undelete, { params: paramsOf(object) }, shell.signal),
  );
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, restored);
  else if (output === 'yaml') await writeYaml(shell, [restored]);
  else shell.stdout.write(`${objectText(object)} restored\n`);
  return undefined;
}
