/** `corebgp events`: what happened, the oldest first; and, if so asked, what happens from now on. */

import type { Transport } from '../client/transport.ts';
import { endpoints } from '../contract/endpoints.ts';
import { type Event, mostEventsAnswered } from '../contract/event-endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type EventKind, eventKinds } from '../model/event.ts';
import { nearest } from '../model/nearest.ts';
import { connected } from './connect.ts';
import { follow } from './follow.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, printable, type Tone, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .option('--object <name>', 'only of this object: an announcement as project/name, or the name of another object')
      .option('--prefix <prefix>', 'only of paths of this prefix')
      .option('--kind <kind>', `only of this kind: ${Object.keys(eventKinds).join(', ')}`)
      .option('--limit <count>', `the last so many, 1 to ${mostEventsAnswered} (default: 100)`)
      .option('-f, --follow', 'then print what happens, until Ctrl-C')
      .addOption(outputOption(['table', 'json']))
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp events',
          'corebgp events --object shop/web -f',
          'corebgp events --prefix 203.0.113.10/32 --kind pathWithdrawn',
          "corebgp events -o json | jq '.message'",
        ),
      )
      .action((flags: Flags) => run(events(flags, shell)));
  },
};

interface Filter {
  readonly object?: string;
  readonly prefix?: string;
  readonly kind?: EventKind;
}

async function events(flags: Flags, shell: Shell): Promise<undefined> {
  const filter = filterFrom(flags);
  const limit = limitFrom(textFlag(flags, 'limit'));
  await connected(flags, shell, async (client, transport) => {
    const answer = await client.call(endpoints.events, { query: { ...filter, limit } }, shell.signal);
    for (const event of answer.events) print(event, flags, shell);
    if (flags['follow'] === true) await tellOn(transport, filter, answer.revision, flags, shell);
    else if (answer.events.length === 0) shell.stderr.write('no events\n');
  });
  return undefined;
}

/** What happens after the answer of revision `from`. Ends only by throwing. */
async function tellOn(transport: Transport, filter: Filter, from: number, flags: Flags, shell: Shell): Promise<never> {
  /** The last one printed: when the stream starts over with the state, the rest of that follows from here. */
  let last = '';
  return await follow(
    { transport, kinds: 'events', since: from, doing: 'following the events', mayWait: () => true },
    (message) => {
      if (message.type !== 'state' && message.type !== 'changes') return;
      for (const change of message.changes) {
        const event = change.op === 'put' ? eventFrom(change.key, change.value) : undefined;
        if (event === undefined || event.id <= last) continue;
        last = event.id;
        // An event is written after what it tells of, so its own revision tells nothing. Changes are all later than the
        // answer; a state holds what that has told, too.
        const isNew = message.type === 'changes' || (change.op === 'put' && change.modRevision > from);
        if (isNew && matches(event, filter)) print(event, flags, shell);
      }
    },
    shell,
  );
}

/** As a newer version may have written it: nothing is taken for granted but what is printed. */
function eventFrom(key: string, value: unknown): Event | undefined {
  const id = key.split('/')[1] ?? '';
  const event: unknown = { ...Object(value), id, revision: Number(id.split('-')[0]) };
  return isEvent(event) ? event : undefined;
}

function isEvent(value: unknown): value is Event {
  const { id, at, kind, message, others, revision } = Object(value);
  return (
    [id, at, kind, message].every((field) => typeof field === 'string') &&
    Number.isSafeInteger(revision) &&
    (others === undefined || Array.isArray(others))
  );
}

function matches(event: Event, { object, prefix, kind }: Filter): boolean {
  return (
    (object === undefined || event.object === object || event.others?.includes(object) === true) &&
    (prefix === undefined || event.prefix === prefix) &&
    (kind === undefined || event.kind === kind)
  );
}

const tones: Readonly<Partial<Record<EventKind, Tone>>> = {
  created: 'good',
  undeleted: 'good',
  nextHopUp: 'good',
  peerUp: 'good',
  pathAnnounced: 'good',
  conditionGone: 'good',
  checkerJoined: 'good',
  deleted: 'bad',
  nextHopDown: 'bad',
  peerDown: 'bad',
  pathWithdrawn: 'bad',
  condition: 'bad',
  nextHopSuspect: 'warn',
  checkerLeft: 'warn',
  leftOut: 'warn',
};

const widest = Math.max(...Object.keys(eventKinds).map(({ length }) => length));

function print(event: Event, flags: Flags, shell: Shell): void {
  if (textFlag(flags, 'output') === 'json') {
    shell.stdout.write(`${JSON.stringify(event)}\n`);
    return;
  }
  const paint = painter(wantsColor(shell.stdout, shell.env));
  const at = event.at.replace('T', ' ').slice(0, 19);
  const kind = paint({ text: printable(event.kind).padEnd(widest), tone: tones[event.kind] ?? 'plain' });
  shell.stdout.write(`${printable(at)}  ${kind}  ${printable(event.message)}\n`);
}

function filterFrom(flags: Flags): Filter {
  const object = textFlag(flags, 'object');
  const prefix = textFlag(flags, 'prefix');
  const kind = textFlag(flags, 'kind');
  return {
    ...(object === undefined ? {} : { object }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(kind === undefined ? {} : { kind: kindFrom(kind) }),
  };
}

function kindFrom(word: string): EventKind {
  if (isKind(word)) return word;
  const known = Object.keys(eventKinds);
  const meant = nearest(word, known);
  const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new CoreBgpError('invalid', `"${word}" is no kind of event. ${hint}`);
}

function isKind(word: string): word is EventKind {
  return Object.hasOwn(eventKinds, word);
}

function limitFrom(text: string | undefined): number {
  const limit = text === undefined ? 100 : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostEventsAnswered) return limit;
  throw new CoreBgpError('invalid', `--limit is "${text}"; write a whole number from 1 to ${mostEventsAnswered}.`);
}
