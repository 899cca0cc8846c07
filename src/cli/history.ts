/** `corebgp history`: the versions of an object, and what changed with each. */
import type { Static } from 'typebox';
import type { Client } from '../client/client.ts';
import type { History, Version } from '../contract/change-endpoints.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../model/prefix.ts';
import { changeText } from './apply-text.ts';
import { connected } from './connect.ts';
import { objectNameFrom, paramsOf, writtenKindWords } from './object-calls.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { type Cell, printable, type Tone, tableText, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument(
        '<kind>',
        `${writtenKindWords}; or a prefix, for the announcement that has it or was the last to have it`,
      )
      .argument('[name]', 'which one; an announcement as project/name')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp history announcement shop/web',
          'corebgp history 203.0.113.10/32',
          'corebgp history 2001:db8::10',
          'corebgp history peer rr1 -o json',
        ),
      )
      .action((kind: string, name: string | undefined, flags: Flags) => run(history(kind, name, flags, shell)));
  },
};

async function history(kind: string, name: string | undefined, flags: Flags, shell: Shell): Promise<undefined> {
  const found = await connected(flags, shell, (client) => find(client, kind, name, flags, shell.signal));
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, found);
  else if (output === 'yaml') await writeYaml(shell, [found]);
  else {
    const { project, name: own, exists } = found;
    const full = `${found.kind.toLowerCase()} ${project === undefined ? own : `${project}/${own}`}`;
    const rows = found.versions.flatMap(versionRows);
    shell.stdout.write(`${printable(full)}${exists ? '' : ' (deleted)'}\n`);
    shell.stdout.write(tableText(['WHEN', 'REVISION', 'WHAT', 'CHANGE'], rows, wantsColor(shell.stdout, shell.env)));
  }
  return undefined;
}

async function find(
  client: Client,
  kind: string,
  name: string | undefined,
  flags: Flags,
  signal: AbortSignal,
): Promise<Static<typeof History>> {
  const project = textFlag(flags, 'project');
  if (name !== undefined) {
    const object = objectNameFrom(kind, name, project);
    return await client.call(endpoints[object.kind].history, { params: paramsOf(object) }, signal);
  }
  const prefix = prefixFrom(kind);
  if (prefix === undefined) {
    throw new CoreBgpError(
      'invalid',
      `"${kind}" is no prefix, and no object is named; write it as in "corebgp history announcement shop/web" or "corebgp history 203.0.113.10/32".`,
    );
  }
  if (project !== undefined) {
    throw new CoreBgpError('invalid', '--project does not go with a prefix; leave it out.');
  }
  return await client.call(endpoints.prefixHistory, { query: { prefix } }, signal);
}

/** An address alone is the prefix of just this address. */
function prefixFrom(text: string): string | undefined {
  const address = parseAddress(text);
  if (address.ok) return `${formatAddress(address.value)}/${address.value.family === 'ipv4' ? 32 : 128}`;
  const prefix = parsePrefix(text);
  if (prefix.ok) return formatPrefix(prefix.value);
  // Nearly one: the API's words say what is wrong with it.
  return /^[\da-fA-F:.]+\/\d+$/.test(text) ? text : undefined;
}

const tones: Readonly<Record<string, Tone>> = { created: 'good', undeleted: 'good', changed: 'warn', deleted: 'bad' };

/** One row a field; the version itself is told in the first. */
function versionRows({
  at,
  revision,
  action,
  changes,
  unreadable,
}: Static<typeof Version>): readonly (readonly Cell[])[] {
  const told =
    unreadable === true ? ['cannot be read'] : (changes?.map(changeText) ?? ['the version before is not kept']);
  const [first = '', ...others] = told.map(printable);
  const when = at === undefined ? '' : at.replace(/\.\d+Z$/, 'Z');
  return [
    [when, String(revision), { text: action, tone: tones[action] ?? 'plain' }, first],
    ...others.map((text) => [blank, blank, blank, text]),
  ];
}

/** An empty cell would show as "-". */
const blank = ' ';
