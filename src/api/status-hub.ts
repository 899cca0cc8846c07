/**
 * Where all streams of the status view get their objects from. An object that something has happened to is computed once
 * for all of them, and handed on only if it looks different; without streams nothing is done at all.
 *
 * What is touched directly is looked at within 100 ms. What may touch everything (a project, a drain, a speaker's first
 * report) is looked at in slices, in turn with the former, so that the event loop stays free.
 */
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { recordKey } from '../model/resource.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import type { Affected } from '../planning/inputs.ts';
import type { Log } from '../runtime/log.ts';
import { messageSize, mostOfMessage } from './batch.ts';
import type { CacheMessage, WatchedText } from './cached.ts';
import { notFresh } from './loaded.ts';
import { createSlices } from './slices.ts';
import { createInterests, keysFor, type StatusFilter } from './status-filter.ts';
import { type StatusContext, statusObject, watchedRef } from './status-objects.ts';
import { createStatusStream, type StatusStream } from './status-stream.ts';
import { ownersOf, type Touched, touchedBy, touchedByReport } from './status-touch.ts';
import { createStatusWork } from './status-work.ts';

export interface StatusHub {
  /** From planning's view, for each key of each revision. */
  changed(key: string, affected: Affected): void;
  /** `changed` threw: what the streams have is not to be trusted, so that all of them begin anew. */
  failed(error: unknown): void;
  /** A stream. Throws at its first step: `unavailable` when not fresh, `limited` when there are too many. */
  watch(filter: StatusFilter, signal: AbortSignal): AsyncGenerator<CacheMessage, void>;
  /** Open streams. */
  streams(): number;
  /** Times that an object was computed: none without streams. */
  computed(): number;
  close(): void;
}

export interface StatusHubOptions extends StatusContext {
  readonly log: Log;
  /** This server's own key, which proves the cache fresh when it comes back. */
  readonly heartbeatKey: string;
  /** Default 500. */
  readonly mostStreams?: number;
}

/** Streams of the status view at a time. */
export const mostStatusStreams = 500;
/** From a change until it is looked at, and between two deliveries to a stream, milliseconds. */
const coalesceMs = 50;
/** Between two slices while only long jobs are left, milliseconds: they may take half of the time. */
const restMs = 5;
/** Announcements that one change may touch to be looked at soon; more of them are a long job. */
const mostAtOnce = 500;
/** Long jobs; with more of them everything is looked at instead. */
const mostJobs = 32;
/** A drain may end by the wall clock, which may jump: it is looked at no later than so, milliseconds. */
const lookAtDrainsMs = 10_000;

