import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Interrupted, listenForStop, type StopSignal } from './shutdown.ts';

test.each(['SIGINT', 'SIGTERM'] as const)('the first %s aborts, and only the second one insists', (by) => {
  const source = new EventEmitter();
  const insisted: StopSignal[] = [];
  let now = 0;
  const { signal } = listenForStop(source, (word) => insisted.push(word), { now: () => now });
  expect(signal.aborted).toBe(false);
  source.emit(by);
  expect(signal.reason).toBeInstanceOf(Interrupted);
  expect(signal.reason).toMatchObject({ by, name: 'AbortError' });
  expect(insisted).toEqual([]);
  // The same wish, passed on by whoever started the process.
  source.emit(by);
  expect(insisted).toEqual([]);
  now = 1_000;
  source.emit('SIGTERM');
  expect(insisted).toEqual(['SIGTERM']);
});

test('closing leaves no listener behind', () => {
  const source = new EventEmitter();
  listenForStop(source, () => {}).close();
  expect(source.eventNames()).toEqual([]);
});
