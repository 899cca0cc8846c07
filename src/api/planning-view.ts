/** Planning's view of the store, kept up to date by the watch cache. */
import { type Affected, createInputs, type Inputs } from '../planning/inputs.ts';
import { changeKey } from './cached.ts';
import type { WatchCache } from './watch-cache.ts';

/**
 * Its view lives as long as the cache.
 * @param cache made in this same turn, or loaded.
 * @param changed called for each key of each revision once it is applied, but not when all was loaded anew.
 */
export function createPlanningView(
  cache: Pick<WatchCache, 'derive'>,
  changed: (key: string, affected: Affected) => void = () => {},
): Inputs {
  let feed = createInputs();
  cache.derive({
    begin: () => {
      const next = createInputs();
      return {
        add: (entry) => void next.apply(entry.key, entry),
        place: (revision, changes) => {
          next.advance(revision);
          feed = next;
          for (const change of changes ?? []) changed(changeKey(change), 'all');
        },
      };
    },
    apply: ({ revision, changes }) => {
      for (const change of changes) {
        const key = changeKey(change);
        changed(key, feed.apply(key, change.op === 'put' ? change.entry : undefined));
      }
      feed.advance(revision);
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
