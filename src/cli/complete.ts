/**
 * What may stand at the cursor of an unfinished command line: verbs, flags and their words from the program's own tree of
 * commands, names of objects from the API server. The shells' scripts (completion.ts) ask for it with each Tab.
 */
import type { Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { isUnreadable, type UnreadableLine } from '../contract/lists.ts';
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
/** Milliseconds for the API server; who presses Tab doesn't wait for longer. */
const answerWithinMs = 1_000;
/** Nobody reads more of them. */
export const mostNames = 500;
/**
 * What a shell takes for a plain word: bash puts what it is offered on the command line as it is, and whoever answers
 * may be another server than was meant.
 */
const plainWord = /^[A-Za-z0-9:._/=@,][A-Za-z0-9:._/=@,-]*$/;

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
  const [flag, begun] = current.split('=', 2);
  const ask = (kind: string, ofProject?: string, typed = current) =>
    names({ word: kind, project: ofProject, typed }, command.name(), flags, shell);
  const option = open ?? (begun === undefined ? undefined : optionOf(command, flag ?? ''));
  if (option !== undefined) {
    const lead = open === undefined ? `${flag}=` : '';
    const values = await valuesOf(option, (kind) => ask(kind, undefined, open === undefined ? begun : current));
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

interface Asked {
  /** As people write the kind. */
  readonly word: string;
  readonly project: string | undefined;
  /** What the names begin with. */
  readonly typed: string;
}

/** Names of the objects of a kind, as the verb takes them; none when the server doesn't tell in time. */
async function names(
  { word, project, typed }: Asked,
  verbName: string,
  flags: Readonly<Record<string, string>>,
  shell: Shell,
): Promise<readonly Candidate[]> {
  const kind = kindOf(word);
  if (kind === undefined) return [];
  // With --project names stand alone.
  const short = flags['project'] !== undefined;
  const offered: string[] = [];
  try {
    await withDeadline(shell.clock, answerWithinMs, 'completing', shell.signal, (signal) =>
      connected(
        flags,
        shell,
        async (client) => {
          const what = verbName === 'undelete' ? 'deleted' : kind;
          for await (const full of namesFrom(client, what, kind, project, signal)) {
            const name = short ? full.replace(/^.*\//, '') : full;
            if (name.startsWith(typed) && plainWord.test(name)) offered.push(name);
            if (offered.length === mostNames) return;
          }
        },
        answerWithinMs,
      ),
    );
    return plain(offered, '');
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

/** In lines, which hold nothing on the server that the next Tab could lack; whoever has enough leaves. */
async function* namesFrom(
  client: Client,
  what: KindWord,
  kind: KindWord,
  project: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  switch (what) {
    case 'announcements': {
      const query = project === undefined ? {} : { project };
      yield* named(client.lines(endpoints.announcements.all, { query }, signal));
      return;
    }
    case 'peers':
      yield* named(client.lines(endpoints.peers.all, {}, signal));
      return;
    case 'projects':
      yield* named(client.lines(endpoints.projects.all, {}, signal));
      return;
    case 'drains':
      yield* named(client.lines(endpoints.drains.all, {}, signal));
      return;
    case 'speakers':
      for await (const { name } of client.lines(endpoints.speakers.all, {}, signal)) yield name;
      return;
    case 'checkers':
      for await (const one of client.lines(endpoints.checkers.all, {}, signal))
        yield isUnreadable(one) ? one.name : one.id;
      return;
    case 'deleted':
      for await (const one of client.lines(endpoints.tombstones.all, {}, signal)) {
        if (isUnreadable(one) || !kindWords[kind].some((alias) => alias === one.kind.toLowerCase())) continue;
        yield one.project === undefined ? one.name : `${one.project}/${one.name}`;
      }
  }
}

interface Named {
  readonly metadata: { readonly project?: string; readonly name: string };
}

/** What can't be read can still be named, and has to be. */
async function* named(rows: AsyncIterable<Named | UnreadableLine>): AsyncGenerator<string> {
  for await (const row of rows) {
    if (isUnreadable(row)) yield row.name;
    else yield row.metadata.project === undefined ? row.metadata.name : `${row.metadata.project}/${row.metadata.name}`;
  }
}
