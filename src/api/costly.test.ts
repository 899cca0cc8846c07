import { expect, test } from 'vitest';
import { createGate, defaultGateLimits, firstThrough, isCostly } from './costly.ts';

const never = new AbortController().signal;
const limits = { atOnce: 2, waiting: 3, waitMs: 5_000 };

function start() {
  let refused = 0;
  const timers = new Set<() => void>();
  const clock = {
    now: () => 0,
    wall: () => 0,
    sleep: async () => {},
    after: (ms: number, call: () => void) => {
      if (ms < limits.waitMs) {
        setImmediate(call);
        return () => {};
      }
      timers.add(call);
      return () => timers.delete(call);
    },
  };
  const gate = createGate(
    clock,
    () => {
      refused += 1;
    },
    limits,
  );
  return { gate, timers, refused: () => refused };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a few at a time, the others in their order, and one too many is told to come again', async () => {
  const { gate, timers, refused } = start();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (index: number) => () => {
    begun.push(index);
    return new Promise<number>((resolve) => {
      ends.push(() => resolve(index));
    });
  };
  const all = [0, 1, 2, 3, 4].map((index) => gate.through(work(index), never));
  await expect(gate.through(work(5), never)).rejects.toMatchObject({ code: 'limited', retryAfterMs: 1_000 });
  expect([begun, refused()]).toEqual([[0, 1], 1]);
  for (let done = 0; done < 5; done += 1) {
    ends[done]?.();
    await turn();
    await turn();
  }
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(timers.size).toBe(0);
});

test('what is done at once still takes its place for the turn of the event loop, and gives it back', async () => {
  const { gate } = start();
  let done = 0;
  const quick = async () => {
    done += 1;
  };
  const all = Array.from({ length: 5 }, () => gate.through(quick, never));
  await Promise.resolve();
  expect(done).toBe(2);
  await Promise.all(all);
  await turn();
  await turn();
  await Promise.all(Array.from({ length: 5 }, () => gate.through(quick, never)));
  expect(done).toBe(10);
});

test('one that waits too long, or has gone, leaves its place; and one that fails gives its place back', async () => {
  const { gate, timers, refused } = start();
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  const running = [gate.through(() => held, never), gate.through(() => held, never)];
  const controller = new AbortController();
  const gone = gate.through(async () => 'never', controller.signal);
  controller.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  const late = gate.through(async () => 'never', never);
  for (const call of [...timers]) call();
  await expect(late).rejects.toMatchObject({ code: 'limited' });
  expect([timers.size, refused()]).toEqual([0, 1]);
  end();
  await Promise.all(running);
  for (let times = 0; times < 5; times += 1) {
    const failing = async () => {
      throw new Error('failed');
    };
    await expect(gate.through(failing, never)).rejects.toThrow('failed');
    await turn();
  }
  expect(await gate.through(async () => 'room', never)).toBe('room');
});

test('of an answer in parts only the first holds a place', async () => {
  const { gate } = start();
  let closed = 0;
  async function* parts() {
    try {
      yield 1;
      yield 2;
    } finally {
      closed += 1;
    }
  }
  const open = Array.from({ length: 4 }, () => firstThrough(gate, parts(), never));
  for (const one of open) expect((await one.next()).value).toBe(1);
  const [first, ...others] = open;
  expect([(await first?.next())?.value, (await first?.next())?.done]).toEqual([2, true]);
  for (const one of others) await one.return();
  expect(closed).toBe(4);
});

test('lists, histories, explanations and dry runs are costly; single objects and writes are not', () => {
  const asked = (endpoint: string, query = {}) => isCostly({ endpoint, query });
  const yes = ['announcements.list', 'tombstones.all', 'peers.history', 'history.prefix', 'explain.get', 'events.list'];
  for (const id of yes) expect(asked(id), id).toBe(true);
  for (const id of ['announcements.get', 'apply', 'health.report', 'watch']) expect(asked(id), id).toBe(false);
  expect(asked('apply', { dryRun: 'true' })).toBe(true);
  expect(defaultGateLimits.atOnce).toBeLessThan(defaultGateLimits.waiting);
});
