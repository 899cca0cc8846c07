import { expect, test } from 'vitest';
import type { ProjectSpec } from './project.ts';
import { projectProblems } from './validate-project.ts';

const one = (problems: readonly { field: string; problem: string }[]) => {
  expect(problems).toHaveLength(1);
  return problems[0] ?? { field: '', problem: '' };
};

test.each([
  [{ prefixes: [], nextHops: [] }],
  [
    {
      prefixes: [
        { prefix: '203.0.113.0/24', maxLength: 32 },
        { prefix: '2001:db8::/32', maxLength: 32 },
        { prefix: '0.0.0.0/0' },
      ],
      nextHops: ['127.0.0.0/8', '::1/128'],
    },
  ],
] satisfies [ProjectSpec][])('a project may be %j', (spec) => expect(projectProblems(spec)).toEqual([]));

test.each([
  [{ prefixes: [{ prefix: '203.0.113.1/24' }], nextHops: [] }, 'spec.prefixes[0].prefix', '"203.0.113.0/24"'],
  [{ prefixes: [{ prefix: '2001:DB8::/32' }], nextHops: [] }, 'spec.prefixes[0].prefix', '"2001:db8::/32"'],
  [{ prefixes: [{ prefix: '203.0.113.0/24', maxLength: 23 }], nextHops: [] }, 'spec.prefixes[0].maxLength', '24 to 32'],
  [{ prefixes: [{ prefix: '203.0.113.0/24', maxLength: 64 }], nextHops: [] }, 'spec.prefixes[0].maxLength', '24 to 32'],
  [{ prefixes: [{ prefix: '2001:db8::/32', maxLength: 31 }], nextHops: [] }, 'spec.prefixes[0].maxLength', '32 to 128'],
  [{ prefixes: [{ prefix: '::/0' }, { prefix: '::/0' }], nextHops: [] }, 'spec.prefixes[1].prefix', 'twice'],
  [{ prefixes: [], nextHops: ['10.0.0.1/8'] }, 'spec.nextHops[0]', '"10.0.0.0/8"'],
  [{ prefixes: [], nextHops: ['2001:DB8::/64'] }, 'spec.nextHops[0]', '"2001:db8::/64"'],
  [{ prefixes: [], nextHops: ['10.0.0.1'] }, 'spec.nextHops[0]', '10.0.0.1/32'],
] satisfies [ProjectSpec, string, string][])('a project may not be %j', (spec, field, words) => {
  const found = one(projectProblems(spec));
  expect(found.field).toBe(field);
  expect(found.problem).toContain(words);
});
