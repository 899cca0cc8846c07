import fc from 'fast-check';
import { expect, it } from 'vitest';
import { now, scenes, stage } from '../../test/rig/planning.ts';
import { healthKey } from '../model/health.ts';
import { tasksOfStored } from './kept.ts';
import { statusOf } from './status.ts';
import { statusText } from './status-text.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"},{"', '\\', '\u2028', '\ud800'));
const speaker = fc.record({
  v: fc.constant(1),
  name: text,
  node: fc.constant('n1'),
  zone: fc.constantFrom('default', 'east'),
  asn: fc.constant(64512),
  routerId: fc.constant('192.0.2.1'),
  appliedRevision: fc.nat(20),
  paths: fc.constant(2),
  foreignPaths: fc.constant(0),
  peers: fc.constant([]),
  exceptions: fc.array(
    fc.record({
      prefix: fc.constantFrom('203.0.113.10/32', '2001:db8::10/128'),
      nextHop: fc.constantFrom('10.0.1.11', '2001:db8:1::11'),
      kind: fc.constantFrom('held', 'refused', 'unexplained'),
      reason: text,
    }),
    { maxLength: 2 },
  ),
  exceptionCount: fc.constant(0),
  conditions: fc.constant([]),
  reportedAt: fc.constant('2026-01-01T00:00:00Z'),
});
const verdict = fc.record(
  { since: text, reason: text, checker: text, code: fc.nat(), rttMs: fc.double({ min: 0, noNaN: true }) },
  { requiredKeys: ['since', 'reason', 'checker'] },
);

it('a status as text is its JSON', () => {
  fc.assert(
    fc.property(scenes, fc.array(speaker, { maxLength: 2 }), fc.array(verdict), (scene, reports, verdicts) => {
      const world = stage(scene);
      reports.forEach((report, index) => {
        world.put(`speaker-status/rr${index}`, report);
      });
      for (const announcement of world.inputs.announcements.values()) {
        for (const [index, { taskId }] of tasksOfStored(announcement).entries()) {
          const said = verdicts[index];
          if (said !== undefined) world.put(healthKey(taskId), { v: 1, state: 'up', epoch: 1, seq: 1, ...said });
        }
        const status = statusOf(announcement, world.inputs, now);
        expect(statusText(status)).toBe(JSON.stringify(status));
      }
    }),
    { numRuns: 1_000 },
  );
});
