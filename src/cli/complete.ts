/**
 * What may stand at the cursor of an unfinished command line: verbs, flags and their words from the program's own tree of
 * commands, names of objects from the API server. The shells' scripts (completion.ts) ask for it with each Tab.
 */
import type { Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { CommandRow } from './commands.ts';
import { connected } from './connect.ts';
import { type KindWord, kindWords } from './kind-words.ts';
import type { Shell } from './shell.ts';
import { printable } from './table.ts';

/** Between the words in the one argument: no word has it, no shell means anything by it, and options in it are not ours. */
export const separator = '\u001f';
/** Printed alone: the shell itself completes the name of a file. */
export const fileDirective = ':file';
/** Milliseconds for the API server; who presses Tab doesn't wait. */
const answerWithinMs = 300;
const mostNames = 500;

/** The program's tree of commands; an input, since the tree is what leads here. */
export interface CommandTree {
  readonly rows: readonly CommandRow[];
  /** The whole program, of which only the verb of this row has its arguments and flags. */
  build(row: CommandRow): Promise<Command>;
}

/** @param line a colon, then the words after "corebgp" up to the cursor, a separator between them. */
export async function complete(line: string, tree: CommandTree, shell: Shell): Promise<void> {
  for (const { value, about } of await candidates(line.slice(1).split(separator), tree, shell)) {
    shell.stdout.write(`${printable(value)}${about === '' ? '' : `\t${printable(about)}`}\n`);
  }
}

interface Candidate {
  readonly value: string;
  /** A few words for shells that show them; may be empty. */
  readonly about: string;
}

/** @param words the last one is what stands before the cursor, maybe empty. Never fails: whoever types is not to be disturbed. */
export async function candidates(
  words: readonly string[],
  tree: CommandTree,
  shell: Shell,
): Promise<readonly Candidate[]> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const all = await allFor(before, current, tree, shell);
  return all.filter(({ value }) => value === fileDirective || value.startsWith(current));
}

async function allFor(
  before: readonly string[],
  current: string,
  tree: CommandTree,
  shell: Shell,
): Promise<readonly Candidate[]> {
  const [first, ...rest] = before;
  const verbs = tree.rows.filter(({ hidden }) => !hidden).map(({ name, summary }) => ({ value: name, about: summary }));
  if (first === undefined)
    return [
      ...verbs,
      { value: 'help', about: 'show the help of a command' },
      ...plain(['--help', '--version'], current),
    ];
  if (first === 'help') return rest.length === 0 ? verbs : [];
  const row = tree.rows.find(({ name }) => name === first);
  if (row === undefined) return [];
  const root = await tree.build(row);
  const command = root.commands.find((one) => one.name() === first);
  return command === undefined ? [] : await inVerb(command, rest, current, shell);
}

async function inVerb(
  command: Command,
  before: readonly string[],
  current: string,
  shell: Shell,
): Promise<readonly Candidate[]> {
  const { positional, flags, open } = read(command, before);
  const ask = (kind: string, ofProject?: string) => names(kind, ofProject, command.name(), flags, shell);
  const [flag, begun] = current.split('=', 2);
  const option = open ?? (begun === undefined ? undefined : optionOf(command, flag ?? ''));
  if (option !== undefined) {
    const lead = open === undefined ? `${flag}=` : '';
    const values = await valuesOf(option, ask);
    return values.map(({ value, about }) => ({ value: value === fileDirective ? value : lead + value, about }));
  }
  if (current.startsWith('-')) {
    const own = command.options.filter(({ hidden }) => !hidden);
    return [
      ...own.map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description })),
      ...plain(['--help'], current),
    ];
  }
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[positional.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return [];
  const listed = listedWords(argument.description, current);
  if (listed.length > 0) return plain(listed, current);
  if (argument.name() === 'subject') return await ask('announcements', projectOf(current, flags));
  if (argument.name() === 'name' || argument.name() === 'which') {
    return await ask(positional[0] ?? '', projectOf(current, flags));
  }
  return [];
}

interface Read {
  readonly positional: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  /** The option whose value stands at the cursor. */
  readonly open: Option | undefined;
}

function read(command: Command, before: readonly string[]): Read {
  const positional: string[] = [];
  const flags: Record<string, string> = {};
  let open: Option | undefined;
  for (const word of before) {
    if (open !== undefined) {
      flags[open.attributeName()] = word;
      open = undefined;
      continue;
    }
    if (!word.startsWith('-') || word === '-') {
      positional.push(word);
      continue;
    }
    const [name = '', value] = word.split('=', 2);
    const option = optionOf(command, name);
    if (option === undefined) continue;
    if (value !== undefined) flags[option.attributeName()] = value;
    else if (option.required) open = option;
  }
  return { positional, flags, open };
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find(({ long, short }) => long === name || short === name);
}

