/** The story of an object out of its stored versions. */
import { expect, test } from 'vitest';
import { type StoredVersion, versionSteps } from './versions.ts';

const content = (n: string) => ({ metadata: { labels: { n }, annotations: {} }, spec: {} });
const record = (n: string, uid = 'u', updatedAt = `t${n}`) => ({
  uid,
  createdAt: `${uid}-start`,
  updatedAt,
  content: content(n),
});
const changed = (revision: number, at = 'then') => ({ how: 'changed', at, revision }) as const;
const deleted = (revision: number) => ({ how: 'deleted', at: 'gone', revision }) as const;
const told = (versions: readonly StoredVersion[]) =>
  versionSteps(versions).map(({ revision, action, changes }) => [revision, action, changes?.length]);

test('the first version was created if it never changed; otherwise what it changed is not known', () => {
  expect(told([{ revision: 3, record: record('1', 'u', 'u-start') }])).toEqual([[3, 'created', 0]]);
  expect(told([{ revision: 3, record: record('1') }])).toEqual([[3, 'changed', undefined]]);
});

test('newest first; a deletion is a step of its own; the same uid came back, another one was created', () => {
  expect(
    told([
      { revision: 1, record: record('1', 'u', 'u-start'), end: changed(2) },
      { revision: 2, record: record('2'), end: deleted(3) },
      { revision: 4, record: record('2'), end: deleted(5) },
      { revision: 6, record: record('3', 'other', 'other-start') },
    ]),
  ).toEqual([
    [6, 'created', 0],
    [5, 'deleted', 0],
    [4, 'undeleted', 0],
    [3, 'deleted', 0],
    [2, 'changed', 1],
    [1, 'created', 0],
  ]);
});

test('a version that cannot be read leaves out only what depends on it', () => {
  const steps = versionSteps([
    { revision: 1, record: record('1', 'u', 'u-start'), end: changed(2, 'noon') },
    { revision: 2, end: changed(3) },
    { revision: 3, record: record('3') },
  ]);
  expect(steps).toEqual([
    { revision: 3, at: 't3', action: 'changed', content: content('3') },
    { revision: 2, at: 'noon', action: 'changed', unreadable: true },
    { revision: 1, at: 'u-start', action: 'created', content: content('1'), changes: [] },
  ]);
});
