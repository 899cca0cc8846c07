/** The flags by which a command takes its configuration, and the configuration they lead to. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type Resolved, resolveConfig, type Sources } from '../config/load.ts';
import { thisMachine } from '../config/machine.ts';
import { flagOf, type OptionKey, optionKeys, optionOf, type Role } from '../config/options.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';

/** Adds `--config` and a flag for each option that one of the roles uses. */
export function addConfigFlags(command: Command, roles: readonly Role[]): void {
  command.option('--config <file>', 'YAML file with options; the flags below and COREBGP_ variables come before it');
  for (const key of keysFor(roles)) {
    const { doc, fallbackDoc } = optionOf(key);
    const fallback = fallbackDoc === 'none' ? '' : ` (default: ${fallbackDoc})`;
    command.addOption(new Option(`${flagOf(key)} <value>`, `${doc}${fallback}`));
  }
}

/** @throws CoreBgpError `invalid` that says everything that is wrong with it. */
export async function configFrom(flags: Flags, roles: readonly Role[], shell: Shell): Promise<Resolved> {
  return resolveConfig(await sourcesFrom(flags, roles, shell));
}

/** What was given, unchecked. @throws CoreBgpError `invalid` when the file can't be read. */
export async function sourcesFrom(flags: Flags, roles: readonly Role[], shell: Shell): Promise<Sources> {
  const name = textFlag(flags, 'config');
  const given = keysFor(roles).flatMap((key): [OptionKey, string][] => {
    const text = textFlag(flags, new Option(`${flagOf(key)} <value>`).attributeName());
    return text === undefined ? [] : [[key, text]];
  });
  return {
    ...(name === undefined ? {} : { file: { name, text: await textOf(name) } }),
    env: shell.env,
    flags: Object.fromEntries(given),
    machine: thisMachine(shell.env),
  };
}

function keysFor(roles: readonly Role[]): readonly OptionKey[] {
  return optionKeys.filter((key) => optionOf(key).usedBy.some((role) => roles.includes(role)));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/, '') : String(cause);
    throw new CoreBgpError('invalid', `The file "${file}" given by --config can't be read: ${why}.`, { cause });
  }
}
