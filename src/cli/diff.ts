/** `corebgp diff`: what `apply` would change, field by field and path by path; like diff(1), exit code 1 says that something would. */
import { type Result, readFiles, sendAll } from './apply-calls.ts';
import { changesText, exitOf, failedText, showPathDiffs, subjectOf } from './apply-text.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, type Tone, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .requiredOption('-f, --file <file...>', 'YAML or JSON file, several documents allowed; - reads standard input')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        `\nExit code: 0 nothing would change, 1 something would, others are errors.\n${examples(
          'corebgp diff -f web.yaml',
          'corebgp diff -f web.yaml > /dev/null && echo "nothing to do"',
        )}`,
      )
      .action((flags: Flags) => run(diff(flags, shell)));
  },
};

async function diff(flags: Flags, shell: Shell): Promise<number> {
  const written = await readFiles(flags['file'], shell);
  const output = textFlag(flags, 'output');
  const table = output === undefined || output === 'table';
  let failed = 0;
  let differs = false;
  await sendAll(
    written,
    true,
    flags,
    shell,
    (result, place) => {
      if (result.result === 'failed') {
        if (failed === 0) failed = exitOf(result);
        if (table) shell.stderr.write(failedText(result, place));
      } else if (result.result !== 'unchanged') {
        differs = true;
        if (table) shell.stdout.write(resultText(result, wantsColor(shell.stdout, shell.env)));
      }
    },
    async (whole) => {
      if (output === 'json') writeJson(shell, whole);
      else if (output === 'yaml') await writeYaml(shell, [whole]);
      else if (differs) showPathDiffs(whole.paths, shell);
    },
  );
  if (failed !== 0) return failed;
  return differs ? 1 : 0;
}

const signs: Readonly<Record<string, readonly [string, Tone]>> = {
  created: ['+', 'good'],
  changed: ['~', 'warn'],
};

function resultText(result: Result, color: boolean): string {
  const paint = painter(color);
  const [sign, tone] = signs[result.result] ?? [' ', 'plain'];
  return `${paint({ text: sign, tone })} ${subjectOf(result)}\n${changesText(result, color)}`;
}
