import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/rig/store-clock.ts';
import type { Task } from '../planning/tasks.ts';
import { silentLog } from '../runtime/log.ts';
import type { ProbeResult } from './probes/probe.ts';
import { createSchedule, type ScheduleOptions } from './schedule.ts';
import { type Decided, healthFrom } from './verdict.ts';

const timing = { interval: 2_000, fastInterval: 500, timeout: 1_000, rise: 2, fall: 3 };
const taskOf = (name: string): Task => ({
  taskId: name,
  zone: 'default',
  shard: 0,
  target: name.startsWith('six') ? '2001:db8::1' : '192.0.2.1',
  probe: { type: 'tcp', port: 80 },
  timing,
});
const ok: ProbeResult = { ok: true, reason: 'ok', rttMs: 1, detail: '' };
const down: ProbeResult = { ok: false, reason: 'connectionRefused', rttMs: 1, detail: '' };

interface Sent {
  readonly target: string;
  readonly at: number;
  readonly signal: AbortSignal;
  answer(result: ProbeResult): Promise<void>;
}

/** Probes are answered by hand; one that is aborted answers `timeout` by itself. */
function rig(options: Partial<ScheduleOptions> = {}) {
  const clock = manualClock();
  const sent: Sent[] = [];
  const outcomes: { readonly task: string; readonly decided: Decided }[] = [];
  const turns = async () => {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  const schedule = createSchedule({
    clock,
    random: () => 0.5,
    log: silentLog,
    mayProbe: () => true,
    probe: (target, _, __, signal) =>
      new Promise((resolve) => {
        const answer = async (result: ProbeResult) => {
          resolve(result);
          await turns();
        };
        signal.addEventListener('abort', () => resolve({ ...down, reason: 'timeout' }));
        sent.push({ target, at: clock.now(), signal, answer });
      }),
    decided: ({ taskId }, _, decided) => outcomes.push({ task: taskId, decided }),
    ...options,
  });
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5);
      await turns();
    }
  };
  return { clock, schedule, sent, outcomes, advance, turns };
}

