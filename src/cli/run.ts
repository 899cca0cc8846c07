/** From the words of a command line to an exit code; errors end here as text on stderr. */
import { Command, CommanderError } from 'commander';
import { CoreBgpError } from '../model/errors.ts';
import { isAbort } from '../runtime/abort.ts';
import { Interrupted, stopExitCodes } from '../runtime/shutdown.ts';
import { version } from '../runtime/version.ts';
import { type CommandRow, commands } from './commands.ts';
import { exitCodeOf, failureText } from './failure.ts';
import type { Shell } from './shell.ts';

/** @param words without the program's own name. @returns the exit code; never throws. */
export async function runCommandLine(words: readonly string[], shell: Shell): Promise<number> {
  try {
    return await parseAndRun(words, shell);
  } catch (caught) {
    if (isAbort(caught, shell.signal)) return stopCode(shell.signal);
    if (caught instanceof CommanderError) {
      if (caught.exitCode === 0) return 0;
      return fail(usageError(caught), words, shell);
    }
    return fail(caught, words, shell);
  }
}

/** The commands of `rows` with their summaries; only those in `loaded` with their arguments and flags. */
export async function program(
  loaded: readonly CommandRow[],
  shell: Shell,
  finish: (code: number) => void,
  rows: readonly CommandRow[] = commands,
): Promise<Command> {
  const root = new Command('corebgp')
    .description('Manages BGP announcements: declared over REST, health-checked, kept by GoBGP speakers.')
    .usage('<command> [arguments]')
    .version(`corebgp ${version}`, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      // Printed by whoever catches the error.
      writeErr: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const row of rows) {
    const command = root
      .command(row.name, { hidden: row.hidden === true })
      .summary(row.summary)
      .description(sentence(row.summary));
    command.helpGroup(row.group).helpOption('-h, --help', 'show this help').copyInheritedSettings(root);
    if (!loaded.includes(row)) continue;
    const verb = await row.load();
    verb.define(command, shell, async (work) => finish((await work) ?? 0));
  }
  return root;
}

async function parseAndRun(given: readonly string[], shell: Shell): Promise<number> {
  const words = given[0] === 'help' && isHelp(given[1]) ? ['--help'] : given;
  const [first, second] = words;
  // Not a verb, since it is about all of them: what the shells' scripts ask for with each Tab.
  if (first === 'complete' && second?.startsWith(':') === true) {
    const { complete } = await import('./client-side.ts');
    await complete(second, { rows: commands, build: (row) => program([row], shell, () => {}, [row]) }, shell);
    return 0;
  }
  const wanted = commands.filter(({ name }) => name === first || (first === 'help' && name === second));
  // A verb that is there needs none of the others; for help, and for a word that is none, they are all there.
  const rows = wanted.some(({ name }) => name === first) ? wanted : commands;
  let code = 0;
  const finish = (number: number) => {
    code = number;
  };
  const root = await program(wanted, shell, finish, rows);
  if (first === undefined) {
    shell.stderr.write(root.helpInformation());
    return 2;
  }
  await root.parseAsync([...words], { from: 'user' });
  return code;
}

/** Help about help is the help. */
function isHelp(word: string | undefined): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function fail(caught: unknown, words: readonly string[], shell: Shell): number {
  shell.stderr.write(failureText(caught, wantsJson(words)));
  return exitCodeOf(caught);
}

/** How commands that are asked to stop before they are done end. */
function stopCode(signal: AbortSignal): number {
  return signal.reason instanceof Interrupted ? stopExitCodes[signal.reason.by] : 0;
}

function usageError(caught: CommanderError): CoreBgpError {
  const said = caught.message.replace(/^error: /, '').replace(/\n/g, ' ');
  return new CoreBgpError('invalid', `${sentence(said)} See "corebgp help".`, { cause: caught });
}

/** Also when the line could not be understood: whoever asked for JSON gets the error as JSON. */
function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === '-ojson' ||
      word === '--output=json' ||
      (word === 'json' && /^(-o|--output)$/.test(words[index - 1] ?? '')),
  );
}

function sentence(text: string): string {
  const end = /[.?!)]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}
