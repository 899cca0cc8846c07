import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allOf,
  announcementSpecs,
  createWorld,
  drainSpecs,
  now,
  permitsAll,
  projectSpecs,
  recordOf,
  type Scene,
  scenes,
  stage,
  type World,
  zones,
} from '../../test/rig/planning.ts';
import type { AnnouncementSpec } from '../model/announcement.ts';
import { attributesKey } from '../model/attributes.ts';
import type { DrainSpec } from '../model/drain.ts';
import type { ProjectSpec } from '../model/project.ts';
import { type Decision, desiredFor, planningContext } from './desired.ts';
import type { Inputs } from './inputs.ts';
import { pathDiffs } from './path-diff.ts';

const speakers = [
  { name: 'rr1', zone: 'east' },
  { name: 'rr2', zone: 'default' },
];

function speak(world: World): void {
  for (const { name, zone } of speakers) {
    const facts = { v: 1, name, node: 'n', zone, asn: 64_512, routerId: '192.0.2.1', appliedRevision: 1 };
    const counts = { paths: 0, foreignPaths: 0, exceptionCount: 0 };
    const lists = { peers: [], exceptions: [], conditions: [] };
    world.put(`speaker-status/${name}`, { ...facts, ...counts, ...lists, reportedAt: '2026-01-01T00:00:00Z' });
  }
}

interface Write {
  readonly drain: DrainSpec | 'none' | 'deleted';
  readonly project: ProjectSpec | 'none';
  readonly announcement: AnnouncementSpec | 'none' | 'deleted';
}

const writes: fc.Arbitrary<Write> = fc.record({
  drain: fc.oneof(drainSpecs, fc.constantFrom('none' as const, 'deleted' as const)),
  project: fc.oneof(projectSpecs, fc.constant('none' as const)),
  announcement: fc.oneof(announcementSpecs, fc.constantFrom('none' as const, 'none' as const, 'deleted' as const)),
});

const planned = ({ drain, project, announcement }: Write) => ({
  drains: new Map(
    drain === 'none' ? [] : [['drains/d0', drain === 'deleted' ? undefined : recordOf('Drain', 'd0', drain)]],
  ),
  projects: new Map(project === 'none' ? [] : [['projects/shop', recordOf('Project', 'shop', project)]]),
  announcements: new Map(
    announcement === 'none'
      ? []
      : [
          [
            'announcements/shop/web',
            announcement === 'deleted' ? undefined : recordOf('Announcement', 'web', announcement, 'shop'),
          ],
        ],
  ),
});

function carryOut(write: Write, world: World): void {
  for (const [key, record] of Object.values(planned(write)).flatMap((map) => [...map])) {
    if (record === undefined) world.remove(key);
    else world.put(key, record);
  }
}

/** Of everything at everyone: what is decided, by speaker, prefix and next hop. */
function decisions(inputs: Inputs): Map<string, Decision> {
  const found = new Map<string, Decision>();
  for (const { name, zone } of speakers) {
    const context = planningContext(inputs, { name, zone, asn: 64_512 }, now);
    for (const announcement of inputs.announcements.values()) {
      for (const decision of desiredFor(announcement, context)) {
        found.set(`${name} ${decision.owner} ${decision.prefix} ${decision.nextHop}`, decision);
      }
    }
  }
  return found;
}

