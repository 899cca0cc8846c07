import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('work on one key takes turns, also after a failure; other keys do not wait', async () => {
  const turns = createTurns();
  const done: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = turns.take('a', async () => {
    await held;
    done.push('a1');
    throw new Error('failed');
  });
  const second = turns.take('a', async () => done.push('a2'));
  await turns.take('b', async () => done.push('b'));
  release();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(done).toEqual(['b', 'a1', 'a2']);
});
