/** Results of `apply` and `diff` in words. */
import { errorCodes, isErrorCode } from '../model/errors.ts';
import type { FieldChange } from '../model/field-changes.ts';
import type { Diff, Result } from './apply-calls.ts';
import { counted } from './progress.ts';
import type { WrittenResource } from './resource-files.ts';
import type { Shell } from './shell.ts';
import { painter, printable, type Tone, tableText, wantsColor } from './table.ts';

/** `announcement shop/web`; what has no kind or name was refused for it. */
export function subjectOf({ kind, name }: Result): string {
  return printable([kind.toLowerCase(), name].filter((word) => word !== '').join(' ') || 'resource');
}

export function failedText(result: Result, written: WrittenResource | undefined): string {
  const { error } = result;
  const where = written === undefined ? '' : ` (${written.place(error?.field)})`;
  const lines = [`error: ${subjectOf(result)}${where}: ${printable(error?.detail ?? 'refused without a reason')}`];
  if (error?.field !== undefined && !error.detail.includes(error.field))
    lines.push(`  field: ${printable(error.field)}`);
  if (error?.reason !== undefined) lines.push(`  reason: ${printable(error.reason)}`);
  return `${lines.join('\n')}\n`;
}

export function exitOf({ error }: Result): number {
  return isErrorCode(error?.code) ? errorCodes[error.code].exit : errorCodes.internal.exit;
}

export function showPathDiffs(diffs: readonly Diff[], shell: Shell): void {
  if (diffs.length === 0) shell.stdout.write('no speaker has reported yet: no paths to compare with\n');
  const signs = [
    ['announce', '+', 'good'],
    ['change', '~', 'warn'],
    ['withdraw', '-', 'bad'],
    ['keep', '?', 'plain'],
  ] as const;
  const paint = painter(wantsColor(shell.stdout, shell.env));
  for (const diff of diffs) {
    const rows = signs.flatMap(([list, sign, tone]) =>
      (diff[list] ?? []).map(({ prefix, nextHop, reason }) => [{ text: `  ${sign}`, tone }, prefix, nextHop, reason]),
    );
    shell.stdout.write(`speaker ${printable(diff.speaker)}${rows.length === 0 ? ': no path changes' : ''}\n`);
    if (rows.length > 0) {
      const head = ['   ', 'PREFIX', 'NEXT HOP', 'REASON'];
      shell.stdout.write(tableText(head, rows, wantsColor(shell.stdout, shell.env)));
    }
    for (const [list, sign, tone] of signs) {
      const more = diff.more?.[list] ?? 0;
      if (more > 0) shell.stdout.write(`  ${paint({ text: sign, tone })}  and ${counted(more)} more\n`);
    }
  }
  if (diffs.some(({ keep = [] }) => keep.length > 0)) {
    shell.stdout.write('?: not decided yet; a path that is there stays, one that is not there stays absent\n');
  }
}

/** What a dry run found to differ in an object, a line for each field. */
export function changesText({ changes = [] }: Result, color: boolean): string {
  const paint = painter(color);
  return changes
    .map((change) => `  ${paint({ text: printable(changeText(change)), tone: toneOf(change) })}\n`)
    .join('');
}

function toneOf({ before, after }: FieldChange): Tone {
  if (before === undefined) return 'good';
  return after === undefined ? 'bad' : 'warn';
}

/** `~ spec.nextHops[0].address: "10.0.1.11" → "10.0.1.12"`; a change without one of both came or went. */
export function changeText({ field, before, after }: FieldChange): string {
  if (before === undefined) return `+ ${field}: ${valueText(after)}`;
  if (after === undefined) return `- ${field}: ${valueText(before)}`;
  return `~ ${field}: ${valueText(before)} → ${valueText(after)}`;
}

const mostLetters = 200;

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= mostLetters ? text : `${text.slice(0, mostLetters)}…`;
}
