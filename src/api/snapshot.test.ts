import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCacheEntries } from './cache-entries.ts';
import { cachedEntry } from './cached.ts';
import type { Slices } from './slices.ts';
import { snapshotOf } from './snapshot.ts';

const keys = Array.from(
  { length: 12 },
  (_, index) => `announcements/${index % 3 === 0 ? 'yard' : 'shop'}/web-${index}`,
);
const change = fc.record({ key: fc.constantFrom(...keys), put: fc.boolean(), tier: fc.constantFrom('a', 'b') });

const entryOf = (key: string, tier: string, revision: number) =>
  cachedEntry({
    key,
    value: JSON.stringify({ metadata: { labels: { tier } } }),
    createRevision: revision,
    modRevision: revision,
  });

/** A cache that changes each time somebody rests. */
function restless(before: readonly { key: string; put: boolean; tier: string }[]) {
  const entries = createCacheEntries();
  let revision = 0;
  const apply = ({ key, put, tier }: { key: string; put: boolean; tier: string }) => {
    revision += 1;
    entries.apply(put ? { op: 'put', entry: entryOf(key, tier, revision) } : { op: 'delete', key });
  };
  for (const one of before) apply(one);
  const cache = { under: entries.under, get: entries.get, position: () => ({ storeId: 's', revision }) };
  return { cache, apply };
}

const filters = fc.record(
  { project: fc.constantFrom('shop', 'yard'), labels: fc.constantFrom('tier=a', 'tier=b') },
  { requiredKeys: [] },
);

test('a snapshot is the state of its revision, though the cache changes in every pause that is made', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change), fc.array(change), filters, async (before, meanwhile, wanted) => {
      const { cache, apply } = restless(before);
      const { revision } = cache.position();
      const expected = [...cache.under('announcements').values()]
        .filter(({ key }) => wanted.project === undefined || key.startsWith(`announcements/${wanted.project}/`))
        .filter(({ text }) => wanted.labels === undefined || text.includes(`"${wanted.labels.slice(-1)}"`))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const changes = [...meanwhile];
      const slices: Slices = {
        over: () => true,
        rest: async () => {
          const next = changes.shift();
          if (next !== undefined) apply(next);
        },
      };
      const snapshot = await snapshotOf({ cache }, { collection: 'announcements' }, wanted, slices);
      expect(snapshot.revision).toBe(revision);
      expect(snapshot.entries).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('a record whose labels cannot be read is in every list: nobody can say that it does not belong there', async () => {
  const { cache } = restless([{ key: 'announcements/shop/web-1', put: true, tier: 'a' }]);
  const entries = new Map(cache.under('announcements'));
  for (const [index, value] of ['null', '[]', '{"metadata":1}', '{"metadata":{"labels":3}}'].entries()) {
    const key = `announcements/shop/odd-${index}`;
    entries.set(key, cachedEntry({ key, value, createRevision: 1, modRevision: 1 }));
  }
  const slices: Slices = { over: () => false, rest: async () => {} };
  const odd = { cache: { ...cache, under: () => entries } };
  const { entries: found } = await snapshotOf(odd, { collection: 'announcements' }, { labels: 'tier=b' }, slices);
  expect(found.map(({ key }) => key)).toEqual([0, 1, 2, 3].map((index) => `announcements/shop/odd-${index}`));
});
