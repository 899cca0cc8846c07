import { expect, test } from 'vitest';
import { fakeShell, runIn } from '../../test/rig/shell.ts';
import { writeList } from './list-output.ts';
import type { Shell } from './shell.ts';
import type { ShownSlice } from './views.ts';

const project = (name: string) => ({
  apiVersion: 'corebgp/v1',
  kind: 'Project',
  metadata: { name, uid: 'u', revision: 3, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' },
  spec: { prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }], nextHops: ['10.0.0.0/16'] },
});
const odd = (name: string) => ({
  unreadable: true,
  kind: 'Project',
  name,
  revision: 4,
  message: `The stored record of Project "${name}" can't be read.`,
});

const get = (answer: object, ...words: readonly string[]) =>
  runIn({ answer: () => answer }, 'get', 'projects', ...words);

test.each([
  [[project('a'), project('b')], {}],
  [[project('a')], { stale: true }],
  [[], {}],
  [[odd('x'), project('a'), odd('y')], {}],
  [[odd('x')], {}],
])('a list as JSON is one document, indented like every other (%#)', async (resources, more) => {
  const { code, out, err } = await get({ revision: 7, ...more, resources }, '-o', 'json');
  const unreadable = resources.filter((one) => 'unreadable' in one);
  const whole = {
    revision: 7,
    ...more,
    resources: resources.filter((one) => !('unreadable' in one)),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
  const note = 'note: the API server cannot reach its store; this may be out of date\n';
  expect([code, err]).toEqual([0, 'stale' in more ? note : '']);
  expect(out).toBe(`${JSON.stringify(whole, undefined, 2)}\n`);
});

test('a list as YAML has a document each; as a table a row; what cannot be read is told on stderr', async () => {
  const answer = { revision: 7, resources: [project('a'), odd('x'), project('b')] };
  const yaml = await get(answer, '-o', 'yaml');
  expect(yaml.out.split('---\n')).toHaveLength(2);
  expect(yaml.out).toContain('name: b');
  const table = await get(answer);
  expect(table.out.split('\n')).toEqual([
    expect.stringMatching(/^NAME/),
    expect.stringMatching(/^a /),
    expect.stringMatching(/^b /),
    '',
  ]);
  const warning = `warning: The stored record of Project "x" can't be read.\n`;
  expect([yaml.err, table.err, yaml.code, table.code]).toEqual([warning, warning, 0, 0]);
  expect(await get({ revision: 7, resources: [] })).toMatchObject({ out: '', err: 'no projects\n' });
  const many = Array.from({ length: 25 }, (_, index) => odd(`x-${index}`));
  const { err } = await get({ revision: 7, resources: many });
  expect(err.split('\n')).toHaveLength(22);
  expect(err).toContain('warning: 5 more cannot be read; -o json lists them all\n');
});

/** Slices of one object each, as the reader asks for them. */
async function* slices(count: number, asked: (index: number) => void): AsyncGenerator<ShownSlice> {
  for (let index = 0; index < count; index += 1) {
    asked(index);
    const objects = [{ value: { index }, rows: () => [[String(index)]], rank: 0 }];
    yield { revision: 1, stale: false, total: count, objects, unreadable: [] };
  }
}

test('no more is fetched than standard output takes', async () => {
  const shell = fakeShell();
  let asked = 0;
  const behind: number[] = [];
  const stdout: Shell['stdout'] = {
    ...shell.stdout,
    ready: async () => {
      behind.push(asked - shell.out().split('"index"').length + 1);
    },
  };
  await writeList(
    slices(50, () => {
      asked += 1;
    }),
    'things',
    [],
    'json',
    { ...shell, stdout },
  );
  expect(JSON.parse(shell.out()).resources).toHaveLength(50);
  expect(behind).toEqual(Array.from({ length: 50 }, () => 0));
});

test.each([
  [true, undefined, /^\r.\[K\d+ of 50.*\r.\[K$/s],
  [false, undefined, /^$/],
  // It would mix with what is printed on the same terminal.
  [true, 'json', /^$/],
])('on a terminal (%s) that waits for %s it says how far it is', async (terminal, output, told) => {
  const shell = fakeShell({ terminal });
  let now = 0;
  const clock = { ...shell.clock, now: () => now };
  const wait = () => {
    now += 100;
  };
  await writeList(slices(50, wait), 'things', ['N'], output, { ...shell, clock });
  expect(shell.err()).toMatch(told);
});

test('a list that is cut leaves no JSON that parses', async () => {
  const shell = fakeShell();
  const cut = slices(5, (index) => {
    if (index === 3) throw new Error('cut');
  });
  await expect(writeList(cut, 'things', [], 'json', shell)).rejects.toThrow('cut');
  expect(() => JSON.parse(shell.out())).toThrow();
  const table = fakeShell();
  await expect(
    writeList(
      slices(5, (index) => {
        if (index === 3) throw new Error('cut');
      }),
      'things',
      ['N'],
      undefined,
      table,
    ),
  ).rejects.toThrow('cut');
  expect(table.out()).toBe('');
});