describe('createSchedule', () => {
  it('probes first within a second, then after the interval, and after fastInterval while undecided', async () => {
    const { schedule, sent, advance, outcomes } = rig();
    schedule.start(taskOf('six'), healthFrom({ state: 'up', reason: 'ok' }));
    await advance(1_000);
    expect(sent.map(({ at }) => at)).toEqual([500]);
    await sent[0]?.answer(ok);
    await advance(1_000);
    await sent[1]?.answer(ok);
    await advance(2_000);
    await sent[2]?.answer(down);
    expect(sent.map(({ at }) => at)).toEqual([500, 1_500, 3_500]);
    await advance(500);
    await sent[3]?.answer(down);
    await advance(500);
    await sent[4]?.answer(down);
    expect(outcomes.map(({ decided }) => decided.health.state)).toEqual(['up', 'up', 'up', 'up', 'down']);
    await advance(1_400);
    expect(sent.length).toBe(5);
    await advance(700);
    expect(sent.length).toBe(6);
    await schedule.close();
  });

  it('spreads tasks that started together over their whole interval', async () => {
    let draws = 0;
    const evenly = () => {
      draws += 1;
      return (draws * 0.618) % 1;
    };
    const { schedule, sent, advance } = rig({ random: evenly });
    for (let task = 0; task < 100; task += 1)
      schedule.start(taskOf(`t${task}`), healthFrom({ state: 'up', reason: 'ok' }));
    for (let step = 0; step < 2_000; step += 1) {
      const answered = sent.length;
      await advance(5);
      for (const one of sent.slice(answered)) await one.answer(ok);
    }
    for (let from = 4_000; from < 10_000; from += 500) {
      const inHalfSecond = sent.filter(({ at }) => from <= at && at < from + 500).length;
      expect(inHalfSecond).toBeGreaterThan(10);
      expect(inHalfSecond).toBeLessThan(45);
    }
    await schedule.close();
  });

  it('never runs two probes of a task at once, and counts a probe past its timeout as a failure', async () => {
    const { schedule, sent, advance, outcomes } = rig();
    schedule.start(taskOf('one'), healthFrom(undefined));
    await advance(600);
    for (let step = 0; step < 85; step += 1) {
      await advance(10);
      expect(schedule.inFlight).toBe(1);
    }
    expect(sent.length).toBe(1);
    await advance(100);
    expect(outcomes[0]?.decided.health).toMatchObject({ state: 'down', reason: 'timeout' });
    expect(schedule.inFlight).toBeLessThanOrEqual(1);
    await schedule.close();
  });

  it('does not count the time it stood still itself, but finds a dead target dead all the same', async () => {
    const { clock, schedule, sent, advance, outcomes, turns } = rig();
    schedule.start(taskOf('paused'), healthFrom(undefined));
    await advance(500);
    clock.stall(5_000);
    await turns();
    expect(sent[0]?.signal.aborted).toBe(false);
    await sent[0]?.answer(ok);
    expect(outcomes[0]?.decided.health.state).toBe('up');

    schedule.start(taskOf('six-dead'), healthFrom(undefined));
    await advance(500);
    for (let step = 0; step < 40; step += 1) {
      clock.stall(100);
      await turns();
    }
    expect(outcomes.find(({ task }) => task === 'six-dead')?.decided.health.state).toBe('down');
    await schedule.close();
  });

  it('sends nothing when the lease is over, however long a task has been due', async () => {
    let mayProbe = false;
    const { schedule, sent, advance } = rig({ mayProbe: () => mayProbe });
    schedule.start(taskOf('one'), healthFrom(undefined));
    await advance(10_000);
    expect(sent.length).toBe(0);
    mayProbe = true;
    await advance(2_000);
    expect(sent.length).toBeGreaterThan(0);
    await schedule.close();
  });

  it('keeps to its limit of probes in flight and serves the others in turn', async () => {
    const { schedule, sent, advance } = rig({ mostInFlight: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) schedule.start(taskOf(name), healthFrom(undefined));
    await advance(600);
    expect([sent.length, schedule.inFlight]).toEqual([2, 2]);
    schedule.stop('c');
    await sent[0]?.answer(ok);
    await sent[1]?.answer(ok);
    expect([sent.length, schedule.inFlight]).toEqual([4, 2]);
    expect(schedule.lagMs()).toBeGreaterThan(80);
    await schedule.close();
  });

  it('ignores the result of a task that was stopped, and of its first life when it was started again', async () => {
    const { schedule, sent, advance, outcomes } = rig();
    schedule.start(taskOf('one'), healthFrom(undefined));
    await advance(600);
    schedule.stop('one');
    expect(sent[0]?.signal.aborted).toBe(true);
    schedule.start(taskOf('one'), healthFrom(undefined));
    await sent[0]?.answer(down);
    expect(outcomes).toEqual([]);
    await advance(600);
    expect(sent.length).toBe(2);
    await schedule.close();
  });

  it('does not let its own trouble count against the target', async () => {
    const { schedule, sent, advance, outcomes } = rig();
    schedule.start(taskOf('one'), healthFrom({ state: 'up', reason: 'ok' }));
    for (let turn = 0; turn < 5; turn += 1) {
      while (sent.length <= turn) await advance(50);
      await sent[turn]?.answer({ ...down, reason: 'localError' });
    }
    expect(outcomes).toEqual([]);
    expect(schedule.counts()).toEqual({ ok: 0, failed: 0, inconclusive: 5 });
    await schedule.close();
  });

  it('leaves nothing running when closed with probes in flight', async () => {
    const { clock, schedule, sent, advance } = rig();
    schedule.start(taskOf('one'), healthFrom(undefined));
    await advance(600);
    await schedule.close();
    expect(sent[0]?.signal.aborted).toBe(true);
    expect([clock.pending(), schedule.inFlight, schedule.size]).toEqual([0, 0, 0]);
  });
});
