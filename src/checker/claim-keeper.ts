/** The claims of one member: compares what it should hold with what it sees, claims, releases, and notices what it lost. */
import { Compile } from 'typebox/compile';
import type { Client } from '../client/client.ts';
import type { Mirror, Snapshot } from '../client/mirror.ts';
import { mostClaims } from '../contract/component-endpoints.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CheckerRecord } from '../model/checker.ts';
import { toCoreBgpError } from '../model/errors.ts';
import { claimKey } from '../model/health.ts';
import { decodeClaim } from '../planning/decode.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type ClaimView, type HeldShard, isGone, type Member, planOwnership, type Shard } from './ownership.ts';

export interface ClaimKeeperOptions {
  readonly client: Client;
  readonly mirror: Mirror;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: Member & { readonly incarnation: number; readonly lease: string };
  readonly zonesWithTasks: () => Iterable<string>;
  readonly gained: (shards: readonly HeldShard[]) => void;
  readonly lost: (shards: readonly HeldShard[]) => void;
  /** Given up by choice, while their claims still hold: stops their checks at once, publishes what is decided. */
  readonly releasing: (shards: readonly HeldShard[], signal: AbortSignal) => Promise<void>;
}

export interface ClaimKeeper {
  readonly size: number;
  epochOf(zone: string, shard: number): number | undefined;
  forget(zone: string, shard: number, epoch: number): void;
  /**
   * One round: drops what it lost, releases what others should have, claims what is free.
   * @throws CoreBgpError `fenced` or `leaseExpired` when the membership is over; any other of a call that failed: what it
   *   holds it holds still, and the next round does the rest.
   */
  settle(signal: AbortSignal): Promise<void>;
  /** Resolves when members, claims or zones changed since the last round began, or after `ms`. */
  changed(ms: number, signal: AbortSignal): Promise<void>;
  /** Holds nothing from now on. @returns what it held. */
  close(): readonly HeldShard[];
}

/** An older view takes no new claims. */
const mostViewAgeMs = 10_000;
const checkerValidator = Compile(CheckerRecord);

export function createClaimKeeper(options: ClaimKeeperOptions): ClaimKeeper {
  const { client, mirror, clock, log, self } = options;
  const held = new Map<string, HeldShard>();
  const released = new Map<string, number>();
  /** Given up here, but the API hasn't said that they are gone: nobody else can have them before. */
  const unreleased = new Map<string, HeldShard>();
  let isClosed = false;
  let hasChanged = false;
  let wake = () => {};
  let zones = '';
  const stopListening = mirror.onChange((keys) => {
    const nowZones = [...options.zonesWithTasks()].sort().join();
    if (nowZones === zones && !keys.some((key) => key.startsWith('claims/') || key.startsWith('checkers/'))) return;
    zones = nowZones;
    hasChanged = true;
    // At once, not in the next round: no probe may be sent for a claim that is known to be gone.
    const snapshot = mirror.snapshot();
    if (snapshot !== undefined) drop(keys.flatMap((key) => goneUnder(key, snapshot)));
    wake();
  });

  const goneUnder = (key: string, { entries, revision }: Snapshot): readonly HeldShard[] => {
    const known = held.get(key);
    return known !== undefined && isGone(known, entries.get(key)?.createRevision, revision) ? [known] : [];
  };

  const planFor = (snapshot: Snapshot) =>
    planOwnership({
      self,
      members: readyMembers(snapshot),
      zonesWithTasks: options.zonesWithTasks(),
      claims: claimsOf(snapshot),
      revision: snapshot.revision,
      held,
      released,
    });

  const take = (shards: readonly HeldShard[]) => {
    if (isClosed) return;
    for (const one of shards) held.set(claimKey(one.zone, one.shard), one);
    if (shards.length > 0) options.gained(shards);
  };

  const strike = (shards: readonly HeldShard[]) => {
    for (const { zone, shard, epoch } of shards) {
      held.delete(claimKey(zone, shard));
      released.set(claimKey(zone, shard), epoch);
    }
  };

  const drop = (shards: readonly HeldShard[]) => {
    strike(shards);
    if (shards.length > 0) options.lost(shards);
  };

  /** Stops their probes, and has their verdicts published, before the claims end. */
  const prepareRelease = async (shards: readonly HeldShard[], signal: AbortSignal) => {
    if (shards.length === 0) return;
    strike(shards);
    for (const one of shards) unreleased.set(claimKey(one.zone, one.shard), one);
    try {
      await options.releasing(shards, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = toCoreBgpError(error, 'publishing the last verdicts');
      log.warn({ code, detail: message }, 'not every verdict could be published before its claim is released');
    }
  };

  const call = async (claim: readonly Shard[], release: readonly HeldShard[], signal: AbortSignal) => {
    const { lease, id, zone, incarnation } = self;
    const body = { lease, checker: { zone, id }, incarnation, claim: [...claim], release: [...release] };
    return await client.call(endpoints.components.claims, { body }, signal);
  };

  return {
    get size() {
      return held.size;
    },
    epochOf: (zone, shard) => held.get(claimKey(zone, shard))?.epoch,
    forget: (zone, shard, epoch) => {
      const known = held.get(claimKey(zone, shard));
      if (known?.epoch !== epoch) return;
      log.warn({ zone, shard, epoch }, 'the claim of a shard is gone');
      drop([known]);
    },
    settle: async (signal) => {
      hasChanged = false;
      const snapshot = mirror.snapshot();
      if (snapshot === undefined || mirror.ageMs() > mostViewAgeMs) return;
      const { lost, adopt, release, claim } = planFor(snapshot);
      drop(lost);
      take(adopt);
      for (const [key, one] of unreleased) {
        if (isGone(one, snapshot.entries.get(key)?.createRevision, snapshot.revision)) unreleased.delete(key);
      }
      await prepareRelease(release, signal);
      for (const batch of batches([...unreleased.values()])) {
        await call([], batch, signal);
        for (const { zone, shard } of batch) unreleased.delete(claimKey(zone, shard));
      }
      for (const batch of batches(claim)) {
        const { claimed } = await call(batch, [], signal);
        take(claimed);
      }
    },
    changed: async (ms, signal) => {
      if (hasChanged) return;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const cancel = clock.after(ms, wake);
      await rejectOnAbort(changed, signal).finally(cancel);
    },
    close: () => {
      isClosed = true;
      stopListening();
      const all = [...held.values()];
      held.clear();
      return all;
    },
  };
}

function readyMembers(snapshot: Snapshot): readonly Member[] {
  return [...snapshot.under('checkers').values()].flatMap(({ value }) =>
    checkerValidator.Check(value) && value.state === 'ready' ? [{ id: value.id, zone: value.zone }] : [],
  );
}

function claimsOf(snapshot: Snapshot): ReadonlyMap<string, ClaimView | 'unreadable'> {
  const claims = new Map<string, ClaimView | 'unreadable'>();
  for (const [key, { value, createRevision: epoch }] of snapshot.under('claims')) {
    const decoded = decodeClaim(value);
    claims.set(key, decoded.ok ? { ...decoded.record, epoch } : 'unreadable');
  }
  return claims;
}

function batches<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / mostClaims) }, (_, index) =>
    items.slice(index * mostClaims, (index + 1) * mostClaims),
  );
}
