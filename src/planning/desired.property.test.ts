// What holds of every decision, in any world: safety, and its liveness twins.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Knowledge, now, permitsAll, type Scene, scenes, stage } from '../../test/rig/planning.ts';
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { healthKey } from '../model/health.ts';
import { familyOf } from '../model/prefix.ts';
import { type DesiredFor, desiredFor, planningContext } from './desired.ts';
import type { Inputs } from './inputs.ts';
import type { Stored } from './stored.ts';
import { tasksOf } from './tasks.ts';

function only(inputs: Inputs): Stored<AnnouncementRecord> {
  const [announcement] = inputs.announcements.values();
  if (announcement === undefined) throw new Error('the world has no announcement');
  return announcement;
}
function decide(scene: Scene, desired: DesiredFor = desiredFor) {
  const { inputs } = stage(scene);
  return desired(only(inputs), planningContext(inputs, scene.speaker, now));
}

/** Rule 2: whatever is withdrawn, the records named as evidence are there at that revision and say so. */
const withdrawsOnlyOnEvidence = (desired: DesiredFor) =>
  fc.property(scenes, (scene) => {
    const { inputs, entries } = stage(scene);
    const announcement = only(inputs);
    const tasks = tasksOf(announcement.record);
    for (const decision of desired(announcement, planningContext(inputs, scene.speaker, now))) {
      if (decision.type !== 'withdraw') continue;
      expect(decision.evidence.length).toBeGreaterThan(0);
      for (const { kind, key, revision, epoch } of decision.evidence) {
        expect(entries.get(key)?.modRevision).toBe(revision);
        if (kind !== 'verdict') continue;
        const task = tasks.find(({ taskId }) => healthKey(taskId) === key);
        const verdict = task && inputs.verdict(task);
        expect(verdict).toMatchObject({ fresh: true, epoch });
        if (decision.reason === 'nextHopDown') expect(verdict?.state).toBe('down');
      }
    }
  });

/** The same with the stale taken for down, the mistake that withdraws the world when checkers die. */
const staleIsDown: DesiredFor = (announcement, context) =>
  desiredFor(announcement, {
    ...context,
    verdict: (task) => {
      const verdict = context.verdict(task);
      return verdict === undefined || verdict.fresh ? verdict : { ...verdict, state: 'down', fresh: true };
    },
  });

/** Every way in which what isn't known may turn out. */
const outcomes = fc.array(fc.constantFrom<Knowledge['state']>('up', 'down'), { minLength: 5, maxLength: 5 });
function resolve(scene: Scene, states: readonly Knowledge['state'][]): Scene {
  const known = scene.known.map(({ state, fresh }, index) =>
    fresh && (state === 'up' || state === 'down') ? { state, fresh } : { state: states[index] ?? 'up', fresh: true },
  );
  return { ...scene, known };
}

