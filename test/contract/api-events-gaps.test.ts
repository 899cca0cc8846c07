/** Events of several servers over one store, of which one has not seen all that happened: nothing is lost unsaid, nothing is written twice. */
import { afterEach, expect, test } from 'vitest';
import { type EventLogLimits, startEventLog } from '../../src/api/events-log.ts';
import { createPlanningView } from '../../src/api/planning-view.ts';
import { createWatchCache } from '../../src/api/watch-cache.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createModelStore, type ModelStore } from '../../src/store/model-store.ts';
import type { Store } from '../../src/store/store.ts';
import { never } from '../rig/api.ts';

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

const limits: EventLogLimits = { waiting: 400, perCommit: 10, kept: 1_000, everyMs: 100, standstillMs: 60_000 };

interface Server {
  close(): Promise<void>;
  /** Its watch breaks, and what it missed can't be had one by one. */
  loseTrack(): void;
  /** The revision up to which it has everything. */
  revision(): number;
}

async function startServer(store: ModelStore, serverId: string, more: Partial<EventLogLimits> = {}): Promise<Server> {
  const key = `api/${serverId}`;
  await store.commit([], [{ op: 'put', key, value: '{}' }], never);
  let lost = new AbortController();
  const watched: Store = {
    ...store,
    watch: (prefix, from, signal) => store.watch(prefix, from, AbortSignal.any([signal, lost.signal])),
  };
  const heartbeat = { key, sentAt: () => systemClock.now() };
  const cache = createWatchCache({ store: watched, clock: systemClock, log: silentLog, random: () => 0, heartbeat });
  const inputs = createPlanningView(cache);
  const own = { store: watched, cache, inputs, clock: systemClock, log: silentLog, serverId };
  const log = startEventLog(own, { ...limits, ...more });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= log.close().then(() => cache.close());
    return closed;
  };
  closing.push(close);
  await cache.loaded(never);
  return {
    close,
    revision: () => cache.position()?.revision ?? 0,
    loseTrack: () => {
      const broken = lost;
      lost = new AbortController();
      broken.abort(new CoreBgpError('compacted', 'It is forgotten (by the test).'));
    },
  };
}

const newStore = () => createModelStore({ clock: systemClock, newId: () => 'id' });
let made = 0;
async function create(store: Store, count = 1): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    made += 1;
    await store.commit([], [{ op: 'put', key: `announcements/shop/a${made}`, value: '{"v":1}' }], never);
  }
}

interface Told {
  readonly objects: readonly string[];
  readonly leftOut: readonly { readonly reason: string; readonly message: string; readonly count?: number }[];
}
async function told(store: Store): Promise<Told> {
  const { entries } = await store.list('events/', {}, never);
  expect(entries.filter((one) => one.createRevision !== one.modRevision)).toEqual([]);
  const records = entries.map(({ value }) => JSON.parse(value));
  return {
    objects: records.flatMap(({ object }) => (object === undefined ? [] : [object])),
    leftOut: records.filter(({ kind }) => kind === 'leftOut'),
  };
}
const objects = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `shop/a${from + index}`);

test('a server that starts leaves the others what they have to write', async () => {
  const store = newStore();
  await startServer(store, 'a');
  const from = made + 1;
  await create(store, 200);
  await expect.poll(async () => (await told(store)).objects.length).toBeGreaterThan(0);
  await startServer(store, 'b', { everyMs: 0 });
  await create(store);
  await expect.poll(async () => (await told(store)).objects.length, { timeout: 20_000 }).toBe(201);
  expect(await told(store)).toEqual({ objects: objects(from, made), leftOut: [] });
});

test('a server that had to load anew leaves the others what they have to write', async () => {
  const store = newStore();
  await startServer(store, 'a');
  const b = await startServer(store, 'b', { everyMs: 0 });
  const from = made + 1;
  b.loseTrack();
  await create(store, 150);
  const { revision } = await store.status(never);
  await expect.poll(() => b.revision(), { interval: 5 }).toBeGreaterThanOrEqual(revision);
  expect((await told(store)).objects.length).toBeLessThan(120);
  await create(store);
  await expect.poll(async () => (await told(store)).objects.length, { timeout: 20_000 }).toBe(151);
  await create(store);
  await expect.poll(async () => (await told(store)).objects.length, { timeout: 20_000 }).toBe(152);
  expect(await told(store)).toEqual({ objects: objects(from, made), leftOut: [] });
});

test('one that has been there for long, while nothing happened, says nothing of a gap', async () => {
  const store = newStore();
  await startServer(store, 'a', { everyMs: 300 });
  await create(store);
  await expect.poll(async () => (await told(store)).objects.length).toBe(1);
  await store.commit([], [{ op: 'put', key: 'checkers/default/c', value: '{}' }], never);
  await expect.poll(async () => (await told(store)).objects.length).toBe(2);
  await store.commit([], [{ op: 'put', key: 'api/a', value: '{"beat":2}' }], never);
  await startServer(store, 'b', { everyMs: 0, standstillMs: 2_000 });
  await systemClock.sleep(2_500, never);
  await create(store);
  await expect.poll(async () => (await told(store)).objects.length).toBe(3);
  expect((await told(store)).leftOut).toEqual([]);
});

test.each([
  ['that writes no more', false, 500],
  ['that is gone', true, 60_000],
])('what a server %s had to write is said to be missing', async (_, isGone, standstillMs) => {
  const store = newStore();
  const a = await startServer(store, 'a', { everyMs: 60_000 });
  const from = made + 1;
  await create(store, 30);
  await expect.poll(async () => (await told(store)).objects.length).toBeGreaterThan(0);
  await a.close();
  const written = (await told(store)).objects;
  const { revision } = await store.status(never);
  await startServer(store, 'b', { standstillMs });
  await create(store, 2);
  if (isGone) await store.commit([], [{ op: 'delete', key: 'api/a' }], never);
  const last = objects(made - 1, made);
  await expect.poll(async () => (await told(store)).objects, { timeout: 10_000 }).toEqual([...written, ...last]);
  expect(written).toEqual(objects(from, from + written.length - 1));
  const { leftOut } = await told(store);
  expect(leftOut).toMatchObject([{ reason: 'notSeen', message: expect.stringContaining('is not known') }]);
  expect(leftOut[0]).not.toHaveProperty('count');
  // Its own key is the one revision between.
  expect(leftOut[0]?.message).toContain(`up to revision ${revision + 1} `);
  const ids = (await store.list('events/', {}, never)).entries.map(({ key }) => key);
  expect(ids.indexOf(`events/${String(revision + 1).padStart(16, '0')}-999`)).toBe(written.length);
});
