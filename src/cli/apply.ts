/** `corebgp apply`: creates or replaces what files describe. */
import { type Result, readFiles, sendAll } from './apply-calls.ts';
import { changesText, exitOf, failedText, showPathDiffs, subjectOf } from './apply-text.ts';
import { writeJson, writeYaml } from './output.ts';
import type { WrittenResource } from './resource-files.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, type Tone, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .requiredOption('-f, --file <file...>', 'YAML or JSON file, several documents allowed; - reads standard input')
      .option(
        '--dry-run',
        'write nothing; print what would change in each object, and which paths each speaker would announce, change and withdraw',
      )
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp apply -f web.yaml',
          'corebgp apply -f project.yaml -f web.yaml --dry-run',
          'corebgp get announcement shop/web -o yaml | sed s/10.0.1.11/10.0.1.13/ | corebgp apply -f -',
        ),
      )
      .action((flags: Flags) => run(apply(flags, shell)));
  },
};

async function apply(flags: Flags, shell: Shell): Promise<number> {
  const dryRun = flags['dryRun'] === true;
  const written = await readFiles(flags['file'], shell);
  const output = textFlag(flags, 'output');
  const table = output === undefined || output === 'table';
  let exit = 0;
  const tell = (result: Result, place: WrittenResource | undefined) => {
    if (result.result === 'failed' && exit === 0) exit = exitOf(result);
    if (table) showResult(result, place, dryRun, shell);
  };
  await sendAll(written, dryRun, flags, shell, tell, async (whole) => {
    if (output === 'json') writeJson(shell, whole);
    else if (output === 'yaml') await writeYaml(shell, [whole]);
    else if (dryRun) showPathDiffs(whole.paths, shell);
  });
  return exit;
}

function showResult(result: Result, written: WrittenResource | undefined, dryRun: boolean, shell: Shell) {
  if (result.result === 'failed') {
    shell.stderr.write(failedText(result, written));
    return;
  }
  const tone: Tone = result.result === 'unchanged' ? 'plain' : 'good';
  const color = wantsColor(shell.stdout, shell.env);
  const line = `${subjectOf(result)} ${painter(color)({ text: result.result, tone })}`;
  // A created one differs in everything: its file tells.
  shell.stdout.write(
    dryRun ? `${line} (dry run)\n${result.result === 'changed' ? changesText(result, color) : ''}` : `${line}\n`,
  );
}
