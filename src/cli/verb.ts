/** What a verb of the command line is, and the flags that several share. */
import { type Command, Option } from 'commander';
import type { Shell } from './shell.ts';

/** The named export `verb` of a verb's file. */
export interface Verb {
  /** Adds arguments, flags, help and the action to the command, which already has its name and summary. */
  define(command: Command, shell: Shell, run: Run): void;
}

/** Wraps a verb's action: the number it resolves with is the exit code, nothing is 0. */
export type Run = (work: Promise<number | undefined>) => Promise<void>;

export function urlOption(): Option {
  return new Option('--url <url>', 'API server to talk to (default: $COREBGP_URL, else http://127.0.0.1:8080)');
}

const outputWords = ['table', 'json', 'yaml'] as const;

export function outputOption(words: readonly string[] = outputWords): Option {
  return new Option('-o, --output <format>', 'how to print the result').choices(words).default(words[0]);
}

/** A part of the help below the flags. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
