/** What the watch cache holds and hands out: stored records, with their text at hand, decoded when they are asked for. */
import type { WatchedObject, WatchedRef } from '../contract/stream.ts';
import type { Entry, StoreChange } from '../store/store.ts';
import { heldAsText, TextEntry } from './text-entry.ts';

export interface CachedEntry {
  readonly key: string;
  /** JSON of the value on one line; `null` when what is stored is no JSON. */
  readonly text: string;
  /** The same, decoded; shared, so never to be changed. Not always the same object: see text-entry.ts. */
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly lease?: string;
}

export type CachedChange =
  | { readonly op: 'put'; readonly entry: CachedEntry }
  | { readonly op: 'delete'; readonly key: string };

/** All that one store revision changed. */
export interface CacheRevision {
  readonly revision: number;
  readonly changes: readonly CachedChange[];
}

/** An object of the status view, encoded once for all streams. */
export interface WatchedText {
  readonly resource: WatchedObject;
  /** Its JSON. */
  readonly text: string;
}

/** A message of a watch stream, before an adapter puts it on its wire. */
export type CacheMessage =
  | { readonly type: 'state'; readonly entries: readonly CachedEntry[] }
  | { readonly type: 'synced'; readonly revision: number; readonly storeId: string }
  | {
      readonly type: 'changes';
      readonly revision: number;
      readonly changes: readonly CachedChange[];
      /** About how much it takes on the wire. */
      readonly size: number;
    }
  | { readonly type: 'objects'; readonly objects: readonly WatchedText[] }
  | {
      readonly type: 'updates';
      readonly revision: number;
      readonly put: readonly WatchedText[];
      readonly deleted: readonly WatchedRef[];
    }
  | { readonly type: 'bookmark'; readonly revision: number }
  | { readonly type: 'error'; readonly code: string; readonly detail: string };

/** Something that isn't JSON becomes null: whoever reads it refuses that one object, and gets all the others. */
export function cachedEntry(entry: Entry): CachedEntry {
  const { key, createRevision, modRevision, lease } = entry;
  const { text, value } = decoded(entry.value);
  if (lease === undefined && heldAsText.has(collectionOf(key))) {
    return new TextEntry(key, text, value, createRevision, modRevision);
  }
  const cached = { key, text, value, createRevision, modRevision };
  return lease === undefined ? cached : { ...cached, lease };
}

export function cachedChange(change: StoreChange): CachedChange {
  return change.op === 'put' ? { op: 'put', entry: cachedEntry(change.entry) } : change;
}

export function changeKey(change: CachedChange): string {
  return change.op === 'put' ? change.entry.key : change.key;
}

/** Those of the kinds. */
export function changesOf(changes: readonly CachedChange[], kinds: ReadonlySet<string>): readonly CachedChange[] {
  return changes.filter((change) => kinds.has(collectionOf(changeKey(change))));
}

/** `announcements` of `announcements/shop/web`. */
export function collectionOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}

export function changesMessage(
  revision: number,
  changes: readonly CachedChange[],
): Extract<CacheMessage, { type: 'changes' }> {
  return { type: 'changes', revision, changes, size: sizeOfAll(changes) };
}

/** About how many characters the changes take in a message. */
function sizeOfAll(changes: readonly CachedChange[]): number {
  return changes.reduce(
    (sum, change) => sum + (change.op === 'put' ? sizeOnWire(change.entry) : 100 + change.key.length),
    0,
  );
}

/** About how many characters a record takes in a message. */
export function sizeOnWire({ key, text }: CachedEntry): number {
  return 100 + key.length + text.length;
}

function decoded(text: string): { readonly text: string; readonly value: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    // A line break would end a line of the event stream.
    return { text: /[\r\n]/.test(text) ? JSON.stringify(value) : text, value };
  } catch {
    return { text: 'null', value: null };
  }
}
