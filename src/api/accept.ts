/** Which of two media types a request would rather have (RFC 9110, 12.5.1). */

/** True when lines are asked for by name, and JSON is not asked for as much or more, before them. */
export function prefersLines(accept: string | undefined, linesType: string): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.map((one) => /^q=([01](?:\.\d{0,3})?)$/.exec(one)?.[1]).find((q) => q !== undefined);
    return { type, weight: weight === undefined ? 1 : Number(weight) };
  });
  const best = ranges
    .filter(({ type, weight }) => weight > 0 && (type === linesType || type === 'application/json'))
    // Stable: of equals, the one named first.
    .sort((a, b) => b.weight - a.weight)[0];
  return best?.type === linesType;
}
