import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { durationPattern, formatDuration, parseDuration } from './duration.ts';

test.each([
  ['500ms', 500],
  ['2s', 2_000],
  ['1m', 60_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['1.5s', 1_500],
  ['1.001s', 1_001],
  ['0.3s', 300],
  ['2.675s', 2_675],
  ['0ms', 0],
  ['0.5ms', 0.5],
])('%s is %d milliseconds', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([
  '',
  '5',
  's',
  '-1s',
  '+1s',
  '1 s',
  ' 1s',
  '1s ',
  '1S',
  '1.s',
  '.5s',
  '1e3ms',
  '1h30m',
  '1.0001s',
  '1234567890s',
  '1s\n',
  '٣s',
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
  expect(new RegExp(durationPattern).test(text)).toBe(false);
});

it('reads back every whole number of milliseconds that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (ms) => {
      const text = formatDuration(ms);
      expect(new RegExp(durationPattern).test(text)).toBe(true);
      expect(parseDuration(text)).toBe(ms);
    }),
  );
});

it('gives whole milliseconds for every amount of seconds or more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99_999 }),
      fc.integer({ min: 0, max: 999 }),
      fc.constantFrom('s', 'm', 'h', 'd'),
      (whole, thousandths, unit) => {
        const text = `${whole}.${String(thousandths).padStart(3, '0')}${unit}`;
        expect(Number.isInteger(parseDuration(text))).toBe(true);
      },
    ),
  );
});

test.each([
  [2_000, '2s'],
  [1_500, '1500ms'],
  [90_000, '90s'],
  [3_600_000, '1h'],
  [86_400_000, '1d'],
  [0, '0ms'],
])('%d milliseconds are written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
