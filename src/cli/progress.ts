/** How far long work has come: one line on stderr that is overwritten, on a terminal only. */
import type { Shell } from './shell.ts';

export interface Progress {
  /** Shows the text in place of the one before. */
  show(text: string): void;
  /** Takes the line away, so that what is printed next stands alone. */
  clear(): void;
}

const eraseLine = '\r\u001b[K';

interface ProgressOptions {
  /** Results are printed meanwhile: on the same terminal it would stand among them. */
  readonly printing?: boolean;
  /** Before the first text, milliseconds: only what takes long is worth a line. Default: 0. */
  readonly patienceMs?: number;
}

const showEveryMs = 200;

export function createProgress(
  { stdout, stderr, clock }: Pick<Shell, 'stdout' | 'stderr' | 'clock'>,
  { printing = false, patienceMs = 0 }: ProgressOptions = {},
): Progress {
  const quiet = !stderr.terminal || (printing && stdout.terminal);
  const everyMs = patienceMs === 0 ? 0 : showEveryMs;
  let next = clock.now() + patienceMs;
  let shown = '';
  return {
    show: (text) => {
      if (quiet || text === shown || clock.now() < next) return;
      next = clock.now() + everyMs;
      stderr.write(eraseLine + text);
      shown = text;
    },
    clear: () => {
      if (shown === '') return;
      stderr.write(eraseLine);
      shown = '';
    },
  };
}

/** `1,200` of a whole number. By hand: the first use of a locale costs a short command a tenth of its time. */
export function counted(count: number): string {
  return String(count).replace(/(?<=\d)(?=(\d{3})+$)/g, ',');
}