describe('any announcement in any world', () => {
  it('withdraws nothing without evidence', () => {
    fc.assert(withdrawsOnlyOnEvidence(desiredFor), { numRuns: 1_000 });
  });

  it('seeded bug "stale treated as down" is found', () => {
    expect(() => fc.assert(withdrawsOnlyOnEvidence(staleIsDown), { numRuns: 1_000 })).toThrow('Property failed');
  });

  it('gets one decision for each prefix and next hop of its family, each with an identifier of its own', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const decisions = decide(scene);
        const wanted = scene.spec.prefixes.flatMap((prefix) =>
          scene.spec.nextHops
            .filter(({ address }) => familyOf(address) === familyOf(prefix))
            .map(({ address }) => `${prefix} ${address}`),
        );
        expect(decisions.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`)).toEqual(wanted);
        expect(new Set(decisions.map(({ prefix, identifier }) => `${prefix} ${identifier}`)).size).toBe(wanted.length);
      }),
    );
  });

  it('decides the same again from the same inputs', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = stage(scene);
        const again = world.replay();
        const [first, second] = [world.inputs, again].map((inputs) =>
          desiredFor(only(inputs), planningContext(inputs, scene.speaker, now)),
        );
        expect(second).toEqual(first);
      }),
    );
  });

  it('withdraws (policy withdraw) only what is withdrawn however the unknown turns out', () => {
    const withdrawing = scenes.filter(({ spec }) => (spec.policy?.onAllDown ?? 'withdraw') === 'withdraw');
    fc.assert(
      fc.property(withdrawing, outcomes, (scene, states) => {
        const before = decide(scene);
        const after = decide(resolve(scene, states));
        before.forEach((decision, index) => {
          if (decision.type === 'withdraw') expect(after[index]?.type).toBe('withdraw');
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('is left alone while nothing at all is known, but for drains, entitlement and scope', () => {
    const nothing: Knowledge = { state: 'none', fresh: true };
    const checked = scenes.filter(({ spec }) => spec.healthCheck !== undefined && spec.healthCheck.initial !== 'up');
    fc.assert(
      fc.property(checked, (scene) => {
        const untouched: Scene = { ...scene, drains: [], project: permitsAll, known: Array(5).fill(nothing) };
        const local = (nextHop: string) =>
          (scene.spec.nextHops.find(({ address }) => address === nextHop)?.zone ?? 'default') === scene.speaker.zone;
        for (const decision of decide(untouched)) {
          const outside = scene.spec.scope === 'speakerZone' && !local(decision.nextHop);
          const short = decision.reason === 'belowMinHealthy' || decision.reason === 'failOpen';
          if (!outside && !short) expect(decision.type).toBe('keep');
          if (short) expect(scene.spec.policy?.minHealthy).toBe(2);
        }
      }),
    );
  });

  it('keeps everything that it would announce when its project is unknown', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const decisions = decide({ ...scene, project: undefined });
        expect(decisions.filter(({ type, reason }) => type === 'announce' || reason === 'notEntitled')).toEqual([]);
      }),
    );
  });

  it('loses no path by an edit of its check alone (initial down)', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const withCheck: AnnouncementSpec = { ...scene.spec, healthCheck: { type: 'tcp', port: 7 }, scope: 'all' };
        const world = stage({ ...scene, spec: withCheck, project: permitsAll, drains: [] });
        world.announce({ ...withCheck, policy: {}, healthCheck: { type: 'tcp', port: 8 } });
        const decisions = desiredFor(only(world.inputs), planningContext(world.inputs, scene.speaker, now));
        expect(decisions.every(({ type, reason }) => type === 'keep' && reason === 'neverChecked')).toBe(true);
      }),
    );
  });
});

describe('liveness: with evidence it happens', () => {
  it('a fresh DOWN next hop with a fresh UP sibling always leaves, and the sibling stays', () => {
    const plain = scenes.filter(({ spec }) => spec.healthCheck !== undefined);
    fc.assert(
      fc.property(plain, (scene) => {
        const { policy, scope, ...rest } = scene.spec;
        const decisions = decide({
          ...scene,
          spec: { ...rest, ...(policy?.onAllDown === undefined ? {} : { policy: { onAllDown: policy.onAllDown } }) },
          project: permitsAll,
          drains: [],
        });
        const stateOf = (nextHop: string) =>
          scene.known[scene.spec.nextHops.findIndex(({ address }) => address === nextHop)];
        for (const decision of decisions) {
          const siblings = decisions.filter(({ prefix }) => prefix === decision.prefix);
          const own = stateOf(decision.nextHop);
          const anyUp = siblings.some(({ nextHop }) => isFresh(stateOf(nextHop), 'up'));
          if (anyUp && isFresh(own, 'down') && alone(scene, decision.nextHop)) {
            expect(decision).toMatchObject({ type: 'withdraw', reason: 'nextHopDown' });
          }
          if (isFresh(own, 'up') && alone(scene, decision.nextHop)) {
            expect(decision).toMatchObject({ type: 'announce', reason: 'healthy' });
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  const isFresh = (what: Knowledge | undefined, state: 'up' | 'down') => what?.fresh === true && what.state === state;
  /** No other task that lost its claim shares the shard. */
  const alone = (scene: Scene, nextHop: string) => {
    const { inputs } = stage(scene);
    const task = tasksOf(only(inputs).record).find(({ target }) => target === nextHop);
    return task !== undefined && inputs.verdict(task)?.fresh === true;
  };
});
