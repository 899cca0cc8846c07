/**
 * Which shards a checker should hold, as a pure function of what it sees. Every checker reaches the same answer about
 * zones by itself; about a free shard whoever claims first wins, for the store grants a claim only once.
 */
import { claimKey, shardCount } from '../model/health.ts';

export interface Member {
  readonly id: string;
  readonly zone: string;
}

export interface Shard {
  readonly zone: string;
  readonly shard: number;
}

export interface HeldShard extends Shard {
  /** Create-revision of the claim. */
  readonly epoch: number;
}

export interface ClaimView {
  readonly holder: string;
  /** Create-revision of the holder's record. */
  readonly incarnation: number;
  /** Create-revision of the claim. */
  readonly epoch: number;
}

export interface OwnershipView {
  readonly self: Member & { readonly incarnation: number };
  /** The ready ones; whether `self` is among them makes no difference. */
  readonly members: readonly Member[];
  readonly zonesWithTasks: Iterable<string>;
  /** By claimKey, as seen at `revision`. `unreadable`: somebody has it, whoever that is. */
  readonly claims: ReadonlyMap<string, ClaimView | 'unreadable'>;
  /** Store revision of the view. */
  readonly revision: number;
  /** By claimKey: what the checker knows to be its own; may be ahead of the view. */
  readonly held: ReadonlyMap<string, HeldShard>;
  /** By claimKey: the epoch of the claim it last gave up; the view may still show that claim. */
  readonly released: ReadonlyMap<string, number>;
}

export interface OwnershipPlan {
  /** Free shards it should have. */
  readonly claim: readonly Shard[];
  /** Shards it has and another should. */
  readonly release: readonly HeldShard[];
  /** Its own though it didn't know: the answer to its claim was lost. */
  readonly adopt: readonly HeldShard[];
  /** No longer its own, whatever it believed. */
  readonly lost: readonly HeldShard[];
}

/** Its own zone, and every zone with tasks that has no ready checker of its own. */
function zonesToServe({ self, members, zonesWithTasks }: OwnershipView): ReadonlySet<string> {
  const manned = new Set(members.map(({ zone }) => zone));
  return new Set([self.zone, ...[...zonesWithTasks].filter((zone) => !manned.has(zone))]);
}

export function planOwnership(view: OwnershipView): OwnershipPlan {
  const { self, claims, revision, held, released } = view;
  const serves = zonesToServe(view);
  const epochs = (key: string): number | undefined => {
    const claim = claims.get(key);
    return claim === 'unreadable' ? undefined : claim?.epoch;
  };
  const [lost, kept] = split([...held.values()], (one) => isGone(one, epochs(claimKey(one.zone, one.shard)), revision));
  const adopt = [...claims].flatMap(([key, claim]) => {
    if (claim === 'unreadable' || claim.holder !== self.id || claim.incarnation !== self.incarnation) return [];
    const shard = shardOfKey(key);
    const known = Math.max(held.get(key)?.epoch ?? 0, released.get(key) ?? 0);
    return shard !== undefined && known < claim.epoch ? [{ ...shard, epoch: claim.epoch }] : [];
  });
  const own = new Set([...kept, ...adopt].map(({ zone, shard }) => claimKey(zone, shard)));
  const claim = [...serves].flatMap((zone) =>
    allShards.flatMap((shard) => {
      const key = claimKey(zone, shard);
      return claims.has(key) || own.has(key) ? [] : [{ zone, shard }];
    }),
  );
  return { claim, release: [...kept, ...adopt].filter(({ zone }) => !serves.has(zone)), adopt, lost };
}

/** @param seen epoch of the claim that the view of `revision` has there. An older view than the claim proves nothing. */
export function isGone({ epoch }: HeldShard, seen: number | undefined, revision: number): boolean {
  return revision >= epoch && seen !== epoch;
}

const allShards = Array.from({ length: shardCount }, (_, shard) => shard);

function shardOfKey(key: string): Shard | undefined {
  const [, zone, number] = key.split('/');
  const shard = Number(number);
  return zone !== undefined && Number.isInteger(shard) && shard < shardCount ? { zone, shard } : undefined;
}

function split<Item>(items: readonly Item[], test: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
