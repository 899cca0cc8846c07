/** Probes each task when it is due: spread at the start, never two probes of a task at once, only while the lease lasts. */
import { CoreBgpError } from '../model/errors.ts';
import type { Task } from '../planning/tasks.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createLag } from './lag.ts';
import { isConclusive, type Probe, type ProbeResult } from './probes/probe.ts';
import { type Decided, decide, type TaskHealth } from './verdict.ts';
import { createWheel } from './wheel.ts';

export interface ScheduleOptions {
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly probe: Probe;
  /** Asked immediately before each probe is sent. */
  readonly mayProbe: () => boolean;
  readonly decided: (task: Task, result: ProbeResult, decided: Decided) => void;
  /** Probes in flight at once. Default 512; the others wait in line. */
  readonly mostInFlight?: number;
}

export interface ProbeCounts {
  readonly ok: number;
  readonly failed: number;
  /** The checker itself could not send them. */
  readonly inconclusive: number;
}

export interface Schedule {
  /** Does nothing if the task runs already. The first probe comes at random within `min(interval, 1 s)`. */
  start(task: Task, health: TaskHealth): void;
  /** Also gives up a probe in flight; its result is ignored. */
  stop(taskId: string): void;
  stopAll(): void;
  has(taskId: string): boolean;
  readonly size: number;
  readonly inFlight: number;
  counts(): ProbeCounts;
  /** p99 since the last reset, milliseconds. */
  lagMs(): number;
  resetLag(): void;
  /** Stops all; resolves when no probe is in flight. */
  close(): Promise<void>;
}

interface Entry {
  readonly task: Task;
  health: TaskHealth;
  due: number;
  /** The first probes of many tasks come within one second; the gap to the second is what spreads them over the interval. */
  isSpread: boolean;
  /** Of the timer, while it waits. */
  cancel: () => void;
  probing: AbortController | undefined;
}

/** Probes in flight at once. */
export const mostProbesInFlight = 512;

const firstWithinMs = 1_000;
/** The interval is stretched or shortened by up to 5 %, so that tasks that fell into step get out of it again. */
const jitter = 0.05;

export function createSchedule(options: ScheduleOptions): Schedule {
  const { clock, random, log, probe, mayProbe, decided, mostInFlight = mostProbesInFlight } = options;
  const wheel = createWheel(clock);
  const lag = createLag();
  const entries = new Map<string, Entry>();
  /** Due, but too many are in flight; in the order they became due. */
  const line = new Set<Entry>();
  const counts = { ok: 0, failed: 0, inconclusive: 0 };
  let inFlight = 0;
  let announceIdle = () => {};

  const plan = (entry: Entry, due: number) => {
    entry.due = due;
    entry.cancel = wheel.at(due, () => {
      if (inFlight < mostInFlight) void send(entry);
      else line.add(entry);
    });
  };

  /**
   * Aborts after `timeout`. Time in which this process itself stood still doesn't count against the target, for the
   * answer may be waiting in the socket; up to twice the timeout more, so that a dead target is found dead all the same.
   */
  function armDeadline(controller: AbortController, timeout: number): () => void {
    let extra = 2 * timeout;
    let cancel = () => {};
    const arm = (due: number) => {
      const stalledBefore = wheel.stalledMs;
      cancel = wheel.at(due, () => {
        const more = Math.min(wheel.stalledMs - stalledBefore, timeout, extra);
        extra -= more;
        if (more > 0) arm(clock.now() + more);
        else controller.abort();
      });
    };
    arm(clock.now() + timeout);
    return () => cancel();
  }

  async function send(entry: Entry): Promise<void> {
    const { task } = entry;
    const { target, timing } = task;
    const sent = clock.now();
    if (!mayProbe()) {
      plan(entry, sent + timing.interval);
      return;
    }
    lag.observe(sent - entry.due);
    const controller = new AbortController();
    entry.probing = controller;
    const cancelDeadline = armDeadline(controller, timing.timeout);
    inFlight += 1;
    const result = await probe(target, task.probe, clock, controller.signal).catch((error: unknown): ProbeResult => {
      log.error({ error: String(error), task: task.taskId }, 'a probe threw');
      return { ok: false, reason: 'localError', rttMs: 0, detail: String(error) };
    });
    cancelDeadline();
    inFlight -= 1;
    entry.probing = undefined;
    if (entries.get(task.taskId) === entry) finish(entry, sent, result);
    nextInLine();
    if (inFlight === 0) announceIdle();
  }

  function finish(entry: Entry, sent: number, result: ProbeResult): void {
    const { interval, fastInterval } = entry.task.timing;
    if (!isConclusive(result)) {
      counts.inconclusive += 1;
      log.warn({ target: entry.task.target, detail: result.detail }, 'a probe could not be sent');
      plan(entry, clock.now() + interval);
      return;
    }
    counts[result.ok ? 'ok' : 'failed'] += 1;
    const outcome = decide(entry.health, result, entry.task.timing);
    entry.health = outcome.health;
    // A checker that has more to do than it can must not ask itself for more because answers come late.
    const keepsUp = sent - entry.due < fastInterval / 2;
    const regular = sent + interval * (entry.isSpread ? 1 - jitter + 2 * jitter * random() : random());
    entry.isSpread ||= !outcome.undecided;
    plan(entry, outcome.undecided && keepsUp ? clock.now() + fastInterval : Math.max(clock.now(), regular));
    decided(entry.task, result, outcome);
  }

  function nextInLine(): void {
    for (const entry of line) {
      if (inFlight >= mostInFlight) return;
      line.delete(entry);
      void send(entry);
    }
  }

  const stop = (taskId: string) => {
    const entry = entries.get(taskId);
    if (entry === undefined) return;
    entries.delete(taskId);
    line.delete(entry);
    entry.cancel();
    entry.probing?.abort(new CoreBgpError('unavailable', 'the task was stopped'));
  };
  const stopAll = () => {
    for (const taskId of [...entries.keys()]) stop(taskId);
  };

  return {
    start: (task, health) => {
      if (entries.has(task.taskId)) return;
      const entry: Entry = { task, health, due: 0, isSpread: false, cancel: () => {}, probing: undefined };
      entries.set(task.taskId, entry);
      plan(entry, clock.now() + random() * Math.min(task.timing.interval, firstWithinMs));
    },
    stop,
    stopAll,
    has: (taskId) => entries.has(taskId),
    get size() {
      return entries.size;
    },
    get inFlight() {
      return inFlight;
    },
    counts: () => ({ ...counts }),
    lagMs: () => lag.p99(),
    resetLag: () => lag.reset(),
    close: async () => {
      stopAll();
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          announceIdle = resolve;
        });
      }
      wheel.close();
    },
  };
}
