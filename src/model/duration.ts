/** Durations as users write them: `500ms`, `2s`, `1m`, `24h`, `7d`. */

/** A number (decimals allowed) and one unit. */
export const durationPattern = '^\\d{1,9}(\\.\\d{1,3})?(ms|s|m|h|d)$';

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @returns milliseconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  const [, amount, unit] = found ?? [];
  if (amount === undefined || !isUnit(unit)) return undefined;
  // Three decimals at most: counted in thousandths, 1.001s is exactly 1001.
  return (Math.round(Number(amount) * 1_000) * milliseconds[unit]) / 1_000;
}

/** The shortest exact form in one unit: 1500 → `1500ms`, 2000 → `2s`. */
export function formatDuration(ms: number): string {
  const units = ['d', 'h', 'm', 's'] as const;
  const unit = units.find((candidate) => ms >= milliseconds[candidate] && ms % milliseconds[candidate] === 0) ?? 'ms';
  return `${ms / milliseconds[unit]}${unit}`;
}

function isUnit(unit: string | undefined): unit is keyof typeof milliseconds {
  return unit !== undefined && Object.hasOwn(milliseconds, unit);
}
