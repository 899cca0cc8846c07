/**
 * Objects with their status, as they change: the status view of the watch, followed for as long as wanted. When the
 * connection breaks it connects again and hands out what differs from what it had handed out before.
 */
import type { StatusCollection, StreamMessage, WatchedObject, WatchedRef } from '../contract/stream.ts';
import { CoreBgpError, type ErrorCode, isErrorCode, toCoreBgpError } from '../model/errors.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Transport } from './transport.ts';

export interface StatusWatchOptions {
  readonly transport: Transport;
  readonly collections: readonly StatusCollection[];
  /** Only announcements of this project; then `collections` has that one only. */
  readonly project?: string;
  /** Only this object; then `collections` has one only, and an announcement needs its project. */
  readonly name?: string;
  readonly clock: Clock;
  /** Numbers in [0, 1), for the jitter of reconnects. */
  readonly random: () => number;
}

/**
 * - `changes`: objects that differ from what was handed out of them before, and names of those that are gone.
 * - `synced`: what was handed out so far is the state as of `revision`; after each connect.
 * - `broken`: the connection broke; the next attempt comes by itself.
 */
export type StatusEvent =
  | { readonly type: 'changes'; readonly put: readonly WatchedObject[]; readonly deleted: readonly WatchedRef[] }
  | { readonly type: 'synced'; readonly revision: number }
  | { readonly type: 'broken'; readonly error: CoreBgpError; readonly retryInMs: number };

/** What waiting and asking again may heal. */
const passing: readonly ErrorCode[] = ['unavailable', 'timeout', 'limited', 'compacted', 'internal'];

/** @throws CoreBgpError what no waiting heals (`invalid`, `forbidden`, …); the signal's reason when it is aborted. */
export async function* watchStatus(
  options: StatusWatchOptions,
  signal: AbortSignal,
): AsyncGenerator<StatusEvent, never> {
  const { transport, collections, project, name, clock, random } = options;
  const query = {
    view: 'status',
    kinds: collections.join(),
    ...(project === undefined ? {} : { project }),
    ...(name === undefined ? {} : { name }),
  };
  const backoff = createBackoff({ random });
  const known = createKnown();
  for (;;) {
    let error: CoreBgpError;
    try {
      known.restart();
      for await (const message of transport.stream({ endpoint: 'watch', params: {}, query, headers: {} }, signal)) {
        if (message.type === 'synced') backoff.reset();
        yield* known.take(message);
      }
      signal.throwIfAborted();
      error = new CoreBgpError('unavailable', 'The API server ended the watch stream.');
    } catch (caught) {
      signal.throwIfAborted();
      error = toCoreBgpError(caught, 'watching the status');
      if (!passing.includes(error.code)) throw error;
    }
    const retryInMs = Math.round(backoff.next(error.retryAfterMs));
    yield { type: 'broken', error, retryInMs };
    await clock.sleep(retryInMs, signal);
  }
}

/** What was handed out, so that a new connection's state tells what changed and what has gone since the last one. */
function createKnown() {
  const texts = new Map<string, { readonly ref: WatchedRef; readonly text: string }>();
  let unseen = new Set<string>();

  const differing = (objects: readonly WatchedObject[]) =>
    objects.filter((object) => {
      const ref = refOf(object);
      const key = keyOf(ref);
      const text = JSON.stringify(object);
      unseen.delete(key);
      if (texts.get(key)?.text === text) return false;
      texts.set(key, { ref, text });
      return true;
    });

  const gone = (refs: readonly WatchedRef[]) => refs.filter((ref) => texts.delete(keyOf(ref)));

  return {
    restart: () => {
      unseen = new Set(texts.keys());
    },
    take: function* (message: StreamMessage): Iterable<StatusEvent> {
      switch (message.type) {
        case 'objects': {
          const put = differing(message.resources);
          if (put.length > 0) yield { type: 'changes', put, deleted: [] };
          return;
        }
        case 'synced': {
          const deleted = gone([...unseen].flatMap((key) => texts.get(key)?.ref ?? []));
          unseen.clear();
          if (deleted.length > 0) yield { type: 'changes', put: [], deleted };
          yield { type: 'synced', revision: message.revision };
          return;
        }
        case 'updates': {
          const put = differing(message.put);
          const deleted = gone(message.deleted);
          if (put.length + deleted.length > 0) yield { type: 'changes', put, deleted };
          return;
        }
        case 'error':
          throw new CoreBgpError(isErrorCode(message.code) ? message.code : 'unavailable', message.detail);
        case 'bookmark':
          return;
        default:
          throw new CoreBgpError('internal', `The API server sent "${message.type}" where objects were asked for.`);
      }
    },
  };
}

function refOf({ kind, metadata: { name, project } }: WatchedObject): WatchedRef {
  return project === undefined ? { kind, name } : { kind, project, name };
}

/** No name has a slash. */
function keyOf({ kind, project = '', name }: WatchedRef): string {
  return `${kind}/${project}/${name}`;
}
