import { describe, expect, test } from 'vitest';
import { dropClaims, type ModelMirror, writeVerdict } from '../../test/rig/model-mirror.ts';
import { allOfDual, announcement, check, dual, never, paths, stage, write } from '../../test/rig/updater-bench.ts';

describe('a pass', () => {
  test('applies nothing over unchanged state', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    write(mirror, announcement(dual));
    expect(await reconciler.pass(never)).toMatchObject({ announced: 3, withdrawn: 0, held: 0 });
    expect(paths(speaker)).toEqual(allOfDual);
    const applied = speaker.applied.length;
    await reconciler.pass(never);
    rib.forget();
    await reconciler.pass(never);
    expect(speaker.applied.length).toBe(applied);
  });

  test('announces again what the daemon has lost, also what nobody stands behind any more', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    const record = announcement({ ...dual, healthCheck: check });
    write(mirror, record);
    for (const { address } of record.spec.nextHops) writeVerdict(mirror, record, address, 'up');
    await reconciler.pass(never);
    dropClaims(mirror);
    await reconciler.pass(never);
    expect(paths(speaker)).toEqual(allOfDual);
    speaker.restart(true);
    rib.forget();
    await reconciler.pass(never);
    expect(paths(speaker)).toEqual(allOfDual);
  });

  test('does not announce again what was deleted while the daemon was away', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    write(mirror, announcement(dual));
    await reconciler.pass(never);
    speaker.restart(true);
    rib.forget();
    write(mirror, undefined);
    await reconciler.pass(never);
    expect([paths(speaker), rib.count()]).toEqual([[], 0]);
  });

  test('restores what was removed by hand', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    write(mirror, announcement(dual));
    await reconciler.pass(never);
    const [key = ''] = speaker.rib.keys();
    speaker.removeByHand(key);
    rib.forget();
    expect(await reconciler.pass(never)).toMatchObject({ announced: 1, withdrawn: 0 });
    expect(paths(speaker)).toEqual(allOfDual);
  });

  test('takes an error of the list for an error, and withdraws nothing for it', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    write(mirror, announcement(dual));
    await reconciler.pass(never);
    const applied = speaker.applied.length;
    rib.forget();
    speaker.failNext('list');
    write(mirror, undefined);
    await expect(reconciler.pass(never)).rejects.toThrow('told to fail list');
    expect(speaker.applied.length).toBe(applied);
    await reconciler.pass(never);
    expect(paths(speaker)).toEqual([]);
  });

  test('adds before it withdraws, and lists again after a failure in between', async () => {
    const { mirror, speaker, reconciler } = stage();
    write(mirror, announcement({ ...dual, nextHops: [{ address: '10.0.1.11' }, { address: '2001:db8:1::11' }] }));
    await reconciler.pass(never);
    const from = speaker.applied.length;
    write(mirror, announcement({ ...dual, nextHops: [{ address: '10.0.1.12' }, { address: '2001:db8:1::12' }] }));
    speaker.failNext('apply', 1);
    await expect(reconciler.pass(never)).rejects.toThrow('failed during apply');
    await reconciler.pass(never);
    expect(speaker.applied.slice(from).map(({ op }) => op)).toEqual(['announce', 'announce', 'withdraw', 'withdraw']);
    expect(paths(speaker)).toEqual(['2001:db8::10/128 2001:db8:1::12', '203.0.113.10/32 10.0.1.12']);
  });

  test('keeps a path whose announcement has vanished without a tombstone', async () => {
    const { mirror, speaker, rib, reconciler } = stage();
    write(mirror, announcement(dual));
    await reconciler.pass(never);
    mirror.write({ 'announcements/shop/web': undefined });
    await reconciler.pass(never);
    rib.forget();
    await reconciler.pass(never);
    expect(paths(speaker)).toEqual(allOfDual);
    expect([...reconciler.exceptions()].map(({ reason }) => reason)).toEqual(allOfDual.map(() => 'unexplained'));
  });
});

describe('a mirror that cannot be trusted', () => {
  const distrusts: Readonly<Record<string, (mirror: ModelMirror, on: boolean) => void>> = {
    mirrorStale: (mirror, on) => mirror.setAge(on ? 20_000 : 0),
    storeChanged: (mirror, on) => mirror.setBreak(on ? 'storeChanged' : undefined),
    revisionWentBack: (mirror, on) => mirror.setBreak(on ? 'revisionWentBack' : undefined),
  };
  test.each(Object.keys(distrusts))(
    '(%s) holds every withdrawal but no add, and releases them afterwards',
    async (reason) => {
      const { mirror, speaker, reconciler } = stage();
      write(mirror, announcement(dual));
      await reconciler.pass(never);
      distrusts[reason]?.(mirror, true);
      write(mirror, undefined);
      write(
        mirror,
        announcement({ prefixes: ['203.0.113.11/32'], nextHops: [{ address: '10.0.1.13' }] }, 'other'),
        'other',
      );
      expect(await reconciler.pass(never)).toMatchObject({ announced: 1, withdrawn: 0, held: 3 });
      expect(paths(speaker)).toEqual([...allOfDual, '203.0.113.11/32 10.0.1.13'].sort());
      expect([...reconciler.exceptions()].map((exception) => exception.reason)).toEqual([reason, reason, reason]);
      distrusts[reason]?.(mirror, false);
      // No change is needed: what is held is looked at in every pass.
      expect(await reconciler.pass(never)).toMatchObject({ withdrawn: 3, held: 0 });
      expect(paths(speaker)).toEqual(['203.0.113.11/32 10.0.1.13']);
      expect(reconciler.exceptionCount()).toBe(0);
    },
  );
});

/** One step of a history. */
