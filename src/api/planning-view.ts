/** Planning's view of the store, kept up to date by the watch cache. */
import { type Affected, createInputs, type Inputs } from '../planning/inputs.ts';
import { changeKey } from './cached.ts';
import type { WatchCache } from './watch-cache.ts';

export interface PlanningListener {
  /** Called for each key of a revision once all of it is applied, but not when all was loaded anew. */
  changed(key: string, affected: Affected): void;
  /** `changed` threw, and was not called for the rest of the revision: the view itself is in order. */
  failed(error: unknown): void;
}

/**
 * Its view lives as long as the cache.
 * @param cache made in this same turn, or loaded.
 */
export function createPlanningView(cache: Pick<WatchCache, 'derive'>, listener?: PlanningListener): Inputs {
  const tell = (changes: Iterable<readonly [key: string, affected: Affected]>) => {
    if (listener === undefined) return;
    try {
      for (const [key, affected] of changes) listener.changed(key, affected);
    } catch (error) {
      listener.failed(error);
    }
  };
  let feed = createInputs();
  cache.derive({
    begin: () => {
      const next = createInputs();
      return {
        add: (entry) => void next.apply(entry.key, entry),
        place: (revision, changes) => {
          next.advance(revision);
          feed = next;
          tell((changes ?? []).map((change) => [changeKey(change), 'all']));
        },
      };
    },
    apply: ({ revision, changes }) => {
      const affected = changes.map((change): readonly [string, Affected] => {
        const key = changeKey(change);
        return [key, feed.apply(key, change.op === 'put' ? change.entry : undefined)];
      });
      feed.advance(revision);
      tell(affected);
    },
  });
  return {
    get revision() {
      return feed.revision;
    },
    get announcements() {
      return feed.announcements;
    },
    get projects() {
      return feed.projects;
    },
    get peers() {
      return feed.peers;
    },
    get drains() {
      return feed.drains;
    },
    get claims() {
      return feed.claims;
    },
    get speakers() {
      return feed.speakers;
    },
    get undecodable() {
      return feed.undecodable;
    },
    get undecodableAnnouncements() {
      return feed.undecodableAnnouncements;
    },
    get drainIndex() {
      return feed.drainIndex;
    },
    project: (name) => feed.project(name),
    verdict: (task) => feed.verdict(task),
    owners: (prefix) => feed.owners(prefix),
    prefixes: () => feed.prefixes(),
    tombstone: (prefix) => feed.tombstone(prefix),
    announcementsOf: (taskId) => feed.announcementsOf(taskId),
  };
}
