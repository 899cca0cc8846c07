import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { logLibraryOutput } from './library-output.ts';
import type { Log } from './log.ts';

function rig() {
  const lines: unknown[] = [];
  const at = (level: string) => (fields: object, msg: string) => lines.push({ level, ...fields, msg });
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  const printed: unknown[] = [];
  const print = (...words: unknown[]) => printed.push(words);
  const printer = { log: print, debug: print, info: print, warn: print, error: print, trace: print };
  const clock = manualClock();
  const warnings = new EventEmitter<{ warning: [Error] }>();
  warnings.on('warning', print);
  return { lines, printed, printer, clock, warnings, giveBack: logLibraryOutput(printer, warnings, log, clock) };
}

test('what a library prints is a line of the log, and its equals come as a count every ten seconds', () => {
  const { lines, printed, printer, clock } = rig();
  for (let count = 0; count < 5; count += 1) printer.error(new Error('no space').message, count < 9);
  printer.warn('other %d', 1);
  expect(lines).toEqual([
    { level: 'error', text: 'no space true', msg: 'a library printed' },
    { level: 'warn', text: 'other 1', msg: 'a library printed' },
  ]);
  clock.advance(10_000);
  expect(lines.slice(2)).toEqual([{ level: 'error', text: 'no space true', count: 4, msg: 'a library printed' }]);
  clock.advance(60_000);
  expect(lines).toHaveLength(3);
  expect(clock.pending()).toBe(0);
  expect(printed).toEqual([]);
});

test('very many different texts are one after the first hundred', () => {
  const { lines, printer, giveBack } = rig();
  for (let count = 0; count < 500; count += 1) printer.log(`text ${count}`);
  expect(lines).toHaveLength(101);
  giveBack();
  expect(lines.at(-1)).toMatchObject({ text: 'many different texts', count: 399 });
});

test('warnings of Node.js are lines too, until all is given back', () => {
  const { lines, printed, printer, warnings, clock, giveBack } = rig();
  warnings.emit('warning', Object.assign(new Error('it leaks'), { name: 'MaxListenersExceededWarning' }));
  expect(lines).toMatchObject([{ level: 'warn', text: 'MaxListenersExceededWarning: it leaks' }]);
  giveBack();
  warnings.emit('warning', new Error('later'));
  printer.error('later');
  expect(lines).toHaveLength(1);
  expect(printed).toHaveLength(2);
  expect(clock.pending()).toBe(0);
});
