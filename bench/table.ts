/** The results as a table, for a terminal and for docs/speed.md. */
import { type Result, ratioOf } from './row.ts';

export interface Measured {
  readonly row: string;
  readonly result: Result;
}

/** Three significant digits at least, no needless ones. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US');
  if (size >= 100 || value === Math.round(value)) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}

const heads = ['row', 'what', 'measured', 'limit in the same run', 'ratio', 'to reach', ''] as const;

function cells({ row, result }: Measured): readonly string[] {
  const { what, value, unit, limit, mark } = result;
  const ratio = ratioOf(result);
  return [
    row,
    what,
    `${figure(value)} ${unit}`,
    limit === undefined ? '' : `${figure(limit.value)} ${unit}: ${limit.what}`,
    ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
    mark?.text ?? '',
    mark === undefined ? '' : mark.met ? 'met' : 'missed',
  ];
}

export function textTable(all: readonly Measured[]): string {
  const lines = [[...heads], ...all.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable(all: readonly Measured[]): string {
  const line = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  return [
    line([...heads]),
    line(heads.map(() => '---')),
    ...all.map((one) => line(cells(one).map((cell) => (cell === 'missed' ? '**missed**' : cell)))),
  ].join('\n');
}

export function detailLines(all: readonly Measured[]): string[] {
  return all.flatMap(({ row, result }) => {
    const shown = Object.entries(result.details ?? {}).map(
      ([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : value}`,
    );
    return shown.length === 0 ? [] : [`${row}, ${result.what}: ${shown.join('; ')}`];
  });
}
