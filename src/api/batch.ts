/** How much is sent in one go: so many parts, and no more than a reader takes and the event loop encodes at once. */

/** Parts of one message of a stream, at most. */
export const mostOfMessage = 500;
/**
 * JSON of one message, characters; one part alone may be larger. Readers refuse an event above 64 Mi characters, and a
 * reader that refuses one never gets to the end of the state.
 */
export const messageSize = 1024 * 1024;
/** Stored records of one page of a list, characters. Beyond, it ends early: what is computed comes on top. */
export const pageSize = 2 * 1024 * 1024;

/** What was put in already. */
interface Filled {
  readonly count: number;
  readonly size: number;
}

/** Whether a further part of so many characters goes into the same message. */
export function hasRoom({ count, size }: Filled, next: number): boolean {
  return count === 0 || (count < mostOfMessage && size + next <= messageSize);
}

/** All parts, in their order, in messages of at least one. */
export function* inMessages<Part>(parts: Iterable<Part>, sizeOf: (part: Part) => number): Generator<readonly Part[]> {
  let message: Part[] = [];
  let size = 0;
  for (const part of parts) {
    const own = sizeOf(part);
    if (!hasRoom({ count: message.length, size }, own)) {
      yield message;
      message = [];
      size = 0;
    }
    message.push(part);
    size += own;
  }
  if (message.length > 0) yield message;
}
