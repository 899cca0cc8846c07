/** `corebgp label`: sets and removes labels of one object, and leaves the rest of it alone. */
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { connected } from './connect.ts';
import { objectNameFrom, objectText, paramsOf, writtenKindWords } from './object-calls.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { printable } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', writtenKindWords)
      .argument('<name>', 'which one; an announcement as project/name')
      .argument('<labels...>', 'key=value sets a label, key- removes it')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples('corebgp label announcement shop/web team=edge tier=1', 'corebgp label peer rr1 maintenance-'),
      )
      .action((kind: string, name: string, words: readonly string[], flags: Flags) =>
        run(label(kind, name, words, flags, shell)),
      );
  },
};

async function label(
  kind: string,
  name: string,
  words: readonly string[],
  flags: Flags,
  shell: Shell,
): Promise<undefined> {
  const object = objectNameFrom(kind, name, textFlag(flags, 'project'));
  const labels = labelsFrom(words);
  const labelled = await connected(flags, shell, (client) =>
    client.call(
      endpoints[object.kind].patch,
      { params: paramsOf(object), body: { metadata: { labels } } },
      shell.signal,
    ),
  );
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, labelled);
  else if (output === 'yaml') await writeYaml(shell, [labelled]);
  else {
    const all = Object.entries(labelled.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    shell.stdout.write(
      `${objectText(object)} labelled: ${printable(all.length === 0 ? 'no labels' : all.join(' '))}\n`,
    );
  }
  return undefined;
}

/** What a merge patch takes: null removes. @throws CoreBgpError `invalid` that names the word. */
export function labelsFrom(words: readonly string[]): Readonly<Record<string, string | null>> {
  const labels = new Map<string, string | null>();
  for (const word of words) {
    const at = word.indexOf('=');
    const removes = at < 0 && word.endsWith('-');
    const key = removes ? word.slice(0, -1) : word.slice(0, Math.max(at, 0));
    if (key === '') {
      throw new CoreBgpError('invalid', `"${word}" is no label; write key=value to set one, or key- to remove it.`);
    }
    if (labels.has(key))
      throw new CoreBgpError('invalid', `The label "${key}" is given twice; say once what it is to be.`);
    labels.set(key, removes ? null : word.slice(at + 1));
  }
  return Object.fromEntries(labels);
}