async function valuesOf(option: Option, ask: (kind: string) => Promise<readonly Candidate[]>) {
  if (option.argChoices !== undefined) return plain(option.argChoices, '');
  if (option.long === '--project') return await ask('projects');
  return /<(file|folder)/.test(option.flags) ? [{ value: fileDirective, about: '' }] : [];
}

/**
 * What `announcements|announcement|ann|a, peers|peer|p` lists: of each the first word, and those others that were begun.
 * Nothing when the text is no such list.
 */
export function listedWords(description: string, current: string): readonly string[] {
  const list = description.replace(/^[^:]*: /, '').replace(/ \(.*\)$/, '');
  if (!/^[a-z-]+(\|[a-z-]+)*(, [a-z-]+(\|[a-z-]+)*)+$/.test(list)) return [];
  return list.split(', ').flatMap((part) => {
    const [first = '', ...aliases] = part.split('|');
    if (first.startsWith(current)) return [first];
    return aliases.filter((alias) => alias.startsWith(current)).slice(0, 1);
  });
}

/** Flags only once a dash was typed. */
function plain(words: readonly string[], current: string): readonly Candidate[] {
  return words
    .filter((word) => !word.startsWith('-') || current.startsWith('-'))
    .map((value) => ({ value, about: '' }));
}

function projectOf(current: string, { project }: Readonly<Record<string, string>>): string | undefined {
  const [first, second] = current.split('/', 2);
  return second === undefined ? project : first;
}

/** Names of the objects of a kind, as the verb takes them; none when the server doesn't tell in time. */
async function names(
  word: string,
  project: string | undefined,
  verbName: string,
  flags: Readonly<Record<string, string>>,
  shell: Shell,
): Promise<readonly Candidate[]> {
  const kind = kindOf(word);
  if (kind === undefined) return [];
  try {
    const found = await withDeadline(shell.clock, answerWithinMs, 'completing', shell.signal, (signal) =>
      connected(
        flags,
        shell,
        (client) => ask(client, verbName === 'undelete' ? 'deleted' : kind, kind, project, signal),
        answerWithinMs,
      ),
    );
    // With --project names stand alone.
    const short = flags['project'] !== undefined;
    return plain(
      found.map((name) => (short ? name.replace(/^.*\//, '') : name)),
      '',
    );
  } catch {
    // No server, or a slow one: there is nothing to offer, and this is no place to say why.
    return [];
  }
}

function kindOf(word: string): KindWord | undefined {
  if (word === 'deleted') return undefined;
  for (const [kind, aliases] of Object.entries(kindWords)) {
    if (isKind(kind) && (kind === word || aliases.some((alias) => alias === word))) return kind;
  }
  return undefined;
}

function isKind(word: string): word is KindWord {
  return Object.hasOwn(kindWords, word);
}

async function ask(
  client: Client,
  what: KindWord,
  kind: KindWord,
  project: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query = { limit: mostNames };
  const named = ({ resources }: { readonly resources: readonly { metadata: { name: string } }[] }) =>
    resources.map(({ metadata }) => metadata.name);
  switch (what) {
    case 'announcements': {
      const filter = project === undefined ? query : { ...query, project };
      const { resources } = await client.call(endpoints.announcements.list, { query: filter }, signal);
      return resources.map(({ metadata }) => `${metadata.project}/${metadata.name}`);
    }
    case 'peers':
      return named(await client.call(endpoints.peers.list, { query }, signal));
    case 'projects':
      return named(await client.call(endpoints.projects.list, { query }, signal));
    case 'drains':
      return named(await client.call(endpoints.drains.list, { query }, signal));
    case 'speakers':
      return (await client.call(endpoints.speakers.list, { query }, signal)).resources.map(({ name }) => name);
    case 'checkers':
      return (await client.call(endpoints.checkers.list, { query }, signal)).resources.map(({ id }) => id);
    case 'deleted': {
      const { resources } = await client.call(endpoints.tombstones.list, {}, signal);
      return resources
        .filter((one) => kindWords[kind].some((alias) => alias === one.kind.toLowerCase()))
        .map((one) => (one.project === undefined ? one.name : `${one.project}/${one.name}`));
    }
  }
}
