/** Randomness that can be played again: the same seed gives the same numbers. */

export interface Seeded {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  /** Whole number from `from` to `to`, both possible. */
  between(from: number, to: number): number;
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** As many distinct ones, in their order; at least one. */
  some<Item>(items: readonly Item[], most?: number): readonly Item[];
  shuffled<Item>(items: readonly Item[]): readonly Item[];
}

/** The seed to use: SEED of the environment, else a new one. */
export function seedOf(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const named = Number(environment['SEED']);
  return Number.isSafeInteger(named) && named > 0 ? named : 1 + Math.floor(Math.random() * 0x7fff_fffe);
}

/** Mulberry32: 32 bits of state are enough to choose operations. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
    items
      .map((item) => ({ item, order: next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ item }) => item);
  return {
    seed,
    next,
    between,
    shuffled,
    chance: (share) => next() < share,
    pick: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    some: (items, most = items.length) => {
      const chosen = new Set(shuffled(items).slice(0, between(1, Math.min(most, items.length))));
      return items.filter((item) => chosen.has(item));
    },
  };
}
