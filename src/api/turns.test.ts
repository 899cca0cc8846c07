import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('work on one key takes turns, also after a failure; other keys do not wait', async () => {
  const turns = createTurns();
  const done: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = turns.take(['a'], async () => {
    await held;
    done.push('a1');
    throw new Error('failed');
  });
  const second = turns.take(['a'], async () => done.push('a2'));
  await turns.take(['b'], async () => done.push('b'));
  release();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(done).toEqual(['b', 'a1', 'a2']);
});

test('work on several keys waits for all earlier work on any of them, in the order it came', async () => {
  const turns = createTurns();
  const done: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const all = [
    turns.take(['a'], async () => {
      await held;
      done.push('a');
    }),
    turns.take(['a', 'b'], async () => done.push('ab')),
    turns.take(['b', 'a'], async () => done.push('ba')),
    turns.take(['b'], async () => done.push('b')),
  ];
  await turns.take(['c'], async () => done.push('c'));
  release();
  await Promise.all(all);
  expect(done).toEqual(['c', 'a', 'ab', 'ba', 'b']);
});
