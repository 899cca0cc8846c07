/** `corebgp delete`: one object by its name, never a collection. */
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
      .addHelpText('after', examples('corebgp delete announcement shop/web', 'corebgp delete peer rr1'))
      .action((kind: string, name: string, flags: Flags) => run(remove(kind, name, flags, shell)));
  },
};

async function remove(kind: string, name: string, flags: Flags, shell: Shell): Promise<undefined> {
  const object = objectNameFrom(kind, name, textFlag(flags, 'project'));
  const deleted = await connected(flags, shell, (client) =>
    client.call(endpoints[object.kind].delete, { params: paramsOf(object) }, shell.signal),
  );
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, deleted);
  else if (output === 'yaml') await writeYaml(shell, [deleted]);
  else shell.stdout.write(`${objectText(object)} deleted\n`);
  return undefined;
}
