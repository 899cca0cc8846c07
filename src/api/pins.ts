/**
 * Keeps what a list showed at one revision for as long as somebody goes on reading its pages. A pin holds references to
 * cached records, which are never changed: what is written meanwhile doesn't show. Lists of the same question that show
 * the same share one.
 */
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CachedEntry } from './cached.ts';

/** What a list is made of. */
export interface ListSnapshot {
  readonly revision: number;
  /** Sorted by key. */
  readonly entries: readonly CachedEntry[];
}

/** One answer's way through a snapshot. */
export interface Pin {
  readonly snapshot: ListSnapshot;
  /** Index of the first entry to read. */
  readonly position: number;
  /** Token for the page that begins there. */
  next(position: number): string;
  /** The last page was read. It is kept for who asks for it again, but need not be when room is needed. */
  finish(): void;
}

export interface Pins {
  /**
   * @param question collection and filters, as text: a token serves no other.
   * @throws CoreBgpError `limited`
   */
  pin(question: string, snapshot: ListSnapshot): Pin;
  /** @throws CoreBgpError `invalid` with field `continue`; `compacted` when it is no longer held. */
  resume(token: string, question: string): Pin;
  /** Snapshots that are held. */
  count(): number;
  /** Lets all go: the store's history is another one, or the server closes. */
  clear(): void;
}

export interface PinLimits {
  readonly pins: number;
  /** A pin that nobody has used for so long goes, milliseconds. */
  readonly idleMs: number;
  /**
   * At the limit one that nobody reads on makes room at once, the one unused for longest first: it was looked at only, or
   * read to its end. One that is being read on makes room when it was unused for at least this long, milliseconds; else
   * the newcomer is refused. Whoever reads on asks well within this time, so what was begun gets finished.
   */
  readonly yieldAfterMs: number;
}

export const defaultPinLimits: PinLimits = { pins: 16, idleMs: 60_000, yieldAfterMs: 5_000 };

interface Held {
  readonly question: string;
  /** Those of all revisions that share it. */
  readonly entries: ListSnapshot['entries'];
  /** Which pages were offered, as a token names them: no other was ever in one. */
  readonly offered: Set<string>;
  /** Those among them that came after a first page. */
  readonly begun: Set<string>;
  usedAt: number;
  /** How many went on after their first page and have not come to the end. */
  reading: number;
}

/** @param newId unique and not to be guessed: hexadecimal. */
export function createPins(clock: Clock, newId: () => string, limits = defaultPinLimits): Pins {
  /** Those used last come last. */
  const held = new Map<string, Held>();
  let cancel: (() => void) | undefined;

  const dropIdle = () => {
    const oldest = clock.now() - limits.idleMs;
    for (const [id, { usedAt }] of held) if (usedAt <= oldest) held.delete(id);
  };

  /** So that an abandoned list's records aren't kept until somebody lists again. */
  const arm = () => {
    if (cancel !== undefined || held.size === 0) return;
    cancel = clock.after(limits.idleMs, () => {
      cancel = undefined;
      dropIdle();
      arm();
    });
  };

  const use = (id: string, one: Held) => {
    one.usedAt = clock.now();
    held.delete(id);
    held.set(id, one);
  };

  const makeRoom = () => {
    if (held.size < limits.pins) return;
    const all = [...held];
    const [id, one] = all.find(([, { reading }]) => reading === 0) ?? all[0] ?? [];
    if (id === undefined || one === undefined) return;
    if (one.reading === 0 || clock.now() - one.usedAt >= limits.yieldAfterMs) {
      held.delete(id);
      return;
    }
    throw new CoreBgpError(
      'limited',
      `${limits.pins} lists are being read in pages already; try again in a few seconds, or take all at once with Accept: application/x-ndjson.`,
      { retryAfterMs: limits.yieldAfterMs },
    );
  };

  const pinOf = (id: string, one: Held, revision: number, position: number): Pin => ({
    snapshot: { revision, entries: one.entries },
    position,
    next: (from) => {
      const page = `${from.toString(36)}-${revision.toString(36)}`;
      one.offered.add(page);
      if (position === 0) one.begun.add(page);
      return `${id}-${page}`;
    },
    finish: () => {
      one.reading = Math.max(0, one.reading - 1);
    },
  });

  const sameAs = (question: string, entries: ListSnapshot['entries']) =>
    [...held].find(([, one]) => one.question === question && areSame(one.entries, entries));

  return {
    pin: (question, { revision, entries }) => {
      dropIdle();
      let [id, one] = sameAs(question, entries) ?? [];
      if (id === undefined || one === undefined) {
        makeRoom();
        id = newId();
        one = { question, entries, offered: new Set(), begun: new Set(), usedAt: 0, reading: 0 };
      }
      use(id, one);
      arm();
      return pinOf(id, one, revision, 0);
    },
    resume: (token, question) => {
      dropIdle();
      const [, id, page = '', position, revision = ''] =
        /^([0-9a-f]+)-(([0-9a-z]{1,8})(?:-([0-9a-z]{1,12}))?)$/.exec(token) ?? [];
      if (id === undefined || position === undefined) throw wrongToken('is none that a page gave');
      const one = held.get(id);
      if (one === undefined) {
        throw new CoreBgpError(
          'compacted',
          `The list that "continue" goes on with is no longer held: it was not read for ${limits.idleMs / 1_000} s, made room for others, or belongs to another server. Begin again without continue.`,
          { field: 'continue' },
        );
      }
      if (one.question !== question) throw wrongToken('belongs to a list with other filters');
      if (!one.offered.has(page)) throw wrongToken('is none that a page gave');
      if (one.begun.has(page)) one.reading += 1;
      use(id, one);
      return pinOf(id, one, Number.parseInt(revision, 36), Number.parseInt(position, 36));
    },
    count: () => held.size,
    clear: () => {
      held.clear();
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Entries are never changed, so that it is enough to compare which they are. */
function areSame(some: readonly CachedEntry[], others: readonly CachedEntry[]): boolean {
  return some.length === others.length && some.every((entry, index) => entry === others[index]);
}

function wrongToken(what: string): CoreBgpError {
  return new CoreBgpError(
    'invalid',
    `The query parameter continue ${what}; repeat it as the page before gave it, with the same collection and filters, or begin again without it.`,
    { field: 'continue' },
  );
}
