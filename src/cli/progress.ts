/** How far long work has come: one line on stderr that is overwritten, on a terminal only. */
import type { Shell } from './shell.ts';

export interface Progress {
  /** Shows the text in place of the one before. */
  show(text: string): void;
  /** Takes the line away, so that what is printed next stands alone. */
  clear(): void;
}

const eraseLine = '\r\u001b[K';

export function createProgress({ stderr }: Pick<Shell, 'stderr'>): Progress {
  let shown = '';
  return {
    show: (text) => {
      if (!stderr.terminal || text === shown) return;
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

/** `1,200`. */
export function counted(count: number): string {
  return count.toLocaleString('en-US');
}