export function createStatusHub(options: StatusHubOptions): StatusHub {
  const { cache, inputs, clock, log, heartbeatKey, mostStreams = mostStatusStreams } = options;
  const streams = new Set<StatusStream>();
  const interests = createInterests<StatusStream>();
  /** Of each object that a stream has got, or is about to get. */
  const marks = new Map<string, string>();
  /** Announcements that a speaker has still to apply. */
  const unsettled = new Set<string>();
  /** The reports as they were last looked at. */
  const reports = new Map<string, SpeakerStatusRecord>();
  const work = createStatusWork();
  const controller = new AbortController();
  let working = false;
  let cancelWork = () => {};
  let cancelDrains = () => {};
  let computed = 0;
  let jobs = 0;

  /** Looks at the object, and tells who wants it when it isn't as it was. @returns it, for a stream that begins. */
  const look = (key: string, asked?: StatusStream): WatchedText | undefined => {
    const interested = interests.of(key);
    if (interested.length === 0) {
      marks.delete(key);
      unsettled.delete(key);
      return undefined;
    }
    computed += 1;
    const object = statusObject(options, key);
    if (object === undefined) {
      const ref = watchedRef(key);
      unsettled.delete(key);
      if (marks.delete(key) && ref !== undefined) {
        for (const stream of interested) if (stream !== asked) stream.gone(key, ref);
      }
      return undefined;
    }
    if (object.unsettled) unsettled.add(key);
    else unsettled.delete(key);
    const differs = marks.get(key) !== object.mark;
    if (!differs && asked === undefined) return undefined;
    const encoded = object.encoded();
    marks.set(key, object.mark);
    if (differs) for (const stream of interested) if (stream !== asked) stream.put(key, encoded);
    return encoded;
  };

  const lookSafely = (key: string, asked?: StatusStream): WatchedText | undefined => {
    try {
      return look(key, asked);
    } catch (caught) {
      log.error({ key, error: toCoreBgpError(caught, 'status').message }, 'the status of an object failed');
      return undefined;
    }
  };

  const deliver = () => {
    for (const stream of streams) stream.deliver();
  };

  const begin = () => {
    if (working || streams.size === 0 || controller.signal.aborted) return;
    working = true;
    cancelWork = clock.after(coalesceMs, () => void run());
  };

  const run = async () => {
    let deliveredAt = Number.NEGATIVE_INFINITY;
    const { signal } = controller;
    try {
      while (!signal.aborted && !work.isEmpty()) {
        const slices = createSlices(clock, signal);
        for (const part of [work.single(), work.many()]) {
          const slice = createSlices(clock, signal);
          for (const key of part) {
            lookSafely(key);
            if (slice.over()) break;
          }
        }
        if (clock.now() - deliveredAt >= coalesceMs) {
          deliver();
          deliveredAt = clock.now();
        }
        await slices.rest();
        if (!work.isEmpty()) await clock.sleep(restMs, signal);
      }
    } catch (caught) {
      if (!signal.aborted) log.error({ error: String(caught) }, 'the work on statuses broke off');
    } finally {
      working = false;
      deliver();
    }
  };

  const sweep = () => work.job('all', () => inputs.announcements.keys());

  const many = (prefixes: ReadonlySet<string>) => {
    jobs += 1;
    if (work.jobs() < mostJobs) work.job(`prefixes ${jobs}`, () => ownersOf(prefixes, inputs));
    else sweep();
  };

  const touch = (touched: Touched) => {
    switch (touched.type) {
      case 'keys':
        for (const key of touched.keys) work.touch(key);
        return;
      case 'all':
        for (const key of touched.keys) work.touch(key);
        sweep();
        return;
      case 'prefixes':
        if (touched.prefixes.size > mostAtOnce) many(touched.prefixes);
        else for (const key of ownersOf(touched.prefixes, inputs)) work.touch(key);
        return;
      case 'report':
        report(touched.key);
        return;
      case 'nothing':
        return;
    }
  };

  const report = (key: string) => {
    const after = inputs.speakers.get(key)?.record;
    const { all, applied, prefixes, peers } = touchedByReport(reports.get(key), after);
    if (after === undefined) reports.delete(key);
    else reports.set(key, after);
    for (const name of peers) work.touch(recordKey('Peer', name, undefined));
    touch({ type: 'prefixes', prefixes });
    if (all) sweep();
    else if (applied && unsettled.size > mostAtOnce) work.job('unsettled', () => [...unsettled]);
    else if (applied) for (const one of unsettled) work.touch(one);
  };

  /** Time alone can end a drain. */
  const awaitDrains = () => {
    cancelDrains();
    const end = inputs.drainIndex.nextEnd(clock.wall());
    if (end === undefined || streams.size === 0 || controller.signal.aborted) return;
    cancelDrains = clock.after(Math.min(Math.max(1, end - clock.wall()), lookAtDrainsMs), () => {
      if (clock.wall() >= end) {
        sweep();
        begin();
      }
      awaitDrains();
    });
  };

  const open = (filter: StatusFilter): StatusStream => {
    const stream = createStatusStream();
    if (streams.size === 0) for (const [key, { record }] of inputs.speakers) reports.set(key, record);
    streams.add(stream);
    interests.add(filter, stream);
    if (streams.size === 1) awaitDrains();
    return stream;
  };

  const leave = (stream: StatusStream, filter: StatusFilter) => {
    streams.delete(stream);
    interests.delete(filter, stream);
    if (streams.size > 0) return;
    cancelDrains();
    work.clear();
    for (const one of [marks, unsettled, reports]) one.clear();
  };

  async function* watch(filter: StatusFilter, signal: AbortSignal): AsyncGenerator<CacheMessage, void> {
    const position = cache.position();
    if (!cache.isFresh() || position === undefined || controller.signal.aborted) throw notFresh();
    if (streams.size >= mostStreams) {
      throw new CoreBgpError('limited', `The server has ${mostStreams} status streams open already; try again later.`);
    }
    const stream = open(filter);
    try {
      yield* state(stream, keysFor(filter, cache), signal);
      yield { type: 'synced', ...position };
      yield* stream.read(() => cache.position()?.revision ?? position.revision, signal);
    } finally {
      leave(stream, filter);
    }
  }

  async function* state(stream: StatusStream, keys: readonly string[], signal: AbortSignal) {
    const slices = createSlices(clock, signal);
    let objects: WatchedText[] = [];
    let size = 0;
    for (const key of keys) {
      // What has waited of it is older than what it is now.
      stream.forget(key);
      const object = lookSafely(key, stream);
      if (object !== undefined) objects.push(object);
      size += object?.text.length ?? 0;
      if (objects.length < mostOfMessage && size < messageSize && !slices.over()) continue;
      if (signal.aborted) return;
      if (objects.length > 0) yield { type: 'objects', objects } satisfies CacheMessage;
      objects = [];
      size = 0;
      begin();
      await slices.rest();
    }
    if (objects.length > 0 && !signal.aborted) yield { type: 'objects', objects } satisfies CacheMessage;
  }

  const end = (code: 'compacted' | 'unavailable', detail: string) => {
    for (const stream of streams) stream.end({ type: 'error', code, detail });
  };

  cache.onRevision((change) => {
    if (streams.size === 0) return;
    if (change === 'all') {
      end('compacted', 'The server has loaded all anew; connect again.');
      return;
    }
    const beat = change.changes.some((one) => one.op === 'put' && one.entry.key === heartbeatKey);
    if (!beat) return;
    for (const stream of streams) {
      stream.bookmark(change.revision);
      if (!working) stream.deliver();
    }
  });

  return {
    changed: (key, affected) => {
      if (streams.size === 0 || controller.signal.aborted) return;
      touch(touchedBy(key, affected));
      if (key.startsWith('drains/')) awaitDrains();
      if (!work.isEmpty()) begin();
    },
    failed: (caught) => {
      log.error({ error: toCoreBgpError(caught, 'status').message }, 'the status view could not follow a change');
      end('compacted', 'The server could not follow a change; connect again.');
    },
    watch,
    streams: () => streams.size,
    computed: () => computed,
    close: () => {
      controller.abort(new CoreBgpError('unavailable', 'the server is closing'));
      end('unavailable', 'The server is closing.');
      cancelWork();
      cancelDrains();
    },
  };
}
