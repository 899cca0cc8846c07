/** `corebgp explain`: the chain of reasons from an announcement, or from an address, to each speaker's RIB. */
import type { Static } from 'typebox';
import { type Explanation, endpoints } from '../contract/endpoints.ts';
import { formatAddress, parseAddress } from '../model/prefix.ts';
import { connected } from './connect.ts';
import { projectNameFrom } from './object-name.ts';
import { writeJson, writeYaml } from './output.ts';
import { counted } from './progress.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { printable, tableText, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<subject>', 'an announcement as project/name, or an address: of a prefix, or of a next hop')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples('corebgp explain shop/web', 'corebgp explain 203.0.113.10', 'corebgp explain 2001:db8::10'),
      )
      .action((subject: string, flags: Flags) => run(explain(subject, flags, shell)));
  },
};

async function explain(subject: string, flags: Flags, shell: Shell): Promise<undefined> {
  // A prefix is asked for by its address.
  const address = parseAddress(subject.split('/')[0] ?? '');
  const output = textFlag(flags, 'output');
  if (address.ok) {
    const query = { address: formatAddress(address.value) };
    const answer = await connected(flags, shell, (client) =>
      client.call(endpoints.explainAddress, { query }, shell.signal),
    );
    if (output === 'json') writeJson(shell, answer);
    else if (output === 'yaml') await writeYaml(shell, answer.explanations);
    else if (answer.explanations.length > 0) show(answer.explanations, shell);
    else shell.stdout.write(`no announcement has a prefix with ${query.address}, or has it as next hop\n`);
    if (output !== 'json' && answer.more !== undefined) {
      shell.stderr.write(
        `note: it concerns ${counted(answer.more)} more announcements, which are not explained here\n`,
      );
    }
    return undefined;
  }
  const params = projectNameFrom(subject, textFlag(flags, 'project'));
  const answer = await connected(flags, shell, (client) => client.call(endpoints.explain, { params }, shell.signal));
  if (output === 'json') writeJson(shell, answer);
  else if (output === 'yaml') await writeYaml(shell, [answer]);
  else show([answer], shell);
  return undefined;
}

function show(explanations: readonly Static<typeof Explanation>[], shell: Shell): void {
  const color = wantsColor(shell.stdout, shell.env);
  const texts = explanations.map(({ announcement, state, steps }) => {
    const rows = steps.map(({ step, subject, reason, message }) => [step, subject, reason, message]);
    return `${printable(announcement)}: ${printable(state)}\n${tableText(['STEP', 'SUBJECT', 'REASON', 'MEANING'], rows, color)}`;
  });
  shell.stdout.write(texts.join('\n'));
}
