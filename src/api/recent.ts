/** The last revisions, so that a stream that broke can go on where it was. Bounded by their number and their size. */
import { type CacheRevision, changesMessage } from './cached.ts';

export interface Recent {
  add(revision: CacheRevision): void;
  /** Forgets everything up to and including the revision. */
  restart(revision: number): void;
  /** What came after `revision`; undefined when part of it is no longer held. */
  after(revision: number): readonly CacheRevision[] | undefined;
}

export interface RecentLimits {
  readonly revisions: number;
  /** Of their JSON text, characters. */
  readonly size: number;
}

export function createRecent(limits: RecentLimits): Recent {
  let held: { readonly revision: CacheRevision; readonly size: number }[] = [];
  /** Index of the first that counts: dropping from the front of an array each time would cost its length. */
  let first = 0;
  let size = 0;
  /** Every revision above this one that touched a key is held. */
  let floor = Number.POSITIVE_INFINITY;

  const drop = () => {
    const dropped = held[first];
    if (dropped === undefined) return;
    floor = dropped.revision.revision;
    size -= dropped.size;
    first += 1;
    if (first * 2 > held.length) {
      held = held.slice(first);
      first = 0;
    }
  };

  return {
    add: (revision) => {
      const own = changesMessage(revision.revision, revision.changes).size;
      held.push({ revision, size: own });
      size += own;
      while (held.length - first > limits.revisions || (size > limits.size && held.length - first > 0)) drop();
    },
    restart: (revision) => {
      held = [];
      first = 0;
      size = 0;
      floor = revision;
    },
    after: (revision) => {
      if (revision < floor) return undefined;
      let low = first;
      let high = held.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((held[middle]?.revision.revision ?? 0) > revision) high = middle;
        else low = middle + 1;
      }
      return held.slice(low).map((one) => one.revision);
    },
  };
}
