/** Which drain, if any, takes a path out of service. */
import type { PlannedDrain } from './decode.ts';
import type { Stored } from './stored.ts';

/** What a drain can name of a path. */
export interface DrainSubject {
  readonly nextHop: string;
  /** Zone of the next hop. */
  readonly zone: string;
  /** `project/name`. */
  readonly announcement: string;
  readonly speaker: string;
}

/** Drains by what they name. */
export interface DrainIndex {
  /** When the next drain ends by itself, wall milliseconds; undefined = none does. */
  nextEnd(now: number): number | undefined;
  /** The drain in effect at `now` (wall milliseconds) on the subject; the oldest when there are several. */
  inEffect(subject: DrainSubject, now: number): Stored<PlannedDrain> | undefined;
}

export function indexDrains(drains: Iterable<Stored<PlannedDrain>>): DrainIndex {
  const byTarget = new Map<string, Stored<PlannedDrain>[]>();
  let size = 0;
  for (const drain of drains) {
    size += 1;
    const target = targetKey(drain.record);
    byTarget.set(target, [...(byTarget.get(target) ?? []), drain]);
  }
  const inEffect = (subject: DrainSubject, now: number) =>
    size === 0
      ? undefined
      : [
          `nextHop ${subject.nextHop}`,
          `announcement ${subject.announcement}`,
          `zone ${subject.zone}`,
          `speaker ${subject.speaker}`,
        ]
          .flatMap((target) => byTarget.get(target) ?? [])
          .filter(({ record }) => isInEffect(record, now))
          .reduce<Stored<PlannedDrain> | undefined>(
            (oldest, drain) => (oldest === undefined || drain.revision < oldest.revision ? drain : oldest),
            undefined,
          );
  const nextEnd = (now: number) => {
    const ends = [...byTarget.values()]
      .flat()
      .flatMap(({ record }) => (record.until === undefined ? [] : [Date.parse(record.until)]))
      .filter((end) => end > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  };
  return { inEffect, nextEnd };
}

/** A drain lasts until its `until`; one that can't be understood is no reason to put the target back into service. */
export function isInEffect({ until }: PlannedDrain, now: number): boolean {
  if (until === undefined) return true;
  const end = Date.parse(until);
  return Number.isNaN(end) || now < end;
}

function targetKey({ target }: PlannedDrain): string {
  if ('nextHop' in target) return `nextHop ${target.nextHop}`;
  if ('announcement' in target) return `announcement ${target.announcement}`;
  if ('zone' in target) return `zone ${target.zone}`;
  return `speaker ${target.speaker}`;
}
