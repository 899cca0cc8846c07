/** What a row of the benchmark is, and what it finds out. */

export interface Limit {
  /** What was measured as the limit, in the same run. */
  readonly what: string;
  readonly value: number;
  readonly runs: readonly number[];
}

export interface Result {
  /** What was measured, as a person says it. */
  readonly what: string;
  readonly unit: 'ms' | 's' | '/s' | 'MB' | 'calls';
  /** Median of the runs, unless `what` names another percentile. */
  readonly value: number;
  /** One value a run. */
  readonly runs: readonly number[];
  readonly limit?: Limit;
  /** What is to be reached; absent for a figure that explains another. */
  readonly mark?: { readonly text: string; readonly met: boolean };
  /** Further figures, for the reader who wants to know why. */
  readonly details?: Readonly<Record<string, number | string>>;
}

export interface RowContext {
  /** Fewer runs and samples, for a look. */
  readonly quick: boolean;
  /** An empty folder on the disk that is measured. */
  readonly folder: string;
  progress(text: string): void;
}

export interface Row {
  readonly name: string;
  readonly what: string;
  measure(context: RowContext): Promise<readonly Result[]>;
}

/** Value to limit, so that 1 is the limit itself; above 1 is worse for times and sizes, better for rates. */
export function ratioOf({ value, limit }: Result): number | undefined {
  return limit === undefined || limit.value === 0 ? undefined : value / limit.value;
}

export function atMost(most: number, value: number, unit: string): NonNullable<Result['mark']> {
  return { text: `≤ ${most} ${unit}`, met: value <= most };
}

export function atLeast(least: number, value: number, unit: string): NonNullable<Result['mark']> {
  return { text: `≥ ${least} ${unit}`, met: value >= least };
}
