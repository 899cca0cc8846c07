/** The reconciler against a daemon that forgets, fails and is tampered with: it converges, and never removes without evidence. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  announcementWrite,
  createModelMirror,
  dropClaims,
  type ModelMirror,
  writeVerdict,
} from '../../test/rig/model-mirror.ts';
import { createModelSpeaker, type ModelSpeaker } from '../../test/rig/model-speaker.ts';
import { type Required, requiredPaths } from '../../test/rig/oracle.ts';
import { nextHopPool, permitsAll, prefixPool, recordOf } from '../../test/rig/planning.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { pathKey } from '../model/path.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { createReconciler, type Reconciler } from './reconcile.ts';
import { createRib, type Rib } from './rib.ts';
import { createView, type View } from './view.ts';

const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
const never = new AbortController().signal;
/** Passes that must be enough once nothing fails any more. */
const enough = 2;

interface Bench {
  readonly mirror: ModelMirror;
  readonly speaker: ModelSpeaker;
  readonly rib: Rib;
  readonly reconciler: Reconciler;
}

/** Parts as they are, or deliberately wrong. */
interface Parts {
  readonly speaker?: (good: Speaker) => Speaker;
  readonly rib?: (good: Rib) => Rib;
  readonly view?: (good: View) => View;
}

function stage(parts: Parts = {}): Bench {
  const mirror = createModelMirror();
  const speaker = createModelSpeaker(identity);
  const goodRib = createRib();
  const rib = parts.rib?.(goodRib) ?? goodRib;
  const goodView = createView(mirror, () => {});
  const reconciler = createReconciler({
    speaker: parts.speaker?.(speaker) ?? speaker,
    planned: { name: identity.name, zone: 'default', asn: identity.asn },
    view: parts.view?.(goodView) ?? goodView,
    rib,
    clock: systemClock,
    log: silentLog,
  });
  mirror.write({ 'projects/shop': recordOf('Project', 'shop', permitsAll) });
  return { mirror, speaker, rib, reconciler };
}

const paths = (speaker: ModelSpeaker) =>
  [...speaker.rib.values()].map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort();
const announcement = (spec: AnnouncementSpec, name = 'web') => recordOf('Announcement', name, spec, 'shop');
const write = (mirror: ModelMirror, record: AnnouncementRecord | undefined, name = 'web') =>
  mirror.write(announcementWrite(mirror, `announcements/shop/${name}`, record));
const check = { type: 'tcp', port: 80 } as const;
const dual: AnnouncementSpec = {
  prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
  nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.12' }, { address: '2001:db8:1::11' }],
};
const allOfDual = [
  '2001:db8::10/128 2001:db8:1::11',
  '203.0.113.10/32 10.0.1.11',
  '203.0.113.10/32 10.0.1.12',
] as const;

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
type Step =
  | { readonly do: 'announce'; readonly name: 'web' | 'other'; readonly spec: AnnouncementSpec }
  | { readonly do: 'delete'; readonly name: 'web' | 'other' }
  | { readonly do: 'verdict'; readonly nextHop: string; readonly state: 'up' | 'down' }
  | { readonly do: 'drain'; readonly nextHop: string; readonly on: boolean }
  | { readonly do: 'fail'; readonly call: 'list' | 'apply'; readonly after: number }
  | { readonly do: 'removeByHand'; readonly index: number }
  | { readonly do: 'distrust'; readonly on: boolean }
  | { readonly do: 'dropClaims' | 'restart' | 'look' | 'pass' };

const half = prefixPool.length / 2;
const specs = (name: 'web' | 'other'): fc.Arbitrary<AnnouncementSpec> =>
  fc.record(
    {
      // Two announcements never have the same prefix: the API sees to that.
      prefixes: fc.uniqueArray(
        fc.constantFrom(...prefixPool.filter((_, index) => index % half === (name === 'web' ? 0 : 1))),
        { minLength: 1 },
      ),
      nextHops: fc.uniqueArray(fc.record({ address: fc.constantFrom(...nextHopPool) }), {
        minLength: 1,
        selector: ({ address }) => address,
      }),
      healthCheck: fc.constant(check),
      attributes: fc.record({ med: fc.constantFrom(0, 10) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['prefixes', 'nextHops'] },
  );
const names = fc.constantFrom('web' as const, 'other' as const);
const oneNextHop = fc.constantFrom(...nextHopPool);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ do: 'pass' }) },
  {
    weight: 4,
    arbitrary: names.chain((name) => specs(name).map((spec): Step => ({ do: 'announce', name, spec }))),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name: names }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('verdict' as const),
      nextHop: oneNextHop,
      state: fc.constantFrom('up' as const, 'up' as const, 'down' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), nextHop: oneNextHop, on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      call: fc.constantFrom('list' as const, 'apply' as const),
      after: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeByHand' as const), index: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('distrust' as const), on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'dropClaims' }, { do: 'restart' }, { do: 'look' }) },
);

