/** Work on the same key one after the other, so that writers within this server don't make each other's conditions fail. */

export interface Turns {
  /** Runs when all earlier work on any of the keys has ended, however it ended. */
  take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    // All keys are taken in one go, so that two never wait for each other.
    take: async (keys, work) => {
      const before = new Set(keys.flatMap((key) => last.get(key) ?? []));
      const own = before.size === 0 ? work() : Promise.all(before).then(work);
      const ended = own.then(
        () => {},
        () => {},
      );
      for (const key of keys) last.set(key, ended);
      try {
        return await own;
      } finally {
        for (const key of keys) if (last.get(key) === ended) last.delete(key);
      }
    },
  };
}
