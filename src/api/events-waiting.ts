/**
 * The events that wait to be written, in their order, bounded, with the gaps between them: stretches of revisions that
 * this server has not seen one by one, because it was not there yet or had to load the state anew.
 *
 * Of a gap another server may have events that are not written yet. Who wrote beyond it would take them away from that
 * one, which writes nothing before the position. So what is behind a gap is held until the position is beyond the gap,
 * since then nothing of it is to come any more; or until nobody is left who saw it; or until the position stood still
 * for so long that nobody seems to write. In the last two cases the gap is told of.
 */
import { type EventRecord, eventId, leftOutIndex } from '../model/event.ts';

export interface WaitingEvent {
  readonly id: string;
  readonly record: EventRecord;
}

interface Gap {
  /** Behind all events of its last revision. */
  readonly id: string;
  readonly revision: number;
  /** Up to this revision, before the gap, everything was seen. */
  readonly seen: number;
  /** Keys of the servers that were there when it arose: they may have seen what is in it. */
  readonly others: ReadonlySet<string>;
  /** Monotonic milliseconds at which it is held no longer; before anything is behind it, nobody has to write. */
  until: number;
}

export interface WaitingEvents {
  add(event: WaitingEvent, revision: number): void;
  /** What is added from now on comes behind this. */
  gap(gap: Omit<Gap, 'id' | 'until'>): void;
  /** The position, up to which events are written by whomever, is here; it has moved just now. */
  written(id: string): void;
  /**
   * The first ones that may be written now; those before a gap always, those behind it once it is no longer held.
   * @param position what is written so far; undefined = never anything.
   * @param isThere whether a server, by its key, still is.
   * @param at for the record of a gap, RFC 3339.
   */
  writable(
    most: number,
    position: string | undefined,
    isThere: (server: string) => boolean,
    at: string,
  ): readonly WaitingEvent[];
  /** Events; gaps without any behind them don't count. */
  size(): number;
  clear(): void;
}

/** @param now monotonic milliseconds. */
export function createWaitingEvents(
  { waiting: most, standstillMs }: { readonly waiting: number; readonly standstillMs: number },
  now: () => number,
): WaitingEvents {
  let waiting: (WaitingEvent | Gap)[] = [];

  const add = (event: WaitingEvent, revision: number) => {
    const last = waiting.at(-1);
    if (last !== undefined && !isEvent(last)) last.until = now() + standstillMs;
    if (waiting.length < most) {
      waiting.push(event);
      return;
    }
    const former = last !== undefined && isEvent(last) && isLimited(last.record) ? last.record : undefined;
    if (former !== undefined) waiting.pop();
    const count = (former?.count ?? 0) + 1;
    const record: EventRecord = {
      v: 1,
      at: former?.at ?? event.record.at,
      kind: 'leftOut',
      reason: 'limited',
      message: `${count} further events are left out: more happened than is kept.`,
      count,
    };
    waiting.push({ id: eventId(revision, leftOutIndex), record });
  };

  return {
    add,
    gap: ({ revision, seen, others }) => {
      const last = waiting.at(-1);
      const former = last === undefined || isEvent(last) ? undefined : last;
      if (former !== undefined) waiting.pop();
      const id = eventId(revision, leftOutIndex);
      waiting.push({ id, revision, seen: former?.seen ?? seen, others, until: Number.POSITIVE_INFINITY });
    },
    written: (id) => {
      waiting = waiting.filter((one) => one.id > id);
      for (const one of waiting) if (!isEvent(one)) one.until = now() + standstillMs;
    },
    writable: (count, position, isThere, at) => {
      const found: WaitingEvent[] = [];
      for (const one of waiting.slice(0, waiting.findLastIndex(isEvent) + 1)) {
        if (found.length === count) break;
        if (isEvent(one)) found.push(one);
        else if (now() < one.until && [...one.others].some(isThere)) break;
        else {
          const before = found.at(-1)?.id ?? position;
          // Where nobody has written or seen anything so far, nothing is missing.
          if (before === undefined && one.seen === 0) continue;
          found.push({ id: one.id, record: tellingOf(one, before ?? '0', at) });
        }
      }
      return found;
    },
    size: () => waiting.filter(isEvent).length,
    clear: () => {
      waiting = [];
    },
  };
}

/** What it stands for is not known, so it has no count. */
function tellingOf({ revision, seen }: Gap, before: string, at: string): EventRecord {
  const from = Math.max(seen, Number(before.split('-')[0]));
  const message = `Some of what happened after revision ${from} and up to revision ${revision} may be missing here: no server that saw it has written it. How many events that are is not known.`;
  return { v: 1, at, kind: 'leftOut', reason: 'notSeen', message };
}

const isEvent = (one: WaitingEvent | Gap): one is WaitingEvent => 'record' in one;

const isLimited = ({ kind, about, reason }: EventRecord) =>
  kind === 'leftOut' && about === undefined && reason === 'limited';
