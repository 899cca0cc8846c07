/** `corebgp get`: what there is, as a table, JSON or YAML. */
import { CoreBgpError } from '../model/errors.ts';
import { connected } from './connect.ts';
import { type KindWord, kindWords } from './kind-words.ts';
import { writeList } from './list-output.ts';
import { kindFrom } from './object-name.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { tableText, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';
import { type Shown, views } from './views.ts';

const allKinds = Object.keys(kindWords) as readonly KindWord[];

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', allKinds.map((kind) => [kind, ...kindWords[kind]].join('|')).join(', '))
      .argument('[name]', 'only this one; an announcement as project/name')
      .option('--project <project>', 'only announcements of this project')
      .option('--labels <labels>', 'only objects with these labels, as in team=edge,tier=1')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp get announcements',
          'corebgp get announcement shop/web -o yaml',
          'corebgp get announcements --project shop --labels team=edge',
          'corebgp get peers',
          'corebgp get deleted',
        ),
      )
      .action((kind: string, name: string | undefined, flags: Flags) => run(get(kind, name, flags, shell)));
  },
};

async function get(kindWord: string, name: string | undefined, flags: Flags, shell: Shell): Promise<undefined> {
  const kind = kindFrom(kindWord, allKinds);
  const view = views[kind];
  const project = textFlag(flags, 'project');
  const labels = textFlag(flags, 'labels');
  if (project !== undefined && !view.projects) throw unfit('--project', kind);
  if (labels !== undefined && (!view.labels || name !== undefined)) throw unfit('--labels', name ?? kind);
  const output = textFlag(flags, 'output');
  await connected(flags, shell, async (client) => {
    if (name !== undefined)
      return showOne(await view.one(client, name, project, shell.signal), view.head, output, shell);
    const query = {
      ...(project === undefined ? {} : { project }),
      ...(labels === undefined ? {} : { labels }),
    };
    await writeList(view.all(client, query, shell.signal), kind, view.head, output, shell);
  });
  return undefined;
}

async function showOne(
  { value, rows }: Shown,
  head: readonly string[],
  output: string | undefined,
  shell: Shell,
): Promise<void> {
  if (output === 'json') writeJson(shell, value);
  else if (output === 'yaml') await writeYaml(shell, [value]);
  else shell.stdout.write(tableText(head, rows(shell.clock.wall()), wantsColor(shell.stdout, shell.env)));
}

function unfit(flag: string, subject: string): CoreBgpError {
  return new CoreBgpError('invalid', `${flag} does not go with "${subject}"; leave it out.`);
}
