import { expect, test } from 'vitest';
import { aborted } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import { Interrupted } from '../runtime/shutdown.ts';
import { whileBirdRuns } from './while-bird-runs.ts';

const runs = { pid: 7, ended: new Promise<string>(() => {}) };
const never = new AbortController().signal;

test('work that is done gives its result, also when BIRD ends later', async () => {
  let end = (_: string) => {};
  const bird = { pid: 7, ended: new Promise<string>((resolve) => (end = resolve)) };
  expect(await whileBirdRuns(bird, systemClock, never, async () => 1)).toBe(1);
  end('signal SIGTERM');
});

test('when BIRD ends the work is aborted, and the error says that BIRD has ended', async () => {
  const bird = { pid: 7, ended: Promise.resolve('signal SIGKILL') };
  const work = async (signal: AbortSignal) => {
    await aborted(signal);
    throw new Error('ECONNREFUSED');
  };
  await expect(whileBirdRuns(bird, systemClock, never, work)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('has ended (signal SIGKILL)'),
  });
});

test('an error that comes before the end of BIRD is known is still put down to it', async () => {
  let end = (_: string) => {};
  const bird = { pid: 7, ended: new Promise<string>((resolve) => (end = resolve)) };
  const clock = { ...systemClock, sleep: async () => end('signal SIGKILL') };
  const work = async () => {
    throw new Error('ECONNREFUSED');
  };
  await expect(whileBirdRuns(bird, clock, never, work)).rejects.toThrow('BIRD, the router');
});

test('an error of work while BIRD runs stays what it is', async () => {
  const clock = { ...systemClock, sleep: async () => {} };
  const work = async () => {
    throw new Error('a defect');
  };
  await expect(whileBirdRuns(runs, clock, never, work)).rejects.toThrow('a defect');
});

test('errors after the abort are its echo', async () => {
  const controller = new AbortController();
  const work = async () => {
    controller.abort(new Interrupted('SIGINT'));
    throw new Error('half-started');
  };
  await expect(whileBirdRuns(runs, systemClock, controller.signal, work)).rejects.toBeInstanceOf(Interrupted);
});
