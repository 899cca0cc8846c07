/** How entries and revisions are written in the database file: text with a short head, format 1. */
import type { Entry, StoreChange, StoreRevision } from '../store.ts';

/** `<create revision> <mod revision> <lease or nothing>`, a line end, the value. */
export function encodeEntry(entry: Entry): string {
  return `${entry.createRevision} ${entry.modRevision} ${entry.lease ?? ''}\n${entry.value}`;
}

export function decodeEntry(key: string, record: string): Entry {
  const end = record.indexOf('\n');
  const [create, mod, lease] = record.slice(0, end).split(' ');
  return {
    key,
    value: record.slice(end + 1),
    createRevision: Number(create),
    modRevision: Number(mod),
    ...(lease === undefined || lease === '' ? {} : { lease }),
  };
}

/** Of a put: key, entry as above. Of a delete: the key alone. */
type WrittenChange = readonly [key: string, entry?: string];

export function encodeChanges(changes: readonly StoreChange[]): string {
  const written: readonly WrittenChange[] = changes.map((change) =>
    change.op === 'put' ? [change.entry.key, encodeEntry(change.entry)] : [change.key],
  );
  return JSON.stringify(written);
}

export function decodeRevision(revision: number, record: string): StoreRevision {
  const written: readonly WrittenChange[] = JSON.parse(record);
  return {
    revision,
    changes: written.map(([key, entry]) =>
      entry === undefined ? { op: 'delete', key } : { op: 'put', entry: decodeEntry(key, entry) },
    ),
  };
}

/** What the store knows of itself; written in the same transaction as what it counts. */
export interface Head {
  readonly format: 1;
  readonly storeId: string;
  readonly revision: number;
  /** The log holds `compacted + 1` … `revision`. */
  readonly compacted: number;
  /** Characters in the log. */
  readonly logSize: number;
}

export function encodeHead(head: Head): string {
  return JSON.stringify(head);
}

export function decodeHead(record: string): Head {
  return JSON.parse(record);
}
