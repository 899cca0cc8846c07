/** Work on the same key one after the other, so that writers within this server don't make each other's conditions fail. */

export interface Turns {
  /** Runs when all earlier work on the key has ended, however it ended. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    take: async (key, work) => {
      const before = last.get(key);
      const own = before === undefined ? work() : before.then(work);
      const ended = own.then(
        () => {},
        () => {},
      );
      last.set(key, ended);
      try {
        return await own;
      } finally {
        if (last.get(key) === ended) last.delete(key);
      }
    },
  };
}
