/**
 * Judges a system call trace of a store: was each acknowledgement preceded by a sync of what it acknowledges?
 *
 * An acknowledgement of a key is good when, in this order and each begun after the one before had ended:
 *   1. a write to the database file that holds the key, complete;
 *   2. fdatasync or fsync of that file, successful;
 *   3. the record that makes it count (lmdb's meta page), through a descriptor opened with O_DSYNC or O_SYNC;
 *   4. the acknowledgement.
 */

interface Call {
  readonly name: string;
  readonly text: string;
  /** Lines of the trace: an order over all threads. */
  readonly begin: number;
  readonly end: number;
}

/** Puts the halves of interrupted lines together (`strace -f -o file`). */
function parse(trace: string): readonly Call[] {
  const open = new Map<string, { readonly name: string; readonly text: string; readonly begin: number }>();
  const calls: Call[] = [];
  trace.split('\n').forEach((line, index) => {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(rest);
    if (resumed !== null) {
      const begun = open.get(thread);
      open.delete(thread);
      if (begun !== undefined) calls.push({ ...begun, text: begun.text + (resumed[2] ?? ''), end: index });
      return;
    }
    const [, name] = /^(\w+)\(/.exec(rest) ?? [];
    if (name === undefined) return;
    if (rest.endsWith('<unfinished ...>')) open.set(thread, { name, text: rest, begin: index });
    else calls.push({ name, text: rest, begin: index, end: index });
  });
  return calls;
}

const result = (call: Call) => Number(/= (-?\d+)[^=]*$/.exec(call.text)?.[1] ?? Number.NaN);
const descriptor = (call: Call) => Number(/^\w+\((\d+)/.exec(call.text)?.[1] ?? Number.NaN);

export interface Judgement {
  readonly acknowledgements: number;
  readonly syncs: number;
  /** One sentence for each acknowledgement that came too early. */
  readonly wrong: readonly string[];
}

/** What to trace with `strace -f -s 200000`. */
export const tracedCalls = 'openat,write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,msync';

/** @param file end of the database file's path. */
export function judgeSyncs(trace: string, file: string): Judgement {
  const calls = parse(trace);
  /** Descriptors of the database file: whether each write through it is synced by itself. */
  const files = new Map<number, boolean>();
  for (const call of calls) {
    if (call.name !== 'openat') continue;
    if (call.text.includes(`${file}"`)) files.set(result(call), /O_DSYNC|O_SYNC/.test(call.text));
    else files.delete(result(call));
  }
  const own = calls.filter((call) => files.has(descriptor(call)));
  const writes = own.filter((call) => /^p?write/.test(call.name) && result(call) > 0);
  const syncs = own.filter((call) => /^f(data)?sync$/.test(call.name) && result(call) === 0);
  const records = writes.filter((call) => files.get(descriptor(call)) === true);

  const wrong: string[] = [];
  let acknowledgements = 0;
  for (const call of calls) {
    const key = /^write\(1, "ack (\S+) \d+\\n"/.exec(call.text)?.[1];
    if (key === undefined) continue;
    acknowledgements += 1;
    const written = writes.find((write) => write.text.includes(key));
    const synced = written && syncs.find((sync) => sync.begin > written.end);
    const recorded = synced && records.find((record) => record.begin > synced.end);
    if (written === undefined || written.end > call.begin) wrong.push(`${key} was acknowledged before it was written`);
    else if (synced === undefined || synced.end > call.begin)
      wrong.push(`${key} was acknowledged before it was synced`);
    else if (recorded === undefined || recorded.end > call.begin) {
      wrong.push(`${key} was acknowledged before its transaction was recorded`);
    }
  }
  return { acknowledgements, syncs: syncs.length, wrong };
}
