/** The two ways to list a collection: in pages of one pinned revision, and all at once in lines. */
import type { TSchema } from 'typebox';
import { type LineSlice, mostOfPage, type UnreadableEntry, type UnreadableLine } from '../contract/lists.ts';
import { refusalOf } from '../contract/refusal.ts';
import { withoutClosedObjects } from '../planning/decode.ts';
import type { CachedEntry } from './cached.ts';
import type { ApiContext } from './context.ts';
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
}

/** Half of a slice: the other half goes into encoding what it gave. */
const lineSliceMs = 2;

export function listFunctions<Row>(kind: ListedKind<Row>) {
  const read = reader(kind);

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
    const page = snapshot.entries.slice(from, from + limit);
    for (const entry of page) {
      const found = read(context, entry);
      if (found.ok) resources.push(found.row);
      else unreadable.push(found.entry);
      if (slices.over()) await slices.rest();
    }
    const end = from + page.length;
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

  async function* all(
    context: ApiContext,
    { query }: { readonly query: ListFilters },
    signal: AbortSignal,
  ): AsyncGenerator<LineSlice<Row | UnreadableLine>, void> {
    const giveBack = context.lineSlots.take();
    try {
      const slices = createSlices(context.clock, signal, lineSliceMs);
      const { revision, entries } = await snapshotOf(context, kind, query, slices);
      const head = { revision, stale: !context.cache.isFresh(), total: entries.length };
      let rows: (Row | UnreadableLine)[] = [];
      for (const entry of entries) {
        const found = read(context, entry);
        rows.push(found.ok ? found.row : { unreadable: true, ...found.entry });
        if (!slices.over()) continue;
        yield { ...head, rows };
        rows = [];
        await slices.rest();
      }
      // Also when there is nothing left: the reader learns the revision of an empty list from it.
      yield { ...head, rows };
    } finally {
      giveBack();
    }
  }

  return { list, all };
}

type Read<Row> = { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly entry: UnreadableEntry };

/** Reads one entry; whether its record fits is found out once, for records are never changed. */
function reader<Row>(kind: ListedKind<Row>): (context: ApiContext, entry: CachedEntry) => Read<Row> {
  // A newer version may have written more fields.
  const schema = withoutClosedObjects(kind.output);
  const fitting = new WeakSet<CachedEntry>();
  const told = new WeakSet<CachedEntry>();
  const refused = (context: ApiContext, entry: CachedEntry, problem: string): Read<Row> => {
    const { key, modRevision: revision } = entry;
    if (!told.has(entry)) context.log.warn({ key, problem }, 'a stored record cannot be read');
    told.add(entry);
    const named = kind.named?.(key) ?? { kind: kind.kind, name: key.slice(kind.collection.length + 1) };
    const message = `The stored record of ${named.kind} "${named.name}" can't be read (${problem}); ${kind.remedy}`;
    return { ok: false, entry: { ...named, revision, message } };
  };
  return (context, entry) => {
    const row = kind.row(entry);
    if (row === undefined) return refused(context, entry, `it is no record of a ${kind.kind}`);
    if (!fitting.has(entry)) {
      const refusal = refusalOf(schema, row);
      if (refusal !== undefined) return refused(context, entry, `${refusal.field} ${refusal.problem}`);
      fitting.add(entry);
    }
    return { ok: true, row: kind.complete?.(context, row, entry) ?? row };
  };
}
