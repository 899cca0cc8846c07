/** What somebody probably meant: the known word nearest to a misspelt one. */

/** @returns the known word within a third of the length of the given one (at least 2 edits); undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const most = Math.max(2, Math.floor(given.length / 3));
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(word, candidate.toLowerCase()) }))
    .filter(({ edits, candidate }) => edits <= most && edits < candidate.length)
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 32) return 32;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
