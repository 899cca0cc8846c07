import { expect, test } from 'vitest';
import { recordOf } from '../../test/rig/planning.ts';
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

const noted = (changes: ReturnType<typeof createPathChanges>) =>
  changes.report()?.last.map(({ action, prefix, nextHop, reason }) => `${action} ${prefix} ${nextHop} ${reason}`) ?? [];

test('what the speaker took before it failed is told once the next list shows it, each change once', async () => {
  const changes = createPathChanges(systemClock);
  const { mirror, speaker, reconciler } = stage({ changes });
  write(mirror, announcement(dual));
  speaker.failNext('apply', 2);
  await expect(reconciler.pass(never)).rejects.toThrow('failed during apply');
  expect([speaker.rib.size, changes.report()]).toEqual([2, undefined]);
  await reconciler.pass(never);
  expect(noted(changes).sort()).toEqual(allOfDual.map((path) => `announce ${path} unchecked`));
  write(mirror, undefined);
  speaker.failNext('apply', 1);
  await expect(reconciler.pass(never)).rejects.toThrow('failed during apply');
  await reconciler.pass(never);
  expect(paths(speaker)).toEqual([]);
  expect(noted(changes).slice(3).sort()).toEqual(allOfDual.map((path) => `withdraw ${path} deleted`));
  expect(changes.report()?.count).toBe(6);
});

test('a withdrawal that the speaker took before it failed is told, though the path is wanted again by then', async () => {
  const changes = createPathChanges(systemClock);
  const { mirror, speaker, reconciler } = stage({ changes });
  write(mirror, announcement(dual));
  await reconciler.pass(never);
  mirror.write({ 'drains/d': recordOf('Drain', 'd', { target: { nextHop: '2001:db8:1::11' } }) });
  speaker.failNext('apply', 1);
  await expect(reconciler.pass(never)).rejects.toThrow('failed during apply');
  mirror.write({ 'drains/d': undefined });
  await reconciler.pass(never);
  expect(paths(speaker)).toEqual(allOfDual);
  expect(noted(changes).slice(3)).toEqual([
    'withdraw 2001:db8::10/128 2001:db8:1::11 drained',
    'announce 2001:db8::10/128 2001:db8:1::11 unchecked',
  ]);
  write(mirror, undefined);
  await reconciler.pass(never);
  expect(changes.report()?.count).toBe(8);
});

test('the reason is that of the decision, whatever happens while the speaker takes the path', async () => {
  const changes = createPathChanges(systemClock);
  const { mirror, reconciler } = stage({
    changes,
    speaker: (good) => ({
      ...good,
      apply: async (operations, signal) => {
        await good.apply(operations, signal);
        if (changes.report() === undefined) write(mirror, undefined);
      },
    }),
  });
  write(mirror, announcement(dual));
  await reconciler.pass(never);
  expect(noted(changes).sort()).toEqual(
    [
      ...allOfDual.map((path) => `announce ${path} unchecked`),
      ...allOfDual.map((path) => `withdraw ${path} deleted`),
    ].sort(),
  );
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
