/** Rows as aligned text for a person. */
import { createColors } from 'picocolors';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

export interface ToneCell {
  readonly text: string;
  readonly tone: Tone;
}
export type Cell = string | ToneCell;

/** Whether to use colours there (https://no-color.org). */
export function wantsColor(output: { readonly terminal: boolean }, env: Readonly<Record<string, string | undefined>>) {
  return output.terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Columns as wide as their widest cell, two spaces between them, no line ends in spaces. */
export function tableText(head: readonly string[], rows: readonly (readonly Cell[])[], color: boolean): string {
  const paint = painter(color);
  const all: readonly (readonly ToneCell[])[] = [head, ...rows].map((row) => row.map(clean));
  const widths = head.map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, row[column]?.text.length ?? 0), 0),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const last = column === row.length - 1;
        return paint(cell) + (last ? '' : ' '.repeat((widths[column] ?? 0) - cell.text.length + 2));
      })
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

export function painter(color: boolean): (cell: ToneCell) => string {
  const { green, yellow, red } = createColors(color);
  const tones = { good: green, warn: yellow, bad: red, plain: (text: string) => text };
  return ({ text, tone }) => tones[tone](text);
}

/** What others wrote must not command the terminal: control characters become "?". */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** Empty cells would shift the eye: they show "-". */
function clean(cell: Cell): ToneCell {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'plain' as const } : cell;
  return { text: text === '' ? '-' : printable(text), tone };
}
