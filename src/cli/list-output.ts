/** A list of any length on stdout, as it comes in: what was printed isn't held, and no faster than it is read. */
import type { UnreadableEntry } from '../contract/lists.ts';
import { rejectOnAbort } from '../runtime/abort.ts';
import { writeYaml } from './output.ts';
import { counted, createProgress } from './progress.ts';
import type { Shell } from './shell.ts';
import { type Cell, printable, tableText, wantsColor } from './table.ts';
import type { Shown, ShownSlice } from './views.ts';

interface Printer {
  /** Called with the first slice, before `print`. */
  begin(slice: ShownSlice): void;
  print(objects: readonly Shown[]): Promise<void> | void;
  end(unreadable: readonly UnreadableEntry[]): void;
}

/** From then on a person wonders whether anything happens, milliseconds. */
const patienceMs = 1_000;
/** Objects that can't be read are told on stderr one by one, up to so many. */
const mostTold = 20;

/**
 * Prints nothing unless the first answer has come. When the list is cut later, what was printed as JSON doesn't parse:
 * nobody takes a part for the whole.
 * @param kind for sentences: `announcements`.
 */
export async function writeList(
  slices: AsyncIterable<ShownSlice>,
  kind: string,
  head: readonly string[],
  output: string | undefined,
  shell: Shell,
): Promise<void> {
  const printers = { json: jsonPrinter, yaml: yamlPrinter };
  const printer = output === 'json' || output === 'yaml' ? printers[output](shell) : tablePrinter(shell, kind, head);
  const progress = createProgress(shell, { printing: output === 'json' || output === 'yaml', patienceMs });
  const unreadable: UnreadableEntry[] = [];
  let begun = false;
  let count = 0;
  try {
    for await (const slice of slices) {
      if (!begun) printer.begin(slice);
      begun = true;
      await printer.print(slice.objects);
      unreadable.push(...slice.unreadable);
      count += slice.objects.length + slice.unreadable.length;
      progress.show(`${counted(count)} of ${counted(slice.total)}`);
      await rejectOnAbort(shell.stdout.ready(), shell.signal);
    }
  } finally {
    progress.clear();
  }
  printer.end(unreadable);
}

function jsonPrinter(shell: Shell): Printer {
  const { stdout } = shell;
  let separator = '\n';
  return {
    begin: (slice) => {
      tellStale(shell, slice);
      const { revision, stale } = slice;
      stdout.write(`{\n  "revision": ${revision},\n${stale ? '  "stale": true,\n' : ''}  "resources": [`);
    },
    print: (objects) => {
      let text = '';
      for (const { value } of objects) {
        text += `${separator}    ${JSON.stringify(value, undefined, 2).replaceAll('\n', '\n    ')}`;
        separator = ',\n';
      }
      if (text !== '') stdout.write(text);
    },
    end: (unreadable) => {
      stdout.write(separator === '\n' ? ']' : '\n  ]');
      if (unreadable.length > 0) {
        stdout.write(`,\n  "unreadable": ${JSON.stringify(unreadable, undefined, 2).replaceAll('\n', '\n  ')}`);
      }
      stdout.write('\n}\n');
    },
  };
}

function yamlPrinter(shell: Shell): Printer {
  let first = true;
  return {
    begin: (slice) => tellStale(shell, slice),
    print: async (objects) => {
      if (objects.length === 0) return;
      if (!first) shell.stdout.write('---\n');
      first = false;
      await writeYaml(
        shell,
        objects.map(({ value }) => value),
      );
    },
    end: (unreadable) => tellUnreadable(shell, unreadable),
  };
}

/** Columns are as wide as their widest cell, so this one has to wait for all; it holds the cells, not the objects. */
function tablePrinter(shell: Shell, kind: string, head: readonly string[]): Printer {
  const wallMs = shell.clock.wall();
  const lines: { readonly rank: number; readonly cells: readonly Cell[] }[] = [];
  return {
    begin: (slice) => tellStale(shell, slice),
    print: (objects) => {
      for (const { rank, ...object } of objects) {
        for (const cells of object.rows(wallMs)) lines.push({ rank, cells });
      }
    },
    end: (unreadable) => {
      const rows = lines.sort((a, b) => b.rank - a.rank).map(({ cells }) => cells);
      if (rows.length > 0) shell.stdout.write(tableText(head, rows, wantsColor(shell.stdout, shell.env)));
      else if (unreadable.length === 0) shell.stderr.write(`no ${kind}\n`);
      tellUnreadable(shell, unreadable);
    },
  };
}

function tellStale({ stderr }: Shell, { stale }: ShownSlice): void {
  if (stale) stderr.write('note: the API server cannot reach its store; this may be out of date\n');
}

function tellUnreadable({ stderr }: Shell, unreadable: readonly UnreadableEntry[]): void {
  for (const { message } of unreadable.slice(0, mostTold)) stderr.write(`warning: ${printable(message)}\n`);
  const more = unreadable.length - mostTold;
  if (more > 0) stderr.write(`warning: ${more} more cannot be read; -o json lists them all\n`);
}
