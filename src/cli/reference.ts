/** The reference of the command line, as Markdown made from the tables that the program runs by. */
import type { Argument, Command } from 'commander';
import { flagOf, optionKeys } from '../config/options.ts';
import { errorCodes } from '../model/errors.ts';
import { stopExitCodes } from '../runtime/shutdown.ts';
import { commands } from './commands.ts';
import { lostOutputExit } from './failure.ts';
import { program } from './run.ts';
import type { Shell } from './shell.ts';

/** The text of docs/reference/cli.md. */
export async function cliReference(): Promise<string> {
  const root = await program(commands, nowhere, () => {});
  const sections = root.commands
    .filter((command) => commands.some(({ name, hidden }) => name === command.name() && !hidden))
    .map((command) => commandSection(command));
  return `${cliIntroduction}\n${sections.join('\n')}\n${exitCodes()}`;
}

function commandSection(command: Command): string {
  const configFlags = new Set<string | undefined>(optionKeys.map(flagOf));
  const own = command.options.filter(({ long }) => !configFlags.has(long ?? undefined));
  const takesConfiguration = own.length < command.options.length;
  const flags = own.map(({ flags: text, description, argChoices, mandatory }) => {
    const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
    return `| \`${text}\` | ${cell(description)}${choices}${mandatory ? '; needed' : ''} |`;
  });
  const rows = [...command.registeredArguments.map(argumentRow), ...flags];
  return [
    `## corebgp ${command.name()}`,
    '',
    `${command.description()}`,
    '',
    '```',
    `corebgp ${command.name()} ${command.usage()}`,
    '```',
    '',
    ...(rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows, '']),
    ...(takesConfiguration
      ? [`It also takes the flags of [its options](config.md), as in \`${exampleFlag(command)}\`.`, '']
      : []),
    ...exampleLines(command),
  ].join('\n');
}

function argumentRow(argument: Argument): string {
  const name = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
  return `| \`${name}${argument.variadic ? '…' : ''}\` | ${cell(argument.description)} |`;
}

function exampleFlag(command: Command): string {
  const [first] = optionKeys.map(flagOf).filter((flag) => command.options.some(({ long }) => long === flag));
  return `${first} …`;
}

/** The examples stand in the text after the help; commander has no other way to reach them than to print it. */
function exampleLines(command: Command): readonly string[] {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  const lines = text.split('\nExamples:\n')[1]?.trimEnd().split('\n') ?? [];
  return lines.length === 0 ? [] : ['```sh', ...lines.map((line) => line.replace(/^ {2}\$ /, '')), '```', ''];
}

function exitCodes(): string {
  const byExit = new Map<number, string[]>();
  for (const [code, { exit }] of Object.entries(errorCodes))
    byExit.set(exit, [...(byExit.get(exit) ?? []), `\`${code}\``]);
  const rows = [...byExit].sort(([a], [b]) => a - b).map(([exit, codes]) => `| ${exit} | ${codes.join(', ')} |`);
  return [
    '## Exit codes',
    '',
    '| exit code | when |',
    '|---|---|',
    '| 0 | it did what was asked, or a role was asked to stop and did |',
    '| 1 | `diff`: something would change; `doctor`: there is a problem |',
    ...rows,
    `| ${lostOutputExit} | it did its work, changes included, but its output could not be written (a full disk) |`,
    `| ${stopExitCodes.SIGINT} | ended by Ctrl-C before it was done (\`watch\` and \`events -f\` always end so) |`,
    `| ${stopExitCodes.SIGTERM} | ended by SIGTERM before it was done |`,
    '',
    'When `apply` has several results, its exit code is that of the first that failed; the others have been applied all the same.',
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

/** Descriptions are read, nothing is run. */
const nowhere: Shell = {
  env: {},
  stdout: { write: () => {}, ready: async () => {}, terminal: false },
  stderr: { write: () => {}, ready: async () => {}, terminal: false },
  attended: false,
  foreground: async () => 0,
  readStdin: async () => '',
  clock: { now: () => 0, wall: () => 0, sleep: async () => {}, after: () => () => {} },
  random: () => 0,
  signal: new AbortController().signal,
  connect: async () => {
    throw new Error('the reference connects to nothing');
  },
};

const cliIntroduction = `<!-- Generated from src/cli: change that, then run "npm run gen". -->
# Command line

Results go to stdout, errors to stderr: \`error:\`, what is wrong and what to do; with \`-o json\` one line of problem JSON
(RFC 9457). Colours are used on a terminal only, and not when \`NO_COLOR\` is set.
`;
