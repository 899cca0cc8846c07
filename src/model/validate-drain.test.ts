import { expect, test } from 'vitest';
import type { DrainSpec } from './drain.ts';
import { drainProblems } from './validate-drain.ts';

const one = (problems: readonly { field: string; problem: string }[]) => {
  expect(problems).toHaveLength(1);
  return problems[0] ?? { field: '', problem: '' };
};

test.each([
  [{ target: { nextHop: '10.0.1.11' }, until: '2028-02-29T00:00:00Z' }],
  [{ target: { nextHop: '2001:db8::1' }, until: '2026-12-31T23:59:59.5+02:00' }],
  [{ target: { announcement: 'shop/web' }, why: 'maintenance' }],
  [{ target: { zone: 'eu-1a' } }],
  [{ target: { speaker: 'rr1' } }],
] satisfies [DrainSpec][])('a drain may be %j', (spec) => expect(drainProblems(spec)).toEqual([]));

test.each([
  [{ target: { nextHop: '2001:DB8::1' } }, 'spec.target.nextHop', '"2001:db8::1"'],
  [{ target: { nextHop: '10.0.0.0/8' } }, 'spec.target.nextHop', 'is a prefix'],
  [{ target: { announcement: 'shop/web-' } }, 'spec.target.announcement', 'project/name'],
  [{ target: { zone: 'a' }, until: '2026-02-29T00:00:00Z' }, 'spec.until', 'no point in time'],
  [{ target: { zone: 'a' }, until: '2026-13-01T00:00:00Z' }, 'spec.until', 'no point in time'],
  [{ target: { zone: 'a' }, until: '2026-01-01T25:00:00Z' }, 'spec.until', 'no point in time'],
] satisfies [DrainSpec, string, string][])('a drain may not be %j', (spec, field, words) => {
  const found = one(drainProblems(spec));
  expect(found.field).toBe(field);
  expect(found.problem).toContain(words);
});
