/** All of a list, in tests where nothing is unreadable. */
import { isUnreadable, type UnreadableLine } from '../../src/contract/lists.ts';

/** @throws Error on the first that can't be read. */
export async function readable<Row extends object>(rows: AsyncIterable<Row | UnreadableLine>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of rows) {
    if (isUnreadable(row)) throw new Error(row.message);
    all.push(row);
  }
  return all;
}
