import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counted } from './progress.ts';

test('numbers are told in groups of three', () => {
  expect([0, 12, 999, 1_000, 12_345, 1_234_567].map(counted)).toEqual([
    '0',
    '12',
    '999',
    '1,000',
    '12,345',
    '1,234,567',
  ]);
  fc.assert(fc.property(fc.maxSafeNat(), (count) => counted(count) === count.toLocaleString('en-US')));
});
