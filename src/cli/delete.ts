/** `corebgp delete`: one object by its name, never a collection. */
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { connected } from './connect.ts';
import { type KindWord, kindWords } from './kind-words.ts';
import { kindFrom, plainName, projectNameFrom } from './object-name.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

const deletable = ['announcements', 'peers', 'projects', 'drains'] as const satisfies readonly KindWord[];

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', deletable.map((kind) => [kind, ...kindWords[kind]].join('|')).join(', '))
      .argument('<name>', 'which one; an announcement as project/name')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText('after', examples('corebgp delete announcement shop/web', 'corebgp delete peer rr1'))
      .action((kind: string, name: string, flags: Flags) => run(remove(kind, name, flags, shell)));
  },
};

async function remove(kindWord: string, name: string, flags: Flags, shell: Shell): Promise<undefined> {
  const kind = kindFrom(kindWord, deletable);
  const project = textFlag(flags, 'project');
  const deleted = await connected(flags, shell, (client) => call(client, kind, name, project, shell.signal));
  const { kind: noun, metadata } = deleted;
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, deleted);
  else if (output === 'yaml') await writeYaml(shell, [deleted]);
  else {
    const full = noun === 'Announcement' ? `${metadata.project}/${metadata.name}` : metadata.name;
    shell.stdout.write(`${noun.toLowerCase()} ${full} deleted\n`);
  }
  return undefined;
}

async function call(client: Client, kind: KindWord, name: string, project: string | undefined, signal: AbortSignal) {
  if (kind === 'announcements') {
    return await client.call(endpoints.announcements.delete, { params: projectNameFrom(name, project) }, signal);
  }
  const params = { name: plainName(name) };
  if (kind === 'peers') return await client.call(endpoints.peers.delete, { params }, signal);
  if (kind === 'projects') return await client.call(endpoints.projects.delete, { params }, signal);
  return await client.call(endpoints.drains.delete, { params }, signal);
}
