/** Publishes verdicts: at once when idle, in batches while one is on its way, the latest of a task only, in order. */
import type { Client } from '../client/client.ts';
import { mostVerdicts } from '../contract/component-endpoints.ts';
import { endpoints } from '../contract/endpoints.ts';
import { type ErrorCode, toCoreBgpError } from '../model/errors.ts';
import type { VerdictState } from '../model/health.ts';
import type { Task } from '../planning/tasks.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

export interface Verdict {
  readonly state: VerdictState;
  /** RFC 3339. */
  readonly since: string;
  readonly reason: string;
  readonly code?: number;
  readonly rttMs?: number;
  /** Id of this checker. */
  readonly checker: string;
  /** Of the claim it was found under. */
  readonly epoch: number;
}

export interface ReportOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** The API refused the verdict, because the claim of that epoch is no longer there. */
  readonly staleEpoch: (task: Task, epoch: number) => void;
  /** The API will never take this verdict, and no newer one of the task waits: the store does not know what was decided. */
  readonly dropped: (task: Task) => void;
  /** A verdict is stored, so many milliseconds after it was decided. */
  readonly stored?: (ms: number) => void;
}

export interface Report {
  publish(task: Task, verdict: Verdict): void;
  /** Drops what is not yet on its way: of one task, or all. */
  forget(taskId?: string): void;
  /** Resolves when everything is published or dropped. */
  flushed(): Promise<void>;
  counts(): { readonly sent: number; readonly refused: number; readonly waiting: number };
  /** Drops everything and gives up what is on its way; resolves when nothing is left running. */
  close(): Promise<void>;
}

interface Pending {
  readonly task: Task;
  readonly verdict: Verdict;
  readonly seq: number;
  /** When it was decided. */
  readonly at: number;
}

export function createReport(options: ReportOptions): Report {
  const { client, clock, random, log, staleEpoch, dropped, stored = () => {} } = options;
  const backoff = createBackoff({ random });
  const controller = new AbortController();
  /** One for all tasks: it grows for each of them, also when a task is dropped and taken up again. */
  let seq = 0;
  const counts = { sent: 0, refused: 0 };
  let waiting = new Map<string, Pending>();
  let batch: readonly Pending[] = [];
  let running: Promise<void> | undefined;
  /**
   * Tasks whose verdict was in a batch that failed as a whole, with how many may go together next time: halved with each
   * failure, so that a single bad verdict is soon alone. They go after those that never failed.
   */
  const troubled = new Map<string, number>();
  const mostWith = (taskId: string) => troubled.get(taskId) ?? mostVerdicts;

  const nextBatch = (): readonly Pending[] => {
    let most = 1;
    for (const taskId of waiting.keys()) most = Math.max(most, mostWith(taskId));
    const next: Pending[] = [];
    for (const one of waiting.values()) {
      if (next.length === most) break;
      if (mostWith(one.task.taskId) === most) next.push(one);
    }
    return next;
  };

  const send = async (signal: AbortSignal) => {
    const answer = await client.call(endpoints.components.health, { body: { verdicts: batch.map(wire) } }, signal);
    const refused = new Map(answer.refused.map(({ taskId, reason }) => [taskId, reason]));
    counts.sent += batch.length - refused.size;
    for (const { task, verdict, at } of batch) {
      const reason = refused.get(task.taskId);
      if (reason === undefined) stored(clock.now() - at);
      if (reason === undefined) continue;
      // After a lost answer the same verdict is sent again; that it is there already is no news.
      if (reason === 'staleSequence') continue;
      counts.refused += 1;
      log.warn({ task: task.taskId, target: task.target, epoch: verdict.epoch, reason }, 'a verdict was refused');
      staleEpoch(task, verdict.epoch);
    }
  };

  const failed = async (error: unknown, signal: AbortSignal) => {
    const { code, message, retryAfterMs } = toCoreBgpError(error, 'publishing verdicts');
    const isAway = awayCodes.has(code);
    const [first] = batch;
    if (first !== undefined && batch.length === 1 && hopelessCodes.has(code)) {
      const { taskId } = first.task;
      log.error({ task: taskId, code, detail: message }, 'a verdict could not be published and is dropped');
      troubled.set(taskId, 1);
      if (!waiting.has(taskId)) dropped(first.task);
    } else {
      // Newer verdicts replace those that were on their way.
      const again = batch.filter(({ task }) => !waiting.has(task.taskId));
      if (!isAway) for (const { task } of batch) troubled.set(task.taskId, Math.max(1, Math.floor(batch.length / 2)));
      const entries = again.map((one) => [one.task.taskId, one] as const);
      waiting = new Map(isAway ? [...entries, ...waiting] : [...waiting, ...entries]);
    }
    batch = [];
    const pause = backoff.next(retryAfterMs);
    const wait = isAway ? pause : Math.min(pause, troubledPauseMs);
    log.warn(
      { code, detail: message, verdicts: waiting.size, retryInMs: Math.round(wait) },
      'publishing verdicts failed',
    );
    await clock.sleep(wait, signal);
  };

  const run = async (signal: AbortSignal) => {
    while (waiting.size > 0 && !signal.aborted) {
      batch = nextBatch();
      for (const { task } of batch) waiting.delete(task.taskId);
      try {
        await send(signal);
        backoff.reset();
        for (const { task } of batch) troubled.delete(task.taskId);
        batch = [];
      } catch (error) {
        if (signal.aborted) return;
        await failed(error, signal).catch(() => undefined);
      }
    }
  };

  const start = () => {
    if (running !== undefined || controller.signal.aborted) return;
    running = run(controller.signal).finally(() => {
      running = undefined;
      if (waiting.size > 0) start();
    });
  };

  return {
    publish: (task, verdict) => {
      seq += 1;
      waiting.delete(task.taskId);
      waiting.set(task.taskId, { task, verdict, seq, at: clock.now() });
      start();
    },
    forget: (taskId) => {
      if (taskId === undefined) {
        waiting.clear();
        troubled.clear();
        return;
      }
      waiting.delete(taskId);
      troubled.delete(taskId);
    },
    flushed: async () => {
      while (running !== undefined) await running;
    },
    counts: () => ({ ...counts, waiting: waiting.size + batch.length }),
    close: async () => {
      waiting.clear();
      controller.abort();
      while (running !== undefined) await running;
    },
  };
}

/** No verdict is at fault: the same batch again. */
const awayCodes = new Set<ErrorCode>(['unavailable', 'timeout', 'limited', 'conflict']);
/** It's the verdict itself, and sending it again changes nothing. Everything else may heal, so it is tried for ever. */
const hopelessCodes = new Set<ErrorCode>(['invalid', 'tooLarge']);
/** Longest wait after a failure that may be about one verdict only: the others shouldn't wait long for that. */
const troubledPauseMs = 1_000;

function wire({ task, verdict, seq }: Pending) {
  return { taskId: task.taskId, zone: task.zone, shard: task.shard, ...verdict, seq };
}
