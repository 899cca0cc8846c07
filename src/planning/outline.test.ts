import fc from 'fast-check';
import { expect, it } from 'vitest';
import { announcementSpecs, createWorld, now, scenes, stage, zones } from '../../test/rig/planning.ts';
import type { AnnouncementRecord } from '../model/announcement.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import type { Decision } from './desired.ts';
import type { Inputs } from './inputs.ts';
import { outlineOf } from './outline.ts';
import { statusOf, viewpoints } from './status.ts';
import type { Stored } from './stored.ts';

const speakers = fc.array(fc.record({ zone: fc.constantFrom(...zones), behind: fc.nat(6) }), { maxLength: 3 });

function report(name: string, zone: string, appliedRevision: number): SpeakerStatusRecord {
  return {
    v: 1,
    name,
    node: 'n1',
    zone,
    asn: 64512,
    routerId: '192.0.2.1',
    appliedRevision,
    paths: 2,
    foreignPaths: 0,
    peers: [],
    exceptions: [],
    exceptionCount: 0,
    conditions: [],
    reportedAt: '2026-01-01T00:00:00Z',
  };
}

/** From all decisions that the rules make on it, each made anew. */
function wanted(announcement: Stored<AnnouncementRecord>, inputs: Inputs) {
  const views = viewpoints(announcement, inputs, now);
  const nextHops = announcement.record.spec.nextHops.map(({ address }) => {
    const decisions = views.flatMap((view) => view.decisions.filter(({ nextHop }) => nextHop === address));
    const find = (type: Decision['type']) => decisions.find((decision) => decision.type === type);
    const leading = find('announce') ?? find('keep') ?? find('withdraw');
    return { address, path: leading?.type ?? 'keep', why: leading?.reason ?? 'noSpeaker' };
  });
  const current = views.flatMap((view) => (view.report === undefined ? [] : [[view.report.name, view.current]]));
  return { nextHops, current };
}

function shown(announcement: Stored<AnnouncementRecord>, inputs: Inputs) {
  const status = statusOf(announcement, inputs, now);
  return {
    nextHops: status.nextHops.map(({ address, path, why }) => ({ address, path, why })),
    current: status.speakers.map(({ name, current }) => [name, current]),
  };
}

it('a status says of each next hop what the rules decide, whatever was decided in that situation before', () => {
  fc.assert(
    fc.property(scenes, announcementSpecs, speakers, (scene, other, reports) => {
      const world = stage(scene);
      world.announce({ ...other, prefixes: ['203.0.113.99/32'] }, 'other');
      reports.forEach(({ zone, behind }, index) => {
        const name = `rr${index}`;
        world.put(`speaker-status/${name}`, report(name, zone, world.inputs.revision - behind));
      });
      for (const announcement of world.inputs.announcements.values()) {
        const { key, record, createRevision, revision } = announcement;
        expect(shown(announcement, world.inputs)).toEqual(wanted(announcement, world.inputs));
        expect(shown({ key, record, createRevision, revision }, world.inputs)).toEqual(
          wanted(announcement, world.inputs),
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

it('announcements that are alike but for their names share an outline', () => {
  const world = createWorld();
  const spec = (prefix: string, address: string) => ({ prefixes: [prefix], nextHops: [{ address }] });
  const web = outlineOf(world.announce(spec('203.0.113.10/32', '10.0.1.11'), 'web'));
  expect(outlineOf(world.announce(spec('203.0.113.11/32', '10.0.1.12'), 'api'))).toBe(web);
  const six = outlineOf(world.announce(spec('2001:db8::10/128', '2001:db8:1::11'), 'six'));
  expect(six).not.toBe(web);
  expect(outlineOf(world.announce(spec('2001:db8::11/128', '2001:db8:1::12'), 'seven'))).toBe(six);
});
