/** `corebgp watch`: prints every change as it comes; goes on where it was when the connection breaks. */

import { type Change, statusCollections } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { type Collection, collections } from '../model/resource.ts';
import { isoTime } from '../runtime/clock.ts';
import { changeSummary } from './change-summary.ts';
import { connected } from './connect.ts';
import { follow, type RecordMessage } from './follow.ts';
import { kindWords } from './kind-words.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, printable, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

const everyday: readonly Collection[] = [
  'announcements',
  'projects',
  'peers',
  'drains',
  'health',
  'checkers',
  'speaker-status',
];

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('[kinds...]', `what to watch: ${collections.join(', ')} (default: all but tombstones and claims)`)
      .option('--state', 'print first what is there now')
      .option(
        '--status',
        `objects with their status, as "get" shows them, instead of stored records: ${statusCollections.join(', ')} (default: announcements)`,
      )
      .option('--project <project>', 'with --status: only announcements of this project')
      .option('--name <name>', 'with --status: only this object; an announcement as project/name')
      .addOption(outputOption(['table', 'json']))
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp watch',
          'corebgp watch announcements health',
          'corebgp watch --status --state',
          'corebgp watch --status --name shop/web',
          "corebgp watch health -o json | jq '.value.state'",
        ),
      )
      .action((kinds: readonly string[], flags: Flags) => run(watchWhat(kinds, flags, shell)));
  },
};

async function watchWhat(kinds: readonly string[], flags: Flags, shell: Shell): Promise<undefined> {
  if (flags['status'] === true) {
    const { watchStatuses } = await import('./watch-status.ts');
    return await watchStatuses(kinds, flags, shell);
  }
  for (const flag of ['project', 'name'] as const) {
    if (flags[flag] === undefined) continue;
    throw new CoreBgpError('invalid', `--${flag} goes with --status only; add --status, or leave it out.`);
  }
  return await watch(kinds, flags, shell);
}

async function watch(kinds: readonly string[], flags: Flags, shell: Shell): Promise<undefined> {
  const wanted = kinds.length === 0 ? everyday : kinds.flatMap((word) => word.split(',')).map(collectionFrom);
  const seen: Seen = { everSynced: false };
  await connected(flags, shell, async (_, transport) => {
    // A server that was never reached, or that refuses the question, is an error; one that went away is waited for.
    const mayWait = () => seen.everSynced;
    const followed = { transport, kinds: [...new Set(wanted)].join(','), doing: 'watching', mayWait };
    await follow(followed, (message) => take(message, seen, flags, shell), shell);
  });
  return undefined;
}

interface Seen {
  everSynced: boolean;
}

function take(message: RecordMessage, seen: Seen, flags: Flags, shell: Shell): void {
  switch (message.type) {
    case 'state':
      // After "compacted" the state comes again: what changed meanwhile is in it, so it is shown.
      if (flags['state'] === true || seen.everSynced)
        for (const change of message.changes) print(change, undefined, flags, shell);
      return;
    case 'synced':
      if (!seen.everSynced && shell.stderr.terminal) {
        shell.stderr.write(`watching from revision ${message.revision} on; end with Ctrl-C\n`);
      }
      seen.everSynced = true;
      return;
    case 'changes':
      for (const change of message.changes) print(change, message.revision, flags, shell);
      return;
    case 'bookmark':
      return;
  }
}

function print(change: Change, revision: number | undefined, flags: Flags, shell: Shell): void {
  const at = revision ?? (change.op === 'put' ? change.modRevision : undefined);
  if (textFlag(flags, 'output') === 'json') {
    shell.stdout.write(`${JSON.stringify({ revision: at, ...change })}\n`);
    return;
  }
  const { verb: word, tone, text } = changeSummary(change, revision === undefined);
  const paint = painter(wantsColor(shell.stdout, shell.env));
  const time = isoTime(shell.clock).slice(11, 19);
  const line = `${time}  ${String(at ?? '').padStart(6)}  ${paint({ text: word.padEnd(7), tone })}  ${printable(change.key)}`;
  shell.stdout.write(`${line}${text === '' ? '' : `  ${printable(text)}`}\n`);
}

function collectionFrom(word: string): Collection {
  const lower = word.toLowerCase();
  const [plural = lower] =
    Object.entries(kindWords).find(([, aliases]) => aliases.some((alias) => alias === lower)) ?? [];
  const found = collections.find((collection) => collection === (plural === 'speakers' ? 'speaker-status' : plural));
  if (found !== undefined) return found;
  const meant = nearest(word, collections);
  const hint = meant === undefined ? `There are: ${collections.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new CoreBgpError('invalid', `"${word}" can't be watched. ${hint}`);
}
