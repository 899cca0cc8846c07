/**
 * Keeps what a list showed at one revision for as long as somebody goes on reading its pages. A pin holds references to
 * cached records, which are never changed: what is written meanwhile doesn't show.
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
  /** The last page was read. It is kept for who asks for it again, but goes first when room is needed. */
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
  /** Lists that are held. */
  count(): number;
  /** Lets all go: the store's history is another one, or the server closes. */
  clear(): void;
}

export interface PinLimits {
  readonly pins: number;
  /** A pin that nobody has used for so long goes, milliseconds. */
  readonly idleMs: number;
  /**
   * At the limit the one unused for longest makes room, if it was unused for at least this long, milliseconds; else the
   * newcomer is refused. Never giving way would let a few who look only at first pages keep everybody out for a minute;
   * always giving way would let them break the lists of those who read on, again and again. Whoever reads on asks well
   * within this time, so what was begun gets finished.
   */
  readonly yieldAfterMs: number;
}

export const defaultPinLimits: PinLimits = { pins: 16, idleMs: 60_000, yieldAfterMs: 5_000 };

interface Held {
  readonly question: string;
  readonly snapshot: ListSnapshot;
  /** Where pages begin that were offered: no other position was ever in a token. */
  readonly offered: Set<number>;
  usedAt: number;
  finished: boolean;
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
    dropIdle();
    if (held.size < limits.pins) return;
    const all = [...held];
    const [id, one] = all.find(([, { finished }]) => finished) ?? all[0] ?? [];
    if (id === undefined || one === undefined) return;
    if (one.finished || clock.now() - one.usedAt >= limits.yieldAfterMs) {
      held.delete(id);
      return;
    }
    throw new CoreBgpError(
      'limited',
      `${limits.pins} lists are being read in pages already; try again in a few seconds, or take all at once with Accept: application/x-ndjson.`,
      { retryAfterMs: limits.yieldAfterMs },
    );
  };

  const pinOf = (id: string, one: Held, position: number): Pin => ({
    snapshot: one.snapshot,
    position,
    next: (from) => {
      one.offered.add(from);
      return `${id}-${from.toString(36)}`;
    },
    finish: () => {
      one.finished = true;
    },
  });

  return {
    pin: (question, snapshot) => {
      makeRoom();
      const id = newId();
      const one: Held = { question, snapshot, offered: new Set(), usedAt: clock.now(), finished: false };
      held.set(id, one);
      arm();
      return pinOf(id, one, 0);
    },
    resume: (token, question) => {
      dropIdle();
      const [, id, digits] = /^([0-9a-f]+)-([0-9a-z]{1,8})$/.exec(token) ?? [];
      if (id === undefined || digits === undefined) throw wrongToken('is none that a page gave');
      const one = held.get(id);
      if (one === undefined) {
        throw new CoreBgpError(
          'compacted',
          `The list that "continue" goes on with is no longer held: it was not read for ${limits.idleMs / 1_000} s, made room for others, or belongs to another server. Begin again without continue.`,
          { field: 'continue' },
        );
      }
      if (one.question !== question) throw wrongToken('belongs to a list with other filters');
      const position = Number.parseInt(digits, 36);
      if (!one.offered.has(position)) throw wrongToken('is none that a page gave');
      use(id, one);
      return pinOf(id, one, position);
    },
    count: () => held.size,
    clear: () => {
      held.clear();
      cancel?.();
      cancel = undefined;
    },
  };
}

function wrongToken(what: string): CoreBgpError {
  return new CoreBgpError(
    'invalid',
    `The query parameter continue ${what}; repeat it as the page before gave it, with the same collection and filters, or begin again without it.`,
    { field: 'continue' },
  );
}
