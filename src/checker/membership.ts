/**
 * A checker among the others: its lease, its own record, its claims. It joins, keeps its lease alive, holds the shards it
 * should, and when the lease may be gone it stops everything at once and joins anew as another member.
 */
import type { Client } from '../client/client.ts';
import type { Mirror } from '../client/mirror.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type ClaimKeeper, createClaimKeeper } from './claim-keeper.ts';
import { createLeaseFile } from './lease-file.ts';
import { isWithinLease, type LeaseTimes, type SentAt, sentAt } from './lease-times.ts';
import type { HeldShard } from './ownership.ts';

/** What the record shows beside the checker's identity; counts since the last one. */
export interface Heartbeat {
  readonly tasks: number;
  readonly lagMs: number;
  readonly ok: number;
  readonly failed: number;
}

export interface MembershipOptions {
  readonly client: Client;
  readonly mirror: Mirror;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly name: string;
  readonly zone: string;
  readonly version: string;
  readonly times: LeaseTimes;
  readonly predecessorLeaseFile: string | undefined;
  readonly zonesWithTasks: () => Iterable<string>;
  readonly heartbeat: () => Heartbeat;
  readonly gained: (shards: readonly HeldShard[]) => void;
  readonly lost: (shards: readonly HeldShard[]) => void;
  /** Before chosen shards are given up, while their claims hold: stops their checks and publishes what is decided. */
  readonly releasing: (shards: readonly HeldShard[], signal: AbortSignal) => Promise<void>;
  /** Before a chosen end, while the claims still hold: stops the checks and publishes what is decided. */
  readonly leaving: () => Promise<void>;
}

export interface Membership {
  /** Id in this life; undefined while not a member. */
  readonly id: string | undefined;
  readonly state: 'apart' | 'joining' | 'ready';
  readonly shards: number;
  /** Keepalives of its leases so far. */
  readonly renewals: { readonly ok: number; readonly failed: number };
  /** How often it lost its lease. */
  readonly losses: number;
  /** Whether a probe may be sent right now. */
  mayProbe(): boolean;
  /** The claim under which the shard is held now. */
  epochOf(zone: string, shard: number): number | undefined;
  /** The API refused a verdict of that epoch: whatever the view says, the claim is gone. */
  forget(zone: string, shard: number, epoch: number): void;
  /** Resolves when it is no member any more; its keys are gone if the API could be reached within half a second. */
  readonly ended: Promise<void>;
}

const tickMs = 1_000;
const heartbeatMs = 10_000;
const leaveWithinMs = 500;

interface Life {
  readonly id: string;
  readonly lease: string;
  acknowledged: SentAt;
  ready: boolean;
}

