/** Times as a person in a hurry reads them. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `42s`, `5m`, `3h`, `12d`: how long ago an RFC 3339 time was; empty when there is none. */
export function ageOf(time: string | undefined, wallMs: number): string {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(at)) return '';
  const ago = Math.max(0, wallMs - at);
  const [unit, size] = units.find(([, least]) => ago >= 2 * least) ?? (['s', 1_000] as const);
  return `${Math.floor(ago / size)}${unit}`;
}
