/** `corebgp watch --status`: how objects stand, and each time that this changes. */
import { watchStatus } from '../client/status-watch.ts';
import { type StatusCollection, statusCollections, type WatchedObject, type WatchedRef } from '../contract/stream.ts';
import type { AnnouncementState } from '../model/announcement.ts';
import { isoTime } from '../runtime/clock.ts';
import { connected } from './connect.ts';
import { kindFrom, plainName, projectNameFrom } from './object-name.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, printable, type Tone, wantsColor } from './table.ts';

interface Shown {
  readonly word: string;
  readonly tone: Tone;
  readonly text: string;
}

export async function watchStatuses(words: readonly string[], flags: Flags, shell: Shell): Promise<undefined> {
  const question = questionFrom(words, flags);
  const { clock, random } = shell;
  const shown = new Map<string, Shown>();
  let everSynced = false;
  let catchingUp = true;
  await connected(flags, shell, async (_, transport) => {
    for await (const event of watchStatus({ transport, ...question, clock, random }, shell.signal)) {
      if (event.type === 'broken') {
        // A server that was never reached is an error; one that went away is waited for.
        if (!everSynced) throw event.error;
        shell.stderr.write(`note: ${printable(event.error.message)} Connecting again.\n`);
        continue;
      }
      if (event.type === 'synced') {
        if (!everSynced && shell.stderr.terminal) {
          shell.stderr.write(`watching ${shown.size} object(s); end with Ctrl-C\n`);
        }
        everSynced = true;
        catchingUp = false;
        continue;
      }
      const quiet = catchingUp && flags['state'] !== true;
      for (const object of event.put) put(object, shown, quiet, flags, shell);
      for (const ref of event.deleted) gone(ref, shown, flags, shell);
    }
  });
  return undefined;
}

/** The server says what does not go together; here the words become names. */
function questionFrom(words: readonly string[], flags: Flags) {
  const kinds = words.flatMap((word) => word.split(','));
  const collections: readonly StatusCollection[] = [
    ...new Set(
      kinds.length === 0 ? (['announcements'] as const) : kinds.map((word) => kindFrom(word, statusCollections)),
    ),
  ].filter(isStatusCollection);
  const project = textFlag(flags, 'project');
  const name = textFlag(flags, 'name');
  if (name === undefined) return { collections, ...(project === undefined ? {} : { project: plainName(project) }) };
  if (collections.length === 1 && collections[0] === 'announcements') {
    return { collections, ...projectNameFrom(name, project) };
  }
  return { collections, name: plainName(name), ...(project === undefined ? {} : { project }) };
}

function isStatusCollection(word: string): word is StatusCollection {
  return (statusCollections as readonly string[]).includes(word);
}

function put(object: WatchedObject, shown: Map<string, Shown>, quiet: boolean, flags: Flags, shell: Shell): void {
  const name = nameOf({ kind: object.kind, ...object.metadata });
  const before = shown.get(name);
  const now = shownOf(object, before !== undefined);
  shown.set(name, now);
  if (quiet) return;
  if (textFlag(flags, 'output') === 'json') {
    shell.stdout.write(`${JSON.stringify({ op: 'put', object })}\n`);
    return;
  }
  const isStatus = 'status' in object && object.kind === 'Announcement';
  if (isStatus && before?.word === now.word && before.text === now.text) return;
  const was = isStatus && before !== undefined && before.word !== now.word ? `${before.word} -> ` : '';
  line(name, was, now, shell);
}

function gone(ref: WatchedRef, shown: Map<string, Shown>, flags: Flags, shell: Shell): void {
  const name = nameOf(ref);
  shown.delete(name);
  if (textFlag(flags, 'output') === 'json') shell.stdout.write(`${JSON.stringify({ op: 'deleted', object: ref })}\n`);
  else line(name, '', { word: 'deleted', tone: 'bad', text: '' }, shell);
}

function line(name: string, was: string, { word, tone, text }: Shown, shell: Shell): void {
  const paint = painter(wantsColor(shell.stdout, shell.env));
  const time = isoTime(shell.clock).slice(11, 19);
  const rest = text === '' ? '' : `  ${printable(text)}`;
  shell.stdout.write(
    `${time}  ${printable(name)}  ${printable(was)}${paint({ text: printable(word), tone })}${rest}\n`,
  );
}

/** Announcements as `shop/web`; of other kinds with the kind, since a name tells little. */
function nameOf({ kind, project, name }: Pick<WatchedRef, 'kind' | 'project' | 'name'>): string {
  return kind === 'Announcement' ? `${project ?? '?'}/${name}` : `${kind} ${name}`;
}

const tones: Readonly<Record<AnnouncementState, Tone>> = {
  announced: 'good',
  pending: 'warn',
  degraded: 'warn',
  held: 'warn',
  withdrawn: 'bad',
};

function shownOf(object: WatchedObject, known: boolean): Shown {
  if ('unreadable' in object) return { word: 'unreadable', tone: 'bad', text: object.message };
  if (object.kind === 'Announcement' && object.status !== undefined) {
    const { state, reason, nextHops } = object.status;
    const announced = nextHops.filter(({ path }) => path === 'announce').length;
    const hops = nextHops
      .filter(({ path }) => path !== 'announce')
      .map(
        ({ address, why, reason: probe }) =>
          `${address} ${why}${probe === undefined || probe === 'ok' ? '' : ` (${probe})`}`,
      );
    const facts = [reason, `${announced}/${nextHops.length} next hops`, ...hops].filter((part) => part !== undefined);
    return { word: state, tone: tones[state], text: facts.join(', ') };
  }
  if (object.kind === 'Peer' && object.status !== undefined) {
    const sessions = object.status.speakers.map(({ name, session }) => `${name} ${session}`);
    const up = object.status.speakers.every(({ session }) => session === 'established') && sessions.length > 0;
    return { word: up ? 'up' : 'not up', tone: up ? 'good' : 'warn', text: sessions.join(', ') };
  }
  return { word: known ? 'changed' : 'is', tone: known ? 'warn' : 'plain', text: '' };
}