/** Joins at once and stays until the signal is aborted. */
export function joinCheckers(options: MembershipOptions, signal: AbortSignal): Membership {
  const { client, mirror, clock, random, log, name, zone, version, times } = options;
  const rows = endpoints.components;
  const file = createLeaseFile(options.predecessorLeaseFile, log);
  const backoff = createBackoff({ random });
  let life: Life | undefined;
  let keeper: ClaimKeeper | undefined;
  let losses = 0;
  const renewals = { ok: 0, failed: 0 };

  const brief = <T>(doing: string, ms: number, caller: AbortSignal, work: (inner: AbortSignal) => Promise<T>) =>
    withDeadline(clock, ms, doing, caller, work);

  const revoke = async (lease: string, caller: AbortSignal) => {
    await brief('revoking the lease', leaveWithinMs, caller, (inner) =>
      client.call(rows.revokeLease, { params: { lease } }, inner),
    );
  };

  const join = async (): Promise<Life> => {
    const predecessor = file.read();
    if (predecessor !== undefined) {
      await revoke(predecessor, signal);
      log.info({ lease: predecessor }, 'revoked the lease of the predecessor');
    }
    const sent = sentAt(clock);
    const { lease } = await brief('asking for a lease', times.callMs, signal, (inner) =>
      client.call(rows.grantLease, { body: { ttlMs: times.ttlMs } }, inner),
    );
    file.write(lease);
    const suffix = Math.floor(random() * 0x1000000)
      .toString(16)
      .padStart(6, '0');
    return { id: `${name}-${suffix}`, lease, acknowledged: sent, ready: false };
  };

  const putRecord = async (own: Life, caller: AbortSignal): Promise<number> => {
    const state = own.ready ? 'ready' : 'joining';
    const counts = own.ready ? { ...options.heartbeat(), shards: keeper?.size ?? 0 } : {};
    const record = { v: 1, id: own.id, zone, state, version, ...counts } as const;
    const input = { params: { zone, id: own.id }, body: { lease: own.lease, record } };
    const answer = await brief("writing the checker's record", times.stopAfterMs, caller, (inner) =>
      client.call(rows.putChecker, input, inner),
    );
    return answer.createRevision;
  };

  /** Throws when the lease is gone. */
  const keepAlive = async (own: Life, caller: AbortSignal): Promise<never> => {
    for (;;) {
      await clock.sleep(times.renewMs, caller);
      const sent = sentAt(clock);
      try {
        await brief('keeping the lease alive', times.callMs, caller, (inner) =>
          client.call(rows.keepLeaseAlive, { params: { lease: own.lease } }, inner),
        );
        own.acknowledged = sent;
        renewals.ok += 1;
      } catch (error) {
        const { code, message } = toCoreBgpError(error, 'keeping the lease alive');
        if (!caller.aborted) renewals.failed += 1;
        if (caller.aborted || code === 'leaseExpired') throw error;
        log.warn({ code, detail: message }, 'a keepalive of the lease failed');
      }
    }
  };

  /** Throws when the last acknowledged keepalive is too long ago. */
  const watchDeadline = async (own: Life, caller: AbortSignal): Promise<never> => {
    for (;;) {
      if (!isWithinLease(clock, own.acknowledged, times)) {
        throw new CoreBgpError(
          'leaseExpired',
          'No keepalive was acknowledged in time; all checks stop until it has joined again.',
        );
      }
      const left = own.acknowledged.now + times.stopAfterMs - clock.now();
      await clock.sleep(Math.min(left, tickMs), caller);
    }
  };

  const takePart = async (own: Life, caller: AbortSignal): Promise<never> => {
    const incarnation = await putRecord(own, caller);
    await mirror.synced(caller);
    own.ready = true;
    await sameIncarnation(own, incarnation, caller);
    log.info({ id: own.id, zone }, 'the checker is ready');
    backoff.reset();
    const self = { id: own.id, zone, incarnation, lease: own.lease };
    const mine = createClaimKeeper({ ...options, self });
    keeper = mine;
    const pause = createBackoff({ random, longestMs: 2 * tickMs });
    let beat = clock.now() + heartbeatMs;
    for (;;) {
      try {
        await mine.settle(caller);
        if (clock.now() >= beat) {
          await sameIncarnation(own, incarnation, caller);
          beat = clock.now() + heartbeatMs;
        }
        pause.reset();
      } catch (error) {
        // A call that failed proves nothing about the lease: as long as that is kept alive the checks go on.
        const { code, message, retryAfterMs } = toCoreBgpError(error, 'holding the claims');
        if (caller.aborted || code === 'fenced' || code === 'leaseExpired') throw error;
        const wait = pause.next(retryAfterMs);
        log.warn(
          { code, detail: message, retryInMs: Math.round(wait) },
          'claims or heartbeat failed; the checks go on',
        );
        await clock.sleep(wait, caller);
        continue;
      }
      await mine.changed(tickMs, caller);
    }
  };

  const sameIncarnation = async (own: Life, incarnation: number, caller: AbortSignal) => {
    const now = await putRecord(own, caller);
    if (now === incarnation) return;
    throw new CoreBgpError('fenced', `The record of checker "${own.id}" went away and came back as ${now}.`);
  };

  /** Resolves with what ended it; everything it started has ended, too. */
  const live = async (own: Life): Promise<unknown> => {
    const controller = new AbortController();
    const pass = () => controller.abort(signal.reason);
    signal.addEventListener('abort', pass, { once: true });
    if (signal.aborted) pass();
    const parts = [keepAlive, watchDeadline, takePart].map((part) => part(own, controller.signal));
    const reason = await Promise.race(parts).catch((error: unknown) => error);
    if (signal.aborted) await prepareToLeave();
    controller.abort(reason);
    // From here on nothing of this life counts, though its calls may still be on their way.
    const shards = keeper?.close() ?? [];
    keeper = undefined;
    life = undefined;
    options.lost(shards);
    signal.removeEventListener('abort', pass);
    await Promise.allSettled(parts);
    return reason;
  };

  const prepareToLeave = async () => {
    try {
      await options.leaving();
    } catch (error) {
      const { code, message } = toCoreBgpError(error, 'publishing the last verdicts');
      log.warn({ code, detail: message }, 'not every verdict could be published before the end');
    }
  };

  const leave = async (own: Life) => {
    try {
      await revoke(own.lease, new AbortController().signal);
      file.remove();
    } catch (error) {
      const { code, message } = toCoreBgpError(error, 'revoking the lease');
      log.warn({ code, detail: message, ttlMs: times.ttlMs }, 'the lease could not be revoked and will run out');
    }
  };

  const run = async () => {
    while (!signal.aborted) {
      let failure: unknown;
      try {
        const own = await join();
        life = own;
        failure = await live(own);
        await leave(own);
        if (!signal.aborted) losses += 1;
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) return;
      const { code, message, retryAfterMs } = toCoreBgpError(failure, 'taking part as a checker');
      const wait = backoff.next(retryAfterMs);
      log.warn({ code, detail: message, retryInMs: Math.round(wait) }, 'the checker is apart and joins again');
      // Sleep fails only by the signal, which ends the loop.
      await clock.sleep(wait, signal).catch(() => undefined);
    }
  };

  return {
    get id() {
      return life?.id;
    },
    get state() {
      return life === undefined ? 'apart' : life.ready ? 'ready' : 'joining';
    },
    get shards() {
      return keeper?.size ?? 0;
    },
    renewals,
    get losses() {
      return losses;
    },
    mayProbe: () => life !== undefined && isWithinLease(clock, life.acknowledged, times),
    epochOf: (inZone, shard) => keeper?.epochOf(inZone, shard),
    forget: (inZone, shard, epoch) => keeper?.forget(inZone, shard, epoch),
    ended: run(),
  };
}
