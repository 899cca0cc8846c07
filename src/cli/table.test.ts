import { expect, test } from 'vitest';
import { ageOf } from './age.ts';
import { printable, tableText, wantsColor } from './table.ts';

test('columns are as wide as their widest cell, empty cells show a dash, no line ends in spaces', () => {
  expect(
    tableText(
      ['NAME', 'STATE'],
      [
        ['web', { text: 'announced', tone: 'good' }],
        ['x', ''],
      ],
      false,
    ),
  ).toBe('NAME  STATE\nweb   announced\nx     -\n');
});

test('colours do not shift columns', () => {
  const rows = [[{ text: 'up', tone: 'good' as const }, 'x']];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  const bare = tableText(['A', 'B'], rows, true).replace(/\u001b\[\d+m/g, '');
  expect(bare).toBe(tableText(['A', 'B'], rows, false));
});

test('what others wrote can not command the terminal', () => {
  expect(printable('a\u001b[31mb\u0007\n\u009b2J\u202ec')).toBe('a?[31mb???2J?c');
});

test('colours are for terminals, and not when NO_COLOR is set', () => {
  expect(wantsColor({ terminal: true }, {})).toBe(true);
  expect(wantsColor({ terminal: false }, {})).toBe(false);
  expect(wantsColor({ terminal: true }, { NO_COLOR: '1' })).toBe(false);
});

test.each([
  [-5, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [119 * 60_000, '119m'],
  [7_200_000, '2h'],
  [86_400_000 * 12, '12d'],
])('%d ms ago reads %s', (ms, text) => {
  const now = Date.parse('2026-06-01T00:00:00Z');
  expect(ageOf(new Date(now - ms).toISOString(), now)).toBe(text);
});

test('no time has no age', () => {
  expect(ageOf(undefined, 0)).toBe('');
  expect(ageOf('soon', 0)).toBe('');
});