it('a dry run tells what carrying it out changes, whatever is written', () => {
  const others = fc.array(announcementSpecs, { minLength: 0, maxLength: 3 });
  fc.assert(
    fc.property(scenes, others, writes, (scene: Scene, more, write) => {
      const world = stage(scene);
      for (const [index, spec] of more.entries()) world.announce(spec, `other${index}`);
      speak(world);
      const before = decisions(world.inputs);
      const told = allOf(pathDiffs(planned(write), world.inputs, now, 1_000));
      carryOut(write, world);
      const after = decisions(world.inputs);
      const expected: string[] = [];
      for (const [key, decision] of after) {
        const { type, reason, prefix, nextHop } = decision;
        const was = before.get(key);
        const [speaker = ''] = key.split(' ');
        const line = (list: string) => expected.push(`${speaker} ${list} ${prefix} ${nextHop} ${reason}`);
        if (type === 'announce' && was?.type !== 'announce') line('announce');
        if (type === 'announce' && was?.type === 'announce') {
          if (attributesKey(was.attributes) !== attributesKey(decision.attributes)) line('change');
        }
        if (type === 'keep' && (was?.type !== 'keep' || was.reason !== reason)) line('keep');
        if (type === 'withdraw' && was !== undefined && was.type !== 'withdraw') line('withdraw');
      }
      for (const [key, { type, prefix, nextHop }] of before) {
        if (after.has(key) || type === 'withdraw') continue;
        const record = world.inputs.announcements.get('announcements/shop/web')?.record;
        const gone = record?.spec.prefixes.includes(prefix) === true ? 'nextHopRemoved' : 'prefixRemoved';
        expected.push(`${key.split(' ')[0]} withdraw ${prefix} ${nextHop} ${record === undefined ? 'deleted' : gone}`);
      }
      const found = told.flatMap(({ speaker, announce, withdraw, change, keep }) =>
        Object.entries({ announce, withdraw, change, keep }).flatMap(([list, paths]) =>
          paths.map(({ prefix, nextHop, reason }) => `${speaker} ${list} ${prefix} ${nextHop} ${reason}`),
        ),
      );
      expect(found.sort()).toEqual(expected.sort());
    }),
    { numRuns: 1_000 },
  );
});

describe.each([
  {
    name: 'IPv4',
    prefix: (index: number) => `203.0.113.${index + 1}/32`,
    hop: (index: number) => `10.0.1.${index + 1}`,
  },
  {
    name: 'IPv6',
    prefix: (index: number) => `2001:db8::${(index + 1).toString(16)}/128`,
    hop: (index: number) => `2001:db8:1::${index + 1}`,
  },
])('with many announcements of $name', ({ prefix, hop }) => {
  function many(): World {
    const world = createWorld();
    world.project(permitsAll);
    for (let index = 0; index < 20; index += 1) {
      const zone = zones[index % 3] ?? 'default';
      world.announce({ prefixes: [prefix(index)], nextHops: [{ address: hop(index), zone }] }, `a${index}`);
    }
    speak(world);
    return world;
  }
  const drain = (target: DrainSpec['target']) => ({
    drains: new Map([['drains/d', recordOf('Drain', 'd', { target })]]),
  });

  it.each<[string, DrainSpec['target'], number]>([
    ['next hop', { nextHop: hop(7) }, 1],
    ['announcement', { announcement: 'shop/a7' }, 1],
    ['zone', { zone: 'east' }, 7],
    ['speaker', { speaker: 'rr2' }, 20],
    ['speaker that is not there', { speaker: 'rr9' }, 0],
  ])('a drain of a %s has only those decided that it can touch', (_, target, touched) => {
    const { inputs } = many();
    let decided = 0;
    const counting: Inputs = {
      ...inputs,
      project: (name) => {
        decided += 1;
        return inputs.project(name);
      },
    };
    const [rr1, rr2] = allOf(pathDiffs(drain(target), counting, now, 1_000));
    const ofSpeaker = 'speaker' in target;
    expect(decided).toBe(touched * 2 * (ofSpeaker ? 1 : 2));
    expect(rr1?.withdraw.length).toBe(ofSpeaker ? 0 : touched);
    expect(rr2?.withdraw.length).toBe(touched);
  });

  it('what a list does not hold is counted', () => {
    const [diff] = allOf(pathDiffs(drain({ speaker: 'rr1' }), many().inputs, now, 3));
    expect(diff?.withdraw.map((path) => path.prefix)).toEqual([prefix(0), prefix(1), prefix(2)]);
    expect(diff?.more).toEqual({ announce: 0, withdraw: 17, change: 0, keep: 0 });
  });

  it("others' changes meanwhile are not taken for changes of the write", () => {
    const world = many();
    const work = pathDiffs(drain({ nextHop: hop(7) }), world.inputs, now, 1_000);
    work.next();
    world.remove('announcements/shop/a3');
    world.announce({ prefixes: [prefix(50)], nextHops: [{ address: hop(7) }] }, 'late');
    world.announce({ prefixes: [prefix(4)], nextHops: [{ address: hop(44) }] }, 'a4');
    world.drain('other', { target: { nextHop: hop(9) } });
    world.project({ prefixes: [], nextHops: [] });
    world.project(permitsAll);
    const [diff] = allOf(work);
    expect(diff).toMatchObject({
      announce: [],
      withdraw: [{ prefix: prefix(7), nextHop: hop(7), reason: 'drained' }],
      change: [],
      keep: [],
    });
  });
});
