/**
 * Keeps what happened: events derived from each revision, written behind the users' writes, in batches and bounded.
 *
 * Every server derives all of them, and each batch is written on the condition that the position up to which events are
 * written is still the one that was seen: so each is written once, whoever is first. What a server that dies has not
 * written, another one writes that was there as well. One that came later has not seen it: it lets the others write up
 * to where it began, and if nobody does, says that something may be missing (see events-waiting.ts).
 */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { eventId, eventKey, eventPositionKey, leftOutIndex, mostEvents } from '../model/event.ts';
import { withDeadline } from '../runtime/abort.ts';
import { isoTime } from '../runtime/clock.ts';
import { decodeJson } from './commit.ts';
import type { ApiContext } from './context.ts';
import { eventsOf } from './events-of.ts';
import { createWaitingEvents } from './events-waiting.ts';
import { heartbeatKey } from './heartbeat.ts';

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
  /** The position may stand still for so long before what others seem to have left is given up, milliseconds. */
  readonly standstillMs: number;
}

/** At most 60 a second. */
export const defaultEventLimits: EventLogLimits = {
  perCommit: 60,
  waiting: 240,
  kept: mostEvents,
  everyMs: 1_000,
  standstillMs: 10_000,
};

/** Beside the new ones: so that a ring that was too large, or whose bound was lowered, shrinks. */
const moreRemoved = 3;
/** What comes close together is written together, milliseconds. */
const gatherMs = 200;
const againMs = 5_000;
const commitWithinMs = 5_000;
/** A stop waits for the last events no longer, milliseconds. */
const closeWithinMs = 1_000;

export type EventLogContext = Pick<ApiContext, 'store' | 'cache' | 'inputs' | 'clock' | 'log' | 'serverId'>;

/** Follows the cache until closed. What it finds there at first is no event. */
export function startEventLog(context: EventLogContext, limits: EventLogLimits = defaultEventLimits): EventLog {
  const { store, cache, inputs, clock, log, serverId } = context;
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = createWaitingEvents(limits, () => clock.now());
  /** The last revision that was seen. */
  let seen = 0;
  let writing: Promise<void> | undefined;
  let planned = false;
  let cancel = () => {};
  let writeAt = Number.NEGATIVE_INFINITY;

  const position = () => positionOf(cache.get(eventPositionKey)?.value);
  const isThere = (server: string) => cache.get(server) !== undefined;

  /** All up to this revision may have events that this server doesn't know. */
  const missed = (revision: number) => {
    if (revision <= seen) return;
    const others = new Set(cache.under('api').keys());
    others.delete(heartbeatKey(serverId));
    waiting.gap({ revision, seen, others });
    const written = position();
    if (written !== undefined) waiting.written(written);
    seen = revision;
  };

  const plan = () => {
    if (planned || writing !== undefined || waiting.size() === 0 || signal.aborted) return;
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
      log.warn({ code, detail: message, waiting: waiting.size() }, 'events could not be written; trying again later');
    }
  };

  /** @returns the revision at which some were written. */
  const commit = async (): Promise<number | undefined> => {
    const batch = waiting.writable(limits.perCommit, position(), isThere, isoTime(clock));
    const last = batch.at(-1);
    if (last === undefined) return undefined;
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
    const written = result.committed ? last.id : positionOf(decodeJson(result.current[0]?.value ?? 'null'));
    if (written !== undefined) waiting.written(written);
    return result.committed ? result.revision : undefined;
  };

  /** What has happened until the end is still told, as far as it may be written now. */
  const writeRest = async () => {
    for (let batches = Math.ceil(limits.waiting / limits.perCommit) + 1; batches > 0; batches -= 1) {
      const revision = await commit();
      if (revision === undefined) return;
      // The next batch depends on this one's position.
      await cache.reached(revision, signal);
    }
  };

  const loaded = cache.position();
  if (loaded !== undefined) missed(loaded.revision);
  cache.onRevision((change, before) => {
    if (signal.aborted) return;
    if (change === 'all') {
      waiting.clear();
      seen = 0;
      missed(cache.position()?.revision ?? 0);
      return;
    }
    if (before === undefined) {
      log.warn(
        { revision: change.revision },
        'changes up to this revision were not seen one by one: no events of them by this server',
      );
      missed(change.revision);
      return;
    }
    seen = change.revision;
    for (const one of change.changes) {
      if (one.op !== 'put' || one.entry.key !== eventPositionKey) continue;
      const written = positionOf(one.entry.value);
      if (written !== undefined) waiting.written(written);
      // Servers take turns, so that all of them together keep to the pace.
      writeAt = Math.max(writeAt, clock.now() + limits.everyMs);
    }
    const source = { before: (key: string) => before.get(key)?.value, inputs };
    // One revision has no more but for a report of a thousand peers that all went down.
    const found = eventsOf(change, source, isoTime(clock)).slice(0, leftOutIndex);
    for (const [index, record] of found.entries()) {
      waiting.add({ id: eventId(change.revision, index), record }, change.revision);
    }
    plan();
  });

  return {
    close: async () => {
      cancel();
      planned = true;
      const rest = async () => {
        await writing;
        await writeRest();
      };
      await withDeadline(clock, closeWithinMs, 'writing the last events', signal, rest).catch((caught: unknown) =>
        log.info({ detail: String(caught) }, 'the last events could not be written'),
      );
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
