/**
 * A record held as text alone, for the collections with hundreds of thousands of them: decoded it would take three times
 * the room. What was asked for lately stays decoded, as it is usually asked for several times in a row.
 */
import type { CachedEntry } from './cached.ts';

/** Collections with few records are held decoded as well. Nothing here may hang on a lease. */
export const heldAsText: ReadonlySet<string> = new Set([
  'allocations',
  'announcements',
  'events',
  'health',
  'prefixes',
  'tombstones',
]);

/** Records that stay decoded, of all caches of the process together; more of them would outlive the young generation. */
const mostDecoded = 128;

const lately: (TextEntry | undefined)[] = [];
let next = 0;

/** Stands for "not decoded": a value may be anything that JSON can say. */
const absent = Symbol('absent');

/** A class, for its getter: an accessor of its own for each of so many objects would take the room that it saves. */
export class TextEntry implements CachedEntry {
  readonly key: string;
  readonly text: string;
  readonly createRevision: number;
  readonly modRevision: number;
  #value: unknown;
  #kept = false;

  /** @param text valid JSON; @param value the same decoded, as it is at hand already. */
  constructor(key: string, text: string, value: unknown, createRevision: number, modRevision: number) {
    this.key = key;
    this.text = text;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.#value = value;
    TextEntry.#remember(this);
  }

  get value(): unknown {
    if (this.#value === absent) {
      this.#value = JSON.parse(this.text);
      TextEntry.#remember(this);
    }
    return this.#value;
  }

  /** For who keeps the value as long as this: one copy then serves both. */
  keptValue(): unknown {
    const { value } = this;
    this.#kept = true;
    return value;
  }

  static #remember(entry: TextEntry): void {
    const former = lately[next];
    if (former !== undefined && !former.#kept) former.#value = absent;
    lately[next] = entry;
    next = (next + 1) % mostDecoded;
  }
}

/** The decoded value for a reader in this process that keeps it, as a mirror does. */
export function keptValue(entry: CachedEntry): unknown {
  return entry instanceof TextEntry ? entry.keptValue() : entry.value;
}
