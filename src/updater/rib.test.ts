/** The picture of the own paths: what a list, acknowledged writes and a restart of the daemon make of it. */
import { expect, test } from 'vitest';
import type { Path } from '../model/path.ts';
import type { RibPicture } from '../speaker/speaker.ts';
import { createRib } from './rib.ts';

const attributes = { origin: 'igp', asPath: [], communities: [], largeCommunities: [] } as const;
const path = (prefix: string, nextHop: string, identifier: number): Path => ({
  prefix,
  nextHop,
  identifier,
  attributes,
});
const v4 = [path('203.0.113.10/32', '10.0.1.11', 1), path('203.0.113.10/32', '10.0.1.12', 2)] as const;
const v6 = path('2001:db8::10/128', '2001:db8:1::11', 3);
const picture = (...own: readonly Path[]): RibPicture => ({ own, unreadable: [], otherMarks: [], foreign: 2 });

test('is unknown until it was listed, and after it was told to forget', () => {
  const rib = createRib();
  expect(rib.known()).toBe(false);
  expect(rib.listed(picture(...v4, v6)).lost).toEqual([]);
  expect([rib.known(), rib.count(), rib.foreign()]).toEqual([true, 3, 2]);
  rib.forget();
  expect(rib.known()).toBe(false);
  expect(rib.under(v6.prefix)).toEqual([v6]);
});

test('remembers what a new list lacks until it is announced again or withdrawn', () => {
  const rib = createRib();
  rib.listed(picture(...v4, v6));
  expect(rib.listed(picture()).lost).toEqual([...v4, v6]);
  expect([rib.count(), rib.missing(v6.prefix), rib.under(v4[0].prefix)]).toEqual([0, [v6], v4]);
  // A second restart in a row forgets nothing either.
  expect(rib.listed(picture(v4[0])).lost).toEqual([v4[1], v6]);
  rib.acknowledged([
    { op: 'announce', path: v6 },
    { op: 'withdraw', path: v4[1] },
  ]);
  expect([rib.count(), rib.missing(v6.prefix), rib.missing(v4[0].prefix)]).toEqual([2, [], []]);
  expect([...rib.prefixes()].sort()).toEqual([v6.prefix, v4[0].prefix].sort());
});

test('tells which prefixes a list has otherwise than known: lost, changed, or added by somebody else', () => {
  const rib = createRib();
  expect(rib.listed(picture(...v4, v6)).differing).toBe('all');
  expect(rib.listed(picture(...v4, v6)).differing).toEqual(new Set());
  const changed = { ...v6, attributes: { ...v6.attributes, med: 5 } };
  expect(rib.listed(picture(...v4, changed)).differing).toEqual(new Set([v6.prefix]));
  expect(rib.listed(picture(v4[0], changed)).differing).toEqual(new Set([v4[0].prefix]));
  // Until it has been decided on, what is missing is looked at after each list.
  expect(rib.listed(picture(v4[0], changed)).differing).toEqual(new Set([v4[0].prefix]));
  const added = path('203.0.113.99/32', '10.0.1.11', 9);
  expect(rib.listed(picture(...v4, changed, added)).differing).toEqual(new Set([v4[0].prefix, added.prefix]));
});

test('counts acknowledged writes once', () => {
  const rib = createRib();
  rib.listed(picture());
  rib.acknowledged([
    { op: 'announce', path: v6 },
    { op: 'announce', path: v6 },
  ]);
  expect(rib.count()).toBe(1);
  rib.acknowledged([
    { op: 'withdraw', path: v6 },
    { op: 'withdraw', path: v6 },
  ]);
  expect([rib.count(), [...rib.prefixes()]]).toEqual([0, []]);
});
