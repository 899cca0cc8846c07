/** The two ways to list a collection: in pages of one pinned revision, and all at once in lines. */
import type { TSchema } from 'typebox';
import { mostOfPage, type UnreadableEntry, type UnreadableLine } from '../contract/lists.ts';
import { refusalOf } from '../contract/refusal.ts';
import { CoreBgpError } from '../model/errors.ts';
import { withoutClosedObjects } from '../planning/decode.ts';
import { pageSize } from './batch.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext, LinesOf } from './context.ts';
import { createSlices } from './slices.ts';
import { type ListedCache, type ListFilters, snapshotOf } from './snapshot.ts';

/** How the records of a collection become rows of a list. */
export interface ListedKind<Row> {
  readonly kind: string;
  /** First part of its keys. */
  readonly collection: string;
  /** The contract's schema of a row. */
  readonly output: TSchema;
  /** What to do about a record that can't be read: to follow a semicolon. */
  readonly remedy: string;
  /** @see Listed */
  includes?(cache: ListedCache, entry: CachedEntry, revision: number): boolean;
  /** What a record that can't be read is called. Absent: the kind, and what follows the collection in the key. */
  named?(key: string): { readonly kind: string; readonly name: string };
  /** Without what is computed; undefined when the value is no such record at all. */
  row(entry: CachedEntry): Row | undefined;
  /** Adds what is computed when it is read. Absent: nothing is. */
  complete?(context: ApiContext, row: Row, entry: CachedEntry): Row;
  /**
   * The complete row as JSON, made faster than by encoding it. Used for an entry once it was seen to give the same as
   * encoding. Undefined: it can't be made so.
   */
  text?(context: ApiContext, entry: CachedEntry): string | undefined;
}

/** Half of a slice: the other half goes into sending what it gave. */
const lineSliceMs = 2;

export function listFunctions<Row>(kind: ListedKind<Row>) {
  const { read, encode } = reader(kind);

  const list = async (
    context: ApiContext,
    { query }: { readonly query: ListFilters & { readonly limit?: number; readonly continue?: string } },
    signal: AbortSignal,
  ) => {
    const { limit = mostOfPage, continue: token, ...filters } = query;
    const question = JSON.stringify([kind.collection, filters.project ?? null, filters.labels ?? null]);
    const slices = createSlices(context.clock, signal);
    const resumed = token === undefined ? undefined : context.pins.resume(token, question);
    const snapshot = resumed?.snapshot ?? (await snapshotOf(context, kind, filters, slices));
    const from = resumed?.position ?? 0;
    const resources: Row[] = [];
    const unreadable: UnreadableEntry[] = [];
    let end = from;
    let size = 0;
    for (const entry of snapshot.entries.slice(from, from + limit)) {
      size += entry.text.length;
      if (end > from && size > pageSize) break;
      end += 1;
      const found = read(context, entry);
      if (found.ok) resources.push(found.row);
      else unreadable.push(found.entry);
      if (slices.over()) await slices.rest();
    }
    const remaining = snapshot.entries.length - end;
    if (remaining === 0) resumed?.finish();
    // Taken only now, so that a caller who has gone meanwhile leaves none behind.
    const pin = remaining === 0 ? undefined : (resumed ?? context.pins.pin(question, snapshot));
    return {
      revision: snapshot.revision,
      ...(context.cache.isFresh() ? {} : { stale: true }),
      resources,
      ...(unreadable.length === 0 ? {} : { unreadable }),
      ...(pin === undefined ? {} : { continue: pin.next(end), remaining }),
    };
  };

  async function* slicesOf<Part>(
    context: ApiContext,
    query: ListFilters,
    partOf: (entry: CachedEntry) => Part,
    signal: AbortSignal,
  ) {
    const giveBack = context.lineSlots.take();
    try {
      const slices = createSlices(context.clock, signal, lineSliceMs);
      const { revision, entries } = await snapshotOf(context, kind, query, slices);
      const head = { revision, stale: !context.cache.isFresh(), total: entries.length };
      let parts: Part[] = [];
      for (const entry of entries) {
        parts.push(partOf(entry));
        if (!slices.over()) continue;
        yield { head, parts };
        parts = [];
        await slices.rest();
      }
      // Also when there is nothing left: the reader learns the revision of an empty list from it.
      yield { head, parts };
    } finally {
      giveBack();
    }
  }

  const all = (context: ApiContext, { query }: { readonly query: ListFilters }): LinesOf<Row | UnreadableLine> => ({
    objects: async function* (signal) {
      const rowOf = (entry: CachedEntry) => lineOf(read(context, entry));
      for await (const { head, parts } of slicesOf(context, query, rowOf, signal)) yield { ...head, rows: parts };
    },
    texts: async function* (signal) {
      const textOf = (entry: CachedEntry) => encode(context, entry);
      for await (const { head, parts } of slicesOf(context, query, textOf, signal)) yield { ...head, texts: parts };
    },
  });

  /** One row, as the lists have it. @throws CoreBgpError `internal` with reason `undecodable`. */
  const one = (context: ApiContext, entry: CachedEntry): Row => {
    const found = read(context, entry);
    if (found.ok) return found.row;
    throw new CoreBgpError('internal', found.entry.message, { reason: 'undecodable' });
  };

  return { list, all, one };
}

type Read<Row> = { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly entry: UnreadableEntry };

function lineOf<Row>(found: Read<Row>): Row | UnreadableLine {
  return found.ok ? found.row : { unreadable: true, ...found.entry };
}

/** Reads one entry; whether its record fits is found out once, for records are never changed. */
function reader<Row>(kind: ListedKind<Row>) {
  // A newer version may have written more fields.
  const schema = withoutClosedObjects(kind.output);
  /** Entries that fit, and the best that is known of how to encode them. */
  const fitting = new WeakMap<CachedEntry, 'asRow' | 'asText'>();
  const told = new WeakSet<CachedEntry>();
  const refused = (context: ApiContext, entry: CachedEntry, problem: string): Read<Row> => {
    const { key, modRevision: revision } = entry;
    if (!told.has(entry)) context.log.warn({ key, problem }, 'a stored record cannot be read');
    told.add(entry);
    const named = kind.named?.(key) ?? { kind: kind.kind, name: key.slice(kind.collection.length + 1) };
    const message = `The stored record of ${named.kind} "${named.name}" can't be read (${problem}); ${kind.remedy}`;
    return { ok: false, entry: { ...named, revision, message } };
  };
  const read = (context: ApiContext, entry: CachedEntry): Read<Row> => {
    const row = kind.row(entry);
    if (row === undefined) return refused(context, entry, `it is no record of a ${kind.kind}`);
    if (!fitting.has(entry)) {
      const refusal = refusalOf(schema, row);
      if (refusal !== undefined) return refused(context, entry, `${refusal.field} ${refusal.problem}`);
      fitting.set(entry, 'asRow');
    }
    return { ok: true, row: kind.complete?.(context, row, entry) ?? row };
  };

  const encode = (context: ApiContext, entry: CachedEntry): string => {
    if (fitting.get(entry) === 'asText') {
      const text = kind.text?.(context, entry);
      if (text !== undefined) return text;
    }
    const found = read(context, entry);
    const encoded = JSON.stringify(lineOf(found));
    if (found.ok && kind.text?.(context, entry) === encoded) fitting.set(entry, 'asText');
    return encoded;
  };

  return { read, encode };
}