/** Plays the history, then lets all faults end. @throws when one of the reconciler's promises is broken. */
async function play(history: readonly Step[], parts: Parts = {}): Promise<void> {
  const { mirror, speaker, rib, reconciler } = stage(parts);
  let trusted = true;
  /** Own paths after the last pass that came to its end, without those that may have gone since. */
  let standing = new Set<string>();
  const required = (): Required => requiredPaths({ revision: 0, entries: mirror.entries }, identity);
  /** A path whose prefix has neither owner nor tombstone can't occur: this store always leaves tombstones. */
  const mayStay = (demand: Required, path: string) => demand.present.has(path) || demand.either.has(path);

  const pass = async () => {
    const demand = required();
    const from = speaker.applied.length;
    const ended = await reconciler.pass(never).then(
      () => true,
      () => false,
    );
    for (const { op, path } of speaker.applied.slice(from)) {
      const text = `${path.prefix} ${path.nextHop}`;
      if (op === 'withdraw' && (!trusted || mayStay(demand, text)))
        throw new Error(`${text} was removed without evidence`);
    }
    if (ended) standing = new Set(paths(speaker));
    else if (trusted) standing = new Set([...standing].filter((path) => mayStay(demand, path)));
    return ended;
  };

  for (const step of history) {
    switch (step.do) {
      case 'announce':
        write(mirror, announcement(step.spec, step.name), step.name);
        break;
      case 'delete':
        write(mirror, undefined, step.name);
        break;
      case 'verdict':
        writeVerdict(
          mirror,
          announcement({ ...dual, nextHops: [{ address: step.nextHop }], healthCheck: check }),
          step.nextHop,
          step.state,
        );
        break;
      case 'drain': {
        const drain = recordOf('Drain', step.nextHop, { target: { nextHop: step.nextHop } });
        mirror.write({ [`drains/${step.nextHop}`]: step.on ? drain : undefined });
        break;
      }
      case 'fail':
        speaker.failNext(step.call, step.after);
        break;
      case 'removeByHand':
        // The daemon tells of it, as of every change of its own that another tool makes.
        speaker.removeByHand([...speaker.rib.keys()][step.index] ?? '');
        rib.forget();
        break;
      case 'distrust':
        trusted = !step.on;
        mirror.setBreak(step.on ? 'storeChanged' : undefined);
        break;
      case 'dropClaims':
        dropClaims(mirror);
        break;
      case 'restart':
        speaker.restart(true);
        rib.forget();
        break;
      case 'look':
        rib.forget();
        break;
      case 'pass':
        await pass();
    }
  }

  speaker.heal();
  trusted = true;
  mirror.setBreak(undefined);
  const before = standing;
  for (let turn = 0; turn < enough; turn += 1) expect(await pass()).toBe(true);
  const { present, either } = required();
  const there = new Set(paths(speaker));
  for (const path of present.keys()) if (!there.has(path)) throw new Error(`${path} is missing`);
  for (const path of there) if (!present.has(path) && !either.has(path)) throw new Error(`${path} must not be there`);
  for (const path of either.keys())
    if (before.has(path) && !there.has(path)) throw new Error(`${path} was there, and nothing spoke against it`);
  expect([...rib.prefixes()].flatMap((prefix) => rib.under(prefix)).length).toBe(speaker.rib.size);
  for (const path of speaker.rib.values()) {
    const expected = recordedMed(mirror, path.prefix);
    if (path.attributes.med !== expected)
      throw new Error(`${pathKey(path)} carries med ${path.attributes.med}, not ${expected}`);
  }
  const applied = speaker.applied.length;
  expect(await pass()).toBe(true);
  expect(speaker.applied.length, 'a pass over unchanged state applies nothing').toBe(applied);
}

/** Paths without an owner left carry what they carried; those are gone by then. */
function recordedMed(mirror: ModelMirror, prefix: string): number | undefined {
  for (const name of ['web', 'other']) {
    const value = mirror.entries.get(`announcements/shop/${name}`)?.value;
    const record = isAnnouncement(value) && value.spec.prefixes.includes(prefix) ? value : undefined;
    if (record !== undefined) return record.spec.attributes?.med;
  }
  return undefined;
}

function isAnnouncement(value: unknown): value is AnnouncementRecord {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Announcement';
}

describe('after any interleaving of changes, faults and passes', () => {
  const property = (parts: Parts = {}) =>
    fc.asyncProperty(fc.array(steps, { maxLength: 60, size: 'large' }), (history) => play(history, parts));

  test('the RIB is what is wanted, and no pass removed a path without evidence', async () => {
    await fc.assert(property(), { numRuns: Number(process.env['RUNS'] ?? 400) });
  }, 60_000);

  const bugs: Readonly<Record<string, Parts>> = {
    'a list error taken for an empty RIB': {
      speaker: (good) => ({
        ...good,
        list: (signal) => good.list(signal).catch(() => ({ own: [], unreadable: [], otherMarks: [], foreign: 0 })),
      }),
    },
    'lost paths forgotten': {
      rib: (good) => ({ ...good, missing: () => [], under: (prefix) => withoutLost(good, prefix) }),
    },
    'a mirror believed whatever its condition': {
      view: (good) => ({
        ...good,
        condition: () => ({ ...good.condition(), stale: false, storeChanged: false, revisionWentBack: false }),
      }),
    },
    'writes taken for done though they failed': {
      speaker: (good) => ({ ...good, apply: (operations, signal) => good.apply(operations, signal).catch(() => {}) }),
    },
  };
  test.each(Object.keys(bugs))(
    'the property finds the bug: %s',
    async (bug) => {
      const found = await fc.check(property(bugs[bug]), { numRuns: 1_000, endOnFailure: true });
      expect(found.failed).toBe(true);
    },
    60_000,
  );
});

function withoutLost(rib: Rib, prefix: string) {
  const lost = new Set(rib.missing(prefix).map(pathKey));
  return rib.under(prefix).filter((path) => !lost.has(pathKey(path)));
}
