/** Chance as an input: everything that draws lots gets a function, so that tests and the simulation can seed it. */

/** Numbers in [0, 1). */
export const systemRandom: () => number = Math.random;
