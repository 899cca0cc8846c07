/** What a list is made of: references to the records of one revision, filtered and sorted. */
import type { CachedEntry } from './cached.ts';
import { loadedPosition } from './loaded.ts';
import type { ListSnapshot } from './pins.ts';
import { type Slices, sortedInSlices } from './slices.ts';
import type { WatchCache } from './watch-cache.ts';

export interface ListFilters {
  readonly project?: string;
  /** `team=edge,tier=1` */
  readonly labels?: string;
}

export type ListedCache = Pick<WatchCache, 'position' | 'under' | 'get'>;

/** What of the cache a list shows. */
export interface Listed {
  readonly collection: string;
  /**
   * Whether the entry, which was there at the revision, belongs into a list of that revision; the cache may be further
   * on. Absent: all do.
   */
  includes?(cache: ListedCache, entry: CachedEntry, revision: number): boolean;
}

/** Entries between two looks at the clock. */
const lookEvery = 50;

/** References to what is there now, filtered and sorted; what changes while that is done doesn't show. */
export async function snapshotOf(
  { cache }: { readonly cache: ListedCache },
  listed: Listed,
  { project, labels }: ListFilters,
  slices: Slices,
): Promise<ListSnapshot> {
  const { revision } = loadedPosition({ cache });
  const { collection } = listed;
  const now = [...cache.under(collection).values()];
  const below = project === undefined ? '' : `${collection}/${project}/`;
  const matches = labelFilter(labels);
  const wanted: CachedEntry[] = [];
  for (const [index, entry] of now.entries()) {
    const isListed = entry.key.startsWith(below) && listed.includes?.(cache, entry, revision) !== false;
    if (isListed && matches(entry)) wanted.push(entry);
    if (index % lookEvery === 0 && slices.over()) await slices.rest();
  }
  return { revision, entries: await sortedInSlices(wanted, (a, b) => a.key < b.key, slices) };
}

/** Of "team=edge,tier=1"; what has no labels that can be read passes, for nobody can say that it has not these. */
function labelFilter(selector: string | undefined): (entry: CachedEntry) => boolean {
  if (selector === undefined) return () => true;
  const wanted = selector.split(',').map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return ({ value }) => {
    const labels = labelsOf(value);
    return labels === undefined || wanted.every(([name, word]) => Reflect.get(labels, name) === word);
  };
}

function labelsOf(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return undefined;
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  if (!('labels' in metadata)) return {};
  return typeof metadata.labels === 'object' && metadata.labels !== null ? metadata.labels : undefined;
}
