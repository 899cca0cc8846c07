import { describe, expect, test } from 'vitest';
import { CoreBgpError } from '../model/errors.ts';
import { limits, readResources } from './resource-files.ts';

const read = (text: string) => readResources('web.yaml', text);
const places = (text: string, field?: string) => read(text).map(({ place }) => place(field));

function refusal(text: string): CoreBgpError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof CoreBgpError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const project =
  'kind: Project\nmetadata: { name: shop }\nspec:\n  prefixes: [{ prefix: "2001:db8::/32" }]\n  nextHops: []\n';
const web =
  '# the shop\nkind: Announcement\nmetadata: { project: shop, name: web }\nspec:\n  prefixes:\n    - 203.0.113.10/32\n    - 2001:db8::10/128\n';

test('a file may hold several documents, and empty ones among them count for nothing', () => {
  const resources = read(`---\n${project}---\n# only a comment\n---\n${web}---\n`);
  expect(resources.map(({ resource }) => resource)).toMatchObject([{ kind: 'Project' }, { kind: 'Announcement' }]);
});

test('a place names the file, the line and the document, also of a field', () => {
  const text = `${project}---\n${web}`;
  expect(places(text)).toEqual(['web.yaml, line 1 (document 1)', 'web.yaml, line 8 (document 2)']);
  expect(read(text)[1]?.place('spec.prefixes[1]')).toBe('web.yaml, line 13 (document 2)');
  expect(read(text)[1]?.place('spec.nextHops[0].address')).toBe('web.yaml, line 11 (document 2)');
  expect(read(text)[0]?.place('spec.prefixes[0].prefix')).toBe('web.yaml, line 4 (document 1)');
});

test('JSON, a list, and what "get -o json" prints are read alike', () => {
  const one = { kind: 'Project', metadata: { name: 'shop' }, spec: {} };
  for (const value of [one, [one], { revision: 7, resources: [one] }]) {
    expect(read(JSON.stringify(value)).map(({ resource }) => resource)).toEqual([one]);
  }
  expect(places(JSON.stringify([one, one]))).toEqual(['web.yaml, entry 1', 'web.yaml, entry 2']);
});

test('nothing of YAML 1.1 is read into plain words', () => {
  const [first] = read('kind: Project\nspec: { a: no, b: 12, c: 2026-01-31, d: 1:30 }');
  expect(first?.resource).toMatchObject({ spec: { a: 'no', b: 12, c: '2026-01-31', d: '1:30' } });
});

describe('what is refused', () => {
  test.each([
    ['kind: [', 'web.yaml, line 1, column 8 (document 1): this YAML'],
    [`${project}---\nkind: Project\nkind: Peer\n`, 'web.yaml, line 8, column 1 (document 2): kind is there twice'],
    [`${project}---\njust words\n`, 'web.yaml, line 7 (document 2): this is no resource'],
    ['[1]', 'web.yaml, entry 1: this is no resource'],
    ['', 'web.yaml holds no resource'],
    ['# nothing\n---\n', 'web.yaml holds no resource'],
    ['kind: *nowhere', 'web.yaml, line 1, column 7 (document 1): *nowhere refers to an anchor'],
  ])('%j', (text, said) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid', message: expect.stringContaining(said) });
  });

  test('a bomb of aliases, in no time and no memory', () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? 'a0: &a0 [lol, lol, lol]' : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]`,
    );
    expect(refusal(levels.join('\n'))).toMatchObject({ code: 'invalid', message: expect.stringContaining('alias') });
  });

  test.each([
    ['lists in a line', (depth: number) => `spec: ${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['mappings in a line', (depth: number) => `spec: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`],
    ['lists by indentation', (depth: number) => `spec: ${'- '.repeat(depth)}1`.replace(' -', '\n  -')],
    ['JSON', (depth: number) => `{"spec": ${'['.repeat(depth)}${']'.repeat(depth)}}`],
  ])('nesting without end: %s', (_, nest) => {
    for (const depth of [limits.depth + 1, 5_000]) {
      expect(refusal(nest(depth))).toMatchObject({ code: 'invalid', message: expect.stringMatching(/nested|deep/) });
    }
  });

  test('more resources than the limit', () => {
    const text = `[${'{},'.repeat(limits.resources)}{}]`;
    expect(refusal(text).code).toBe('tooLarge');
  });
});

test('what YAML readers read differently is refused, with what to write', () => {
  const said = (line: string) => refusal(`kind: Peer\nspec:\n  ${line}\n`).message;
  expect(said('asn: 012')).toContain('web.yaml, line 3, column 8 (document 1): 012 has a leading zero');
  expect(said('<<: { asn: 1 }')).toContain('"<<" (merge) is not part of YAML 1.2');
  expect(said('asn: !!js/function "x"')).toContain('leave the tag out');
  expect(said('asn: .inf')).toContain('no number that can be kept');
  expect(said('why: "\\0"')).toContain('U+0000');
  expect(refusal(`%YAML 1.1\n---\nkind: Peer\n`).message).toContain('asks for another YAML than 1.2');
});
