/** `corebgp config`: the effective configuration, with the origin of each value. */

import { optionKeys, roles, show } from '../config/options.ts';
import { configReference } from '../config/reference.ts';
import { addConfigFlags, configFrom } from './config-flags.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { tableText, wantsColor } from './table.ts';
import { examples, outputOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command.option('--reference', 'print the reference of all options instead, as Markdown').addOption(outputOption());
    addConfigFlags(command, roles);
    command
      .addHelpText('after', examples('corebgp config --config /etc/corebgp/corebgp.yaml', 'corebgp config -o yaml'))
      .action((flags: Flags) => run(print(flags, shell)));
  },
};

async function print(flags: Flags, shell: Shell): Promise<undefined> {
  if (flags['reference'] === true) {
    shell.stdout.write(configReference());
    return undefined;
  }
  const { config, origins } = await configFrom(flags, roles, shell);
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, { config, origins });
  else if (output === 'yaml') await writeYaml(shell, [config]);
  else {
    const values = new Map(Object.entries(config).flatMap(([group, options]) => flat(group, options)));
    const rows = optionKeys.map((key) => {
      const value = values.get(key);
      return [key, value === undefined ? '' : show(value), origins[key]];
    });
    shell.stdout.write(tableText(['KEY', 'VALUE', 'FROM'], rows, wantsColor(shell.stdout, shell.env)));
  }
  return undefined;
}

function flat(group: string, options: object): [string, unknown][] {
  return Object.entries(options).map(([leaf, value]) => [`${group}.${leaf}`, value]);
}
