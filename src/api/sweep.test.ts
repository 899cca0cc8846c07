import { expect, test } from 'vitest';
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

test('old tombstones and former versions go, and verdicts that were unused for two sweeps; younger ones and what cannot be dated stay', async () => {
  let ring = () => {};
  /** An hour passes when the test rings. */
  const clock: Clock = {
    ...systemClock,
    wall: () => Date.parse('2026-02-01T00:00:00Z'),
    sleep: (ms, signal) =>
      ms < 3_600_000
        ? systemClock.sleep(ms, signal)
        : new Promise((resolve, reject) => {
            ring = resolve;
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
  };
  const store = createModelStore({ clock: systemClock, newId: () => 'id' });
  const put = (key: string, value: object) =>
    store.commit([], [{ op: 'put', key, value: JSON.stringify(value) }], never);
  await put('tombstones/prefixes/ipv4/203.0.113.1_32', { v: 1, at: '2026-01-01T00:00:00Z' });
  await put('tombstones/prefixes/ipv6/2001:db8::1_128', { v: 1, at: '2026-01-31T00:00:00Z' });
  await put('tombstones/announcements/shop/odd', { v: 1 });
  await put(`health/${unusedTask}`, { v: 1 });
  await put('history/announcements/shop/odd/0000000000000001', { v: 1, at: '2026-01-01T00:00:00Z' });
  await put('history/announcements/shop/odd/0000000000000002', { v: 1, at: '2026-01-03T00:00:00Z' });
  await put('history/peers/odd/0000000000000003', {});
  const heartbeat = { key: 'api/me', sentAt: () => undefined };
  const cache = createWatchCache({ store, clock, log: silentLog, random: () => 0, heartbeat });
  await cache.loaded(never);
  const inputs = createPlanningView(cache);
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
  const keys = async () => (await store.list('', {}, never)).entries.map(({ key }) => key);
  const young = [
    'history/announcements/shop/odd/0000000000000002',
    'history/peers/odd/0000000000000003',
    'tombstones/announcements/shop/odd',
    'tombstones/prefixes/ipv6/2001:db8::1_128',
  ];
  ring();
  await expect.poll(keys).toEqual([`health/${unusedTask}`, ...young]);
  await systemClock.sleep(5, never);
  ring();
  await expect.poll(keys).toEqual(young);
  await sweep.close();
  await cache.close();
  await store.close();
});
