// What holds of the updater after any interleaving of store changes, faults of the daemon, and passes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropClaims, type ModelMirror, writeVerdict } from '../../test/rig/model-mirror.ts';
import { type Required, requiredPaths } from '../../test/rig/oracle.ts';
import { nextHopPool, prefixPool, recordOf } from '../../test/rig/planning.ts';
import {
  announcement,
  check,
  dual,
  enough,
  identity,
  never,
  type Parts,
  paths,
  stage,
  write,
} from '../../test/rig/updater-bench.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { pathKey } from '../model/path.ts';
import type { Rib } from './rib.ts';

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
