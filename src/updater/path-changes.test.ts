import { expect, test } from 'vitest';
import { allOfDual, announcement, dual, never, paths, stage, write } from '../../test/rig/updater-bench.ts';
import { systemClock } from '../runtime/clock.ts';
import { createPathChanges } from './path-changes.ts';

test('what the speaker acknowledged is counted and named with its reason, and a pass without changes adds nothing', async () => {
  const changes = createPathChanges(systemClock);
  const { mirror, speaker, reconciler } = stage({ changes });
  expect(changes.report()).toBeUndefined();
  write(mirror, announcement(dual));
  await reconciler.pass(never);
  expect(paths(speaker)).toEqual(allOfDual);
  const first = changes.report();
  expect(first).toMatchObject({ count: 3 });
  expect(first?.last.map(({ seq, action, reason }) => [seq, action, reason])).toEqual(
    [1, 2, 3].map((seq) => [seq, 'announce', 'unchecked']),
  );
  expect(first?.last.some(({ prefix }) => prefix.includes(':'))).toBe(true);
  await reconciler.pass(never);
  expect(changes.report()).toEqual(first);
  write(mirror, announcement({ ...dual, attributes: { med: 7 } }));
  await reconciler.pass(never);
  write(mirror, undefined);
  await reconciler.pass(never);
  expect(
    changes
      .report()
      ?.last.slice(3)
      .map(({ action, reason }) => `${action} ${reason}`),
  ).toEqual([...Array(3).fill('change unchecked'), ...Array(3).fill('withdraw deleted')]);
});

test('of many changes the last fifty are named', () => {
  const changes = createPathChanges(systemClock);
  const withdrawal = (index: number) => ({
    path: {
      prefix: `2001:db8::${index}/128`,
      nextHop: '2001:db8:1::1',
      identifier: 1,
      attributes: { origin: 'igp' as const, asPath: [], communities: [], largeCommunities: [] },
    },
    cause: 'deleted' as const,
    evidence: [],
    owner: 'shop/web',
  });
  changes.withdrawn(Array.from({ length: 120 }, (_, index) => withdrawal(index)));
  const report = changes.report();
  expect([report?.count, report?.last.length, report?.last[0]?.seq, report?.last.at(-1)?.seq]).toEqual([
    120, 50, 71, 120,
  ]);
  expect(report?.last.at(-1)?.prefix).toBe('2001:db8::119/128');
});
