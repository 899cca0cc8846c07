import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import { createLogSink } from './log-sink.ts';
import { type LogTarget, openLogTarget } from './log-target.ts';

/** Takes `room` bytes, then nothing, or loses what it is given. */
function scripted() {
  const state = { text: '', room: Number.POSITIVE_INFINITY, isFull: false, asked: 0, closed: 0 };
  const target: LogTarget = {
    take: (bytes) => {
      state.asked += 1;
      if (state.room === 0 && state.isFull) return undefined;
      // A line that lacks its end only would look whole, and count as lost.
      if (state.isFull && state.room === bytes.length - 1) state.room -= 1;
      const taken = bytes.subarray(0, state.room);
      state.room -= taken.length;
      state.text += taken.toString();
      return taken.length;
    },
    close: () => {
      state.closed += 1;
    },
  };
  return { state, target };
}

function sinkOver(target: LogTarget, mostBytes?: number) {
  const clock = manualClock();
  const options = { target, clock, lost: (lines: number) => `lost ${lines}\n` };
  return { clock, sink: createLogSink({ ...options, ...(mostBytes === undefined ? {} : { mostBytes }) }) };
}

test('lines wait while nothing is taken, and come whole and in order later', () => {
  const { state, target } = scripted();
  const { clock, sink } = sinkOver(target);
  sink.write('one\n');
  state.room = 2;
  sink.write('two\n');
  sink.write('three\n');
  expect(state.text).toBe('one\ntw');
  state.room = Number.POSITIVE_INFINITY;
  clock.advance(100);
  expect(state.text).toBe('one\ntwo\nthree\n');
  expect(sink.droppedLines()).toBe(0);
  expect(clock.pending()).toBe(0);
});

test('beyond the buffer lines are dropped and counted, and one line tells it where they are missing', () => {
  const { state, target } = scripted();
  const { clock, sink } = sinkOver(target, 8);
  state.room = 0;
  for (const line of ['aaa\n', 'bbb\n', 'ccc\n', 'ddd\n']) sink.write(line);
  expect(sink.droppedLines()).toBe(2);
  state.room = Number.POSITIVE_INFINITY;
  clock.advance(100);
  sink.write('eee\n');
  expect(state.text).toBe('aaa\nbbb\nlost 2\neee\n');
  expect(sink.droppedLines()).toBe(2);
});

test('on a full disk lines are dropped at once, and none is glued to one that was cut', () => {
  const { state, target } = scripted();
  const { clock, sink } = sinkOver(target);
  state.isFull = true;
  state.room = 2;
  for (const line of ['aaa\n', 'bbb\n', 'ccc\n']) sink.write(line);
  expect(sink.droppedLines()).toBe(3);
  expect(clock.pending()).toBe(0);
  state.room = Number.POSITIVE_INFINITY;
  sink.write('ddd\n');
  expect(state.text).toBe('aa\nlost 3\nddd\n');
  expect(sink.droppedLines()).toBe(3);
});

test('at the end what is taken at once is written, and the rest counted', () => {
  const { state, target } = scripted();
  const { clock, sink } = sinkOver(target);
  state.room = 0;
  for (const line of ['aaa\n', 'bbb\n', 'ccc\n']) sink.write(line);
  state.room = 5;
  sink.close();
  sink.close();
  sink.write('ddd\n');
  expect({ text: state.text, dropped: sink.droppedLines(), closed: state.closed }).toEqual({
    text: 'aaa\nb',
    dropped: 3,
    closed: 1,
  });
  expect(clock.pending()).toBe(0);
});

test('whatever the target does, each line is there whole or counted, and in order', () => {
  const step = fc.oneof(
    fc.record({ write: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ room: fc.integer({ min: 0, max: 60 }), isFull: fc.boolean() }),
    fc.constant({ pass: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { state, target } = scripted();
      const { clock, sink } = sinkOver(target, 64);
      let count = 0;
      for (const given of steps) {
        if ('write' in given) {
          sink.write(`<${String(count).padStart(given.write, '0')}>\n`);
          count += 1;
        } else if ('room' in given) Object.assign(state, given);
        else clock.advance(100);
      }
      Object.assign(state, { room: Number.POSITIVE_INFINITY, isFull: false });
      clock.advance(1_000);
      sink.write('<end>\n');
      const lines = state.text.split('\n');
      const numbers = lines.filter((line) => /^<\d+>$/.test(line)).map((line) => Number(line.slice(1, -1)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(numbers.length + sink.droppedLines()).toBe(count);
      const told = lines.map((line) => Number(/^lost (\d+)$/.exec(line)?.[1] ?? 0)).reduce((a, b) => a + b, 0);
      expect(told).toBe(sink.droppedLines());
      expect(lines.at(-2)).toBe('<end>');
    }),
  );
});

/** A FIFO, open for both ends in a blocking way, as a shell gives it to a program. */
function fifo() {
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-fifo-'));
  const path = join(folder, 'log');
  execFileSync('mkfifo', [path]);
  const both = openSync(path, constants.O_RDWR);
  onTestFinished(() => {
    closeSync(both);
    rmSync(folder, { recursive: true });
  });
  return both;
}

test('a pipe that nobody reads does not block, and gives all that fits when it is read', () => {
  const both = fifo();
  const { clock, sink } = sinkOver(openLogTarget(both), 100_000);
  const line = `${'x'.repeat(999)}\n`;
  for (let count = 0; count < 500; count += 1) sink.write(line);
  expect(sink.droppedLines()).toBeGreaterThan(300);
  const kept = 500 - sink.droppedLines();
  const wanted = kept * 1_000 + `lost ${500 - kept}\n`.length;
  const part = Buffer.alloc(65_536);
  let text = '';
  while (text.length < wanted) {
    text += part.toString('utf8', 0, readSync(both, part));
    clock.advance(100);
  }
  expect(text).toBe(`${line.repeat(kept)}lost ${500 - kept}\n`);
  sink.close();
});

test('a file is written at its end, though others write to the same descriptor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-log-'));
  const file = openSync(join(folder, 'log'), 'w');
  const { sink } = sinkOver(openLogTarget(file));
  sink.write('one\n');
  execFileSync('sh', ['-c', 'echo two >&3'], { stdio: ['ignore', 'ignore', 'ignore', file] });
  sink.write('three\n');
  sink.close();
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('one\ntwo\nthree\n');
  closeSync(file);
  rmSync(folder, { recursive: true });
});

test('a descriptor that is not open, and a full device, lose lines without failing', () => {
  const full = openSync('/dev/full', 'w');
  for (const descriptor of [full, 9_999]) {
    const { sink } = sinkOver(openLogTarget(descriptor));
    sink.write('one\n');
    sink.write('two\n');
    expect(sink.droppedLines()).toBe(2);
    sink.close();
  }
  closeSync(full);
});
