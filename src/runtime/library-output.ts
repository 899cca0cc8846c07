/** What libraries print becomes lines of the log: one as it comes, its equals counted and told at most every ten seconds. */
import { format } from 'node:util';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** The part of `process` that is needed. */
export interface WarningSource {
  on(event: 'warning', listener: (warning: Error) => void): unknown;
  off(event: 'warning', listener: (warning: Error) => void): unknown;
  listeners(event: 'warning'): readonly unknown[];
}

export type Printer = Pick<Console, 'log' | 'debug' | 'info' | 'warn' | 'error' | 'trace'>;

/** Milliseconds between two lines that say the same. */
const pauseMs = 10_000;
/** Texts that are told apart at a time; further ones count as one. */
const mostTexts = 100;
const mostCharacters = 2_000;

const levels = { log: 'info', debug: 'debug', info: 'info', warn: 'warn', error: 'error', trace: 'warn' } as const;
const names = ['log', 'debug', 'info', 'warn', 'error', 'trace'] as const;

/** Takes over the console and the warnings of Node.js. @returns gives them back. */
export function logLibraryOutput(printer: Printer, warnings: WarningSource, log: Log, clock: Clock): () => void {
  const tell = countEquals(log, clock);
  const before = names.map((name) => [name, printer[name]] as const);
  for (const name of names) printer[name] = (...words: unknown[]) => tell.say(levels[name], format(...words));
  // They print warnings as plain text.
  const listeners = warnings.listeners('warning').filter(isListener);
  for (const listener of listeners) warnings.off('warning', listener);
  const warned = (warning: Error) => tell.say('warn', `${warning.name}: ${warning.message}`);
  warnings.on('warning', warned);
  return () => {
    for (const [name, print] of before) printer[name] = print;
    warnings.off('warning', warned);
    for (const listener of listeners) warnings.on('warning', listener);
    tell.close();
  };
}

const isListener = (listener: unknown): listener is (warning: Error) => void => typeof listener === 'function';

type Level = (typeof levels)[keyof typeof levels];

function countEquals(log: Log, clock: Clock): { say(level: Level, text: string): void; close(): void } {
  /** Equals since the last line of each text, and what ends its pause. */
  const pauses = new Map<string, { readonly level: Level; equals: number; readonly cancel: () => void }>();
  const line = (level: Level, text: string, count: number) =>
    log[level]({ text, ...(count === 1 ? {} : { count }) }, 'a library printed');

  const pause = (level: Level, text: string): (() => void) =>
    clock.after(pauseMs, () => {
      const equals = pauses.get(text)?.equals ?? 0;
      pauses.delete(text);
      if (equals > 0) tell(level, text, equals);
    });
  const tell = (level: Level, text: string, count: number) => {
    pauses.set(text, { level, equals: 0, cancel: pause(level, text) });
    line(level, text, count);
  };
  return {
    say: (level, words) => {
      const whole = words.slice(0, mostCharacters);
      const text = pauses.has(whole) || pauses.size < mostTexts ? whole : 'many different texts';
      const paused = pauses.get(text);
      if (paused === undefined) tell(level, text, 1);
      else paused.equals += 1;
    },
    close: () => {
      for (const [text, { level, equals, cancel }] of pauses) {
        cancel();
        if (equals > 0) line(level, text, equals);
      }
      pauses.clear();
    },
  };
}
