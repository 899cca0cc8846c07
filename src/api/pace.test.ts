import { expect, test } from 'vitest';
import { breathe } from '../runtime/breathe.ts';
import { createPace } from './pace.ts';

/** Who has gone on, after each turn until nobody is left. */
async function goneBy(weights: readonly number[], perTurn: number): Promise<readonly number[][]> {
  const pace = createPace(perTurn);
  let gone: number[] = [];
  const all = weights.map(async (weight, index) => {
    await pace.next(weight);
    gone.push(index);
  });
  const turns: number[][] = [];
  for (let left = weights.length; left > 0; left -= turns.at(-1)?.length ?? 0) {
    if (turns.length > 0) await breathe();
    // Promises that were resolved in this turn.
    for (let times = 0; times < 10; times += 1) await Promise.resolve();
    turns.push(gone);
    gone = [];
    if (turns.length > 100) throw new Error('they never all go on');
  }
  await Promise.all(all);
  return turns;
}

test('as many go on in a turn as it bears, in the order in which they came', async () => {
  expect(await goneBy([1, 1, 1, 1, 1], 2)).toEqual([[0, 1], [2, 3], [4]]);
  expect(await goneBy([1, 1], 2)).toEqual([[0, 1]]);
});

test('what weighs more than is left of a turn takes all of that, and nobody overtakes it', async () => {
  expect(await goneBy([1, 9, 1, 1, 9, 1], 3)).toEqual([[0, 1], [2, 3, 4], [5]]);
});

test('who comes while others wait goes after them, and once all have gone a turn has room again', async () => {
  const pace = createPace(1);
  const gone: string[] = [];
  const go = async (name: string) => {
    await pace.next(1);
    gone.push(name);
  };
  const [first, second] = [go('first'), go('second')];
  await first;
  const third = go('third');
  await Promise.all([second, third]);
  for (let times = 0; times < 3; times += 1) await breathe();
  expect(pace.next(1)).toBeUndefined();
  expect(pace.next(1)).toBeInstanceOf(Promise);
  expect(gone).toEqual(['first', 'second', 'third']);
});
