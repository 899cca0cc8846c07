/** What is still to be looked at: single objects first, and in turn with them the long jobs, a slice of each at a time. */

export interface StatusWork {
  /** Soon: something that concerns it has changed. */
  touch(key: string): void;
  /**
   * Some time: a job that goes over many. While one of that name is at it, asking again makes it run once more.
   * @param keys called when the job begins; it may be live, and means the same each time for the same name.
   */
  job(name: string, keys: () => Iterable<string>): void;
  isEmpty(): boolean;
  jobs(): number;
  /** Keys to look at, for as long as the caller goes on asking. */
  single(): Iterable<string>;
  /** The same, of the long job whose turn it is. */
  many(): Iterable<string>;
  clear(): void;
}

interface Job {
  readonly keys: () => Iterable<string>;
  iterator: Iterator<string> | undefined;
  again: boolean;
}

export function createStatusWork(): StatusWork {
  const touched = new Set<string>();
  const jobs = new Map<string, Job>();

  function* single(): Iterable<string> {
    for (const key of touched) {
      touched.delete(key);
      yield key;
    }
  }

  function* many(): Iterable<string> {
    const [next] = jobs;
    if (next === undefined) return;
    const [name, job] = next;
    // To the end of the line, for the turn after this one.
    jobs.delete(name);
    jobs.set(name, job);
    job.iterator ??= job.keys()[Symbol.iterator]();
    for (;;) {
      const { done, value } = job.iterator.next();
      if (done !== true) {
        yield value;
        continue;
      }
      job.iterator = undefined;
      if (job.again) job.again = false;
      else jobs.delete(name);
      return;
    }
  }

  return {
    touch: (key) => {
      touched.add(key);
    },
    job: (name, keys) => {
      const known = jobs.get(name);
      if (known === undefined) jobs.set(name, { keys, iterator: undefined, again: false });
      else if (known.iterator !== undefined) known.again = true;
    },
    isEmpty: () => touched.size === 0 && jobs.size === 0,
    jobs: () => jobs.size,
    single,
    many,
    clear: () => {
      touched.clear();
      jobs.clear();
    },
  };
}
