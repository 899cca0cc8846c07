import { expect, test } from 'vitest';
import { breathe } from '../runtime/breathe.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { createModelStore } from '../store/model-store.ts';
import type { ApiContext } from './context.ts';
import { createPins } from './pins.ts';
import { createPlanningView } from './planning-view.ts';
import { createLineSlots } from './slots.ts';
import { createStatusHub } from './status-hub.ts';
import { startSweep } from './sweep.ts';
import { createTurns } from './turns.ts';
import { createWatchCache } from './watch-cache.ts';

const never = new AbortController().signal;
const unusedTask = 'a'.repeat(32);

/** Over a store that holds this when the server begins. An hour passes when the test rings. */
async function start(records: Readonly<Record<string, object>>, more: Partial<Clock> = {}) {
  let ring = () => {};
  let isFresh = true;
  let hours = 0;
  const clock: Clock = {
    ...systemClock,
    ...more,
    wall: () => Date.parse('2026-02-01T00:00:00Z'),
    sleep: (ms, signal) => {
      if (ms < 3_600_000) return systemClock.sleep(ms, signal);
      hours += 1;
      return new Promise((resolve, reject) => {
        ring = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  for (const [key, value] of Object.entries(records)) {
    await store.commit([], [{ op: 'put', key, value: JSON.stringify(value) }], never);
  }
  const heartbeat = { key: 'api/me', sentAt: () => undefined };
  const own = createWatchCache({ store, clock: systemClock, log: silentLog, random: () => 0, heartbeat });
  await own.loaded(never);
  const cache = { ...own, isFresh: () => isFresh };
  const inputs = createPlanningView(own);
  const context: ApiContext = {
    store,
    cache,
    inputs,
    statuses: createStatusHub({ cache, inputs, clock, log: silentLog, heartbeatKey: heartbeat.key }),
    turns: createTurns(),
    pins: createPins(clock, () => 'id'),
    lineSlots: createLineSlots(),
    clock,
    log: silentLog,
    newId: () => 'id',
    serverId: 'me',
    version: '0',
  };
  const sweep = startSweep(context);
  return {
    store,
    cache: own,
    fresh: (value: boolean) => {
      isFresh = value;
    },
    /** @returns how often everything else got its turn until the sweep was done. */
    hour: async () => {
      const before = hours;
      ring();
      let turns = 0;
      for (; hours === before; turns += 1) await breathe();
      return turns;
    },
    keys: async () => (await store.list('', {}, never)).entries.map(({ key }) => key),
    close: async () => {
      await sweep.close();
      await own.close();
      await store.close();
    },
  };
}

test('old tombstones and former versions go, and verdicts that were unused for two sweeps; younger ones and what cannot be dated stay', async () => {
  const { hour, keys, close } = await start({
    'tombstones/prefixes/ipv4/203.0.113.1_32': { v: 1, at: '2026-01-01T00:00:00Z' },
    'tombstones/prefixes/ipv6/2001:db8::1_128': { v: 1, at: '2026-01-31T00:00:00Z' },
    'tombstones/announcements/shop/odd': { v: 1 },
    [`health/${unusedTask}`]: { v: 1 },
    'history/announcements/shop/odd/0000000000000001': { v: 1, at: '2026-01-01T00:00:00Z' },
    'history/announcements/shop/odd/0000000000000002': { v: 1, at: '2026-01-03T00:00:00Z' },
    'history/peers/odd/0000000000000003': {},
  });
  const young = [
    'history/announcements/shop/odd/0000000000000002',
    'history/peers/odd/0000000000000003',
    'tombstones/announcements/shop/odd',
    'tombstones/prefixes/ipv6/2001:db8::1_128',
  ];
  await hour();
  expect(await keys()).toEqual([`health/${unusedTask}`, ...young]);
  await hour();
  expect(await keys()).toEqual(young);
  await close();
});

test("while the server's copy is not fresh nothing goes, and an hour without use is counted anew afterwards", async () => {
  const tombstone = 'tombstones/prefixes/ipv6/2001:db8::1_128';
  const verdict = `health/${unusedTask}`;
  const { hour, keys, fresh, close } = await start({
    [verdict]: { v: 1 },
    [tombstone]: { v: 1, at: '2026-01-01T00:00:00Z' },
  });
  fresh(false);
  await hour();
  expect(await keys()).toEqual([verdict, tombstone]);
  fresh(true);
  await hour();
  fresh(false);
  await hour();
  fresh(true);
  await hour();
  expect(await keys()).toEqual([verdict]);
  await hour();
  expect(await keys()).toEqual([]);
  await close();
});

test('many tombstones are looked at in slices, so that everything else gets its turn', async () => {
  let now = 0;
  const many = Array.from({ length: 2_000 }, (_, index) => index);
  const tombstones = many.map((index) => [
    `tombstones/prefixes/ipv6/2001:db8::${index.toString(16)}_128`,
    { v: 1, at: '2026-01-31T00:00:00Z' },
  ]);
  const { hour, keys, close } = await start(Object.fromEntries(tombstones), {
    // Each look at it takes its time.
    now: () => {
      now += 1;
      return now;
    },
  });
  expect(await hour()).toBeGreaterThan(5);
  expect(await keys()).toHaveLength(many.length);
  await close();
});
