/** The server's own key, written every 5 s on its own lease: seen back through the store's watch it proves the cache fresh. */
import { bookmarkEveryMs } from '../contract/stream.ts';
import { toCoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';

export interface Heartbeat {
  readonly key: string;
  /** When the heartbeat with this value was sent, on the monotonic clock; undefined for one of before. */
  sentAt(value: unknown): number | undefined;
  /** Stops, and takes the key away. */
  close(): Promise<void>;
}

/** Longer than a store may be away without the server being forgotten. */
const leaseMs = 30_000;
const beatWithinMs = 4_000;
const remembered = 10;

export const heartbeatKey = (serverId: string): string => `api/${serverId}`;

export function startHeartbeat(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  readonly version: string;
}): Heartbeat {
  const { store, clock, log, serverId, version } = options;
  const key = heartbeatKey(serverId);
  const controller = new AbortController();
  const { signal } = controller;
  const sent = new Map<number, number>();
  let lease: string | undefined;
  let beat = 0;

  const beatOnce = async (inner: AbortSignal) => {
    if (lease === undefined) lease = (await store.grantLease(leaseMs, inner)).lease;
    else await store.keepLeaseAlive(lease, inner);
    beat += 1;
    sent.set(beat, clock.now());
    sent.delete(beat - remembered);
    const value = JSON.stringify({ v: 1, serverId, version, beat, at: isoTime(clock) });
    await store.commit([], [{ op: 'put', key, value, lease }], inner);
  };

  const run = async () => {
    while (!signal.aborted) {
      try {
        await withDeadline(clock, beatWithinMs, 'writing the heartbeat', signal, beatOnce);
      } catch (caught) {
        if (signal.aborted) return;
        const error = toCoreBgpError(caught, 'writing the heartbeat');
        if (error.code === 'leaseExpired') lease = undefined;
        log.warn({ code: error.code, detail: error.message }, 'the heartbeat could not be written');
      }
      await clock.sleep(bookmarkEveryMs, signal).catch(() => {});
    }
  };
  const running = run();

  return {
    key,
    sentAt: (value) => {
      if (typeof value !== 'object' || value === null || !('beat' in value)) return undefined;
      return typeof value.beat === 'number' ? sent.get(value.beat) : undefined;
    },
    close: async () => {
      controller.abort();
      await running;
      const last = lease;
      if (last === undefined) return;
      try {
        await withDeadline(clock, 1_000, 'ending the heartbeat', new AbortController().signal, (inner) =>
          store.revokeLease(last, inner),
        );
      } catch (error) {
        log.debug({ error: String(error) }, 'the lease of the heartbeat was left to expire');
      }
    },
  };
}
