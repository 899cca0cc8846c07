/** Planning's view of the store, kept up to date by the watch cache. */

import { collections } from '../model/resource.ts';
import { createInputs, type Inputs, type InputsFeed } from '../planning/inputs.ts';
import type { WatchCache } from './watch-cache.ts';

/** Its view lives as long as the cache. */
export function createPlanningView(cache: WatchCache): Inputs {
  const feed = createInputs();
  let known = reload(cache, feed, new Set());
  feed.advance(cache.position()?.revision ?? 0);
  cache.onRevision((change) => {
    if (change === 'all') {
      known = reload(cache, feed, known);
    } else {
      for (const one of change.changes) {
        if (one.op === 'put') {
          known.add(one.entry.key);
          feed.apply(one.entry.key, one.entry);
        } else {
          known.delete(one.key);
          feed.apply(one.key, undefined);
        }
      }
    }
    feed.advance(cache.position()?.revision ?? 0);
  });
  return feed;
}

function reload(cache: WatchCache, feed: InputsFeed, known: ReadonlySet<string>): Set<string> {
  const now = new Set<string>();
  for (const collection of collections) {
    for (const [key, entry] of cache.under(collection)) {
      now.add(key);
      feed.apply(key, entry);
    }
  }
  for (const key of known) if (!now.has(key)) feed.apply(key, undefined);
  return now;
}
