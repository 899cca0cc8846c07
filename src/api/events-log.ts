/**
 * Keeps what happened: events derived from each revision, written behind the users' writes, in batches and bounded.
 *
 * Every server derives all of them, and each batch is written on the condition that the position up to which events are
 * written is still the one that was seen: so each is written once, whoever is first. What a server that dies has not
 * written, another one writes; without another, the last second before a crash may be missing.
 */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { type EventRecord, eventId, eventKey, eventPositionKey, leftOutIndex, mostEvents } from '../model/event.ts';
import { withDeadline } from '../runtime/abort.ts';
import { isoTime } from '../runtime/clock.ts';
import { decodeJson } from './commit.ts';
import type { ApiContext } from './context.ts';
import { eventsOf } from './events-of.ts';

export interface EventLog {
  close(): Promise<void>;
}

export interface EventLogLimits {
  /** Events of one commit; with as many old ones removed and the position they fit the store's limit of 128. */
  readonly perCommit: number;
  /** Events that wait; further ones are counted instead. */
  readonly waiting: number;
  /** Events that are kept. */
  readonly kept: number;
  /** Between two commits, milliseconds. */
  readonly everyMs: number;
}

/** At most 60 a second. */
export const defaultEventLimits: EventLogLimits = { perCommit: 60, waiting: 240, kept: mostEvents, everyMs: 1_000 };

/** Beside the new ones: so that a ring that was too large, or whose bound was lowered, shrinks. */
const moreRemoved = 3;
/** What comes close together is written together, milliseconds. */
const gatherMs = 200;
const againMs = 5_000;
const commitWithinMs = 5_000;

interface Waiting {
  readonly id: string;
  readonly record: EventRecord;
}

export type EventLogContext = Pick<ApiContext, 'store' | 'cache' | 'inputs' | 'clock' | 'log'>;

/** Follows the cache until closed. What it finds there at first is no event. */
export function startEventLog(context: EventLogContext, limits: EventLogLimits = defaultEventLimits): EventLog {
  const { store, cache, inputs, clock, log } = context;
  const controller = new AbortController();
  const { signal } = controller;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let planned = false;
  let cancel = () => {};
  let writeAt = Number.NEGATIVE_INFINITY;

  const add = (one: Waiting, revision: number) => {
    if (waiting.length < limits.waiting) {
      waiting.push(one);
      return;
    }
    const last = waiting.at(-1);
    const count = last?.record.kind === 'leftOut' && last.record.about === undefined ? (last.record.count ?? 0) : 0;
    if (count > 0) waiting.pop();
    const record: EventRecord = {
      v: 1,
      at: count > 0 && last !== undefined ? last.record.at : one.record.at,
      kind: 'leftOut',
      reason: 'limited',
      message: `${count + 1} further events are left out: more happened than is kept.`,
      count: count + 1,
    };
    waiting.push({ id: eventId(revision, leftOutIndex), record });
  };

  /** Up to this id events are written, by whomever. */
  const written = (id: string) => {
    waiting = waiting.filter((one) => one.id > id);
  };

  const plan = () => {
    if (planned || writing !== undefined || waiting.length === 0 || signal.aborted) return;
    planned = true;
    cancel = clock.after(Math.max(gatherMs, writeAt - clock.now()), () => {
      planned = false;
      writing = write().finally(() => {
        writing = undefined;
        plan();
      });
    });
  };

  const write = async () => {
    writeAt = clock.now() + limits.everyMs;
    try {
      await commit();
    } catch (caught) {
      if (signal.aborted) return;
      writeAt = clock.now() + againMs;
      const { code, message } = toCoreBgpError(caught, 'writing events');
      log.warn({ code, detail: message, waiting: waiting.length }, 'events could not be written; trying again later');
    }
  };

  const commit = async () => {
    const batch = waiting.slice(0, limits.perCommit);
    const last = batch.at(-1);
    if (last === undefined) return;
    const kept = cache.under('events');
    const tooMany = Math.min(Math.max(0, kept.size + batch.length - limits.kept), limits.perCommit + moreRemoved);
    const known = cache.get(eventPositionKey)?.modRevision ?? 0;
    const result = await withDeadline(clock, commitWithinMs, 'writing events', signal, (inner) =>
      store.commit(
        [{ key: eventPositionKey, modRevision: known }],
        [
          { op: 'put', key: eventPositionKey, value: JSON.stringify({ v: 1, id: last.id }) },
          ...batch.map(({ id, record }) => ({ op: 'put', key: eventKey(id), value: JSON.stringify(record) }) as const),
          ...oldest(kept.keys(), tooMany).map((key) => ({ op: 'delete', key }) as const),
        ],
        inner,
      ),
    );
    // Another server was faster: what it has written is no longer ours to write.
    const position = result.committed ? last.id : positionOf(decodeJson(result.current[0]?.value ?? 'null'));
    if (position !== undefined) written(position);
  };

  cache.onRevision((change, before) => {
    if (signal.aborted) return;
    if (change === 'all') {
      waiting = [];
      return;
    }
    if (before === undefined) {
      log.warn(
        { revision: change.revision },
        'changes up to this revision were not seen one by one: no events of them',
      );
      return;
    }
    for (const one of change.changes) {
      if (one.op !== 'put' || one.entry.key !== eventPositionKey) continue;
      const position = positionOf(one.entry.value);
      if (position !== undefined) written(position);
      // Servers take turns, so that all of them together keep to the pace.
      writeAt = Math.max(writeAt, clock.now() + limits.everyMs);
    }
    const source = { before: (key: string) => before.get(key)?.value, inputs };
    // One revision has no more but for a report of a thousand peers that all went down.
    const found = eventsOf(change, source, isoTime(clock)).slice(0, leftOutIndex);
    for (const [index, record] of found.entries()) {
      add({ id: eventId(change.revision, index), record }, change.revision);
    }
    plan();
  });

  return {
    close: async () => {
      cancel();
      controller.abort(new CoreBgpError('unavailable', 'the event log was closed'));
      await writing;
    },
  };
}

/** They come in the order of their keys: nobody writes one before the position. */
function oldest(keys: Iterable<string>, count: number): readonly string[] {
  const found: string[] = [];
  if (count === 0) return found;
  for (const key of keys) {
    found.push(key);
    if (found.length === count) break;
  }
  return found;
}

function positionOf(value: unknown): string | undefined {
  const { id } = Object(value);
  return typeof id === 'string' ? id : undefined;
}
