/** What a stream of the status view asks for, and who asks for a given object. */
import type { StatusCollection } from '../contract/stream.ts';
import type { EntryReader } from './cache-entries.ts';

/** Objects of these collections; of one project, or one object, if so asked. */
export interface StatusFilter {
  readonly collections: readonly StatusCollection[];
  readonly project?: string;
  readonly name?: string;
}

export interface Interests<Who> {
  add(filter: StatusFilter, who: Who): void;
  delete(filter: StatusFilter, who: Who): void;
  /** Without asking each of them. */
  of(key: string): readonly Who[];
}

export function createInterests<Who>(): Interests<Who> {
  /** `announcements`, `announcements/shop` or `announcements/shop/web` → who wants what is there. */
  const wanted = new Map<string, Set<Who>>();
  return {
    add: (filter, who) => {
      for (const selector of selectorsFor(filter)) {
        const others = wanted.get(selector);
        if (others === undefined) wanted.set(selector, new Set([who]));
        else others.add(who);
      }
    },
    delete: (filter, who) => {
      for (const selector of selectorsFor(filter)) {
        const others = wanted.get(selector);
        others?.delete(who);
        if (others?.size === 0) wanted.delete(selector);
      }
    },
    of: (key) => {
      const found: Who[] = [];
      for (const selector of selectorsOf(key)) found.push(...(wanted.get(selector) ?? []));
      return found;
    },
  };
}

/** Keys of what there is now. */
export function keysFor(filter: StatusFilter, cache: Pick<EntryReader, 'under'>): readonly string[] {
  return filter.collections.flatMap((collection) => {
    const [selector = ''] = selectorsFor({ ...filter, collections: [collection] });
    if (filter.name !== undefined) return [selector];
    const keys = [...cache.under(collection).keys()];
    return filter.project === undefined ? keys : keys.filter((key) => key.startsWith(`${selector}/`));
  });
}

/** `announcements/shop/web` → itself, `announcements/shop`, `announcements`. */
function* selectorsOf(key: string): Iterable<string> {
  yield key;
  for (let slash = key.lastIndexOf('/'); slash > 0; slash = key.lastIndexOf('/', slash - 1)) yield key.slice(0, slash);
}

function selectorsFor({ collections, project, name }: StatusFilter): readonly string[] {
  return collections.map((collection) => [collection, project, name].filter((part) => part !== undefined).join('/'));
}
