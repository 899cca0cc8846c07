/** The status view within the process, over the model store, and readers who take its messages one by one. */

import type { CacheMessage } from '../../src/api/cached.ts';
import { createPlanningView } from '../../src/api/planning-view.ts';
import type { StatusFilter } from '../../src/api/status-filter.ts';
import { createStatusHub, type StatusHub } from '../../src/api/status-hub.ts';
import { createWatchCache } from '../../src/api/watch-cache.ts';
import type { WatchedObject, WatchedRef } from '../../src/contract/stream.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createModelStore } from '../../src/store/model-store.ts';
import { never } from './api.ts';

/** Waits are short, so that coalescing doesn't take the test's time. */
const quickClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal),
  after: (ms, call) => systemClock.after(Math.min(ms, 1), call),
};

/** @param most streams at a time. */
export async function startStatusHub(most = 500) {
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  const heartbeat = { key: 'api/me', sentAt: () => systemClock.now() };
  const cache = createWatchCache({ store, clock: quickClock, log: silentLog, random: () => 0, heartbeat });
  const inputs = createPlanningView(cache, {
    changed: (key, affected) => hub.changed(key, affected),
    failed: (error) => hub.failed(error),
  });
  const context = { cache, inputs, clock: quickClock };
  const hub = createStatusHub({ ...context, log: silentLog, heartbeatKey: heartbeat.key, mostStreams: most });
  await cache.loaded(never);
  const close = async () => {
    hub.close();
    await cache.close();
    await store.close();
  };
  return { store, cache, hub, context, close };
}

/** What one reader knows, and what it was sent of each object. */
export function statusReader(hub: StatusHub, filter: StatusFilter) {
  const controller = new AbortController();
  const stream = hub.watch(filter, controller.signal);
  const objects = new Map<string, WatchedObject>();
  const sent: string[] = [];
  const repeated: string[] = [];
  const keyOf = ({ kind, project, name }: WatchedRef) => `${kind} ${project ?? ''} ${name}`;
  const put = (object: WatchedObject) => {
    const key = keyOf({ kind: object.kind, ...object.metadata });
    const known = objects.get(key);
    if (known !== undefined && comparable(known) === comparable(object)) repeated.push(key);
    objects.set(key, object);
    sent.push(key);
  };
  const take = (message: CacheMessage) => {
    if (message.type === 'objects') for (const { resource } of message.objects) put(resource);
    if (message.type !== 'updates') return;
    for (const { resource } of message.put) put(resource);
    for (const ref of message.deleted) objects.delete(keyOf(ref));
  };
  let pending: Promise<IteratorResult<CacheMessage, void>> | undefined;
  /** The next message, if there is one soon. */
  const next = async (): Promise<CacheMessage | undefined> => {
    pending ??= stream.next();
    const quiet = systemClock.sleep(30, never).then(() => undefined);
    const found = await Promise.race([pending, quiet]);
    if (found === undefined || found.done === true) return undefined;
    pending = undefined;
    take(found.value);
    return found.value;
  };
  const close = async () => {
    controller.abort();
    await pending;
    await stream.return();
  };
  return {
    objects,
    sent,
    repeated,
    next,
    close,
    drain: async () => {
      while ((await next()) !== undefined);
    },
  };
}

/** As people see it: how far a speaker is shows in nothing else. */
export function comparable(object: WatchedObject): string {
  return JSON.stringify(object).replace(/"appliedRevision":\d+/g, '');
}
