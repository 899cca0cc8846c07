/** The checker role: mirror → wanted tasks → the shards it holds → schedule → verdicts → report. */
import { createClient } from '../client/client.ts';
import { createMirror, type Mirror } from '../client/mirror.ts';
import type { Transport } from '../client/transport.ts';
import { CoreBgpError } from '../model/errors.ts';
import { healthKey, type VerdictState } from '../model/health.ts';
import { decodeVerdict } from '../planning/decode.ts';
import type { Task } from '../planning/tasks.ts';
import { withDeadline } from '../runtime/abort.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { defaultTtlMs, leaseTimes } from './lease-times.ts';
import { type Heartbeat, joinCheckers } from './membership.ts';
import { checkerMetrics, fillCheckerMetrics } from './metrics.ts';
import type { HeldShard } from './ownership.ts';
import { type Probe, type ProbeResult, probe as realProbe } from './probes/probe.ts';
import { createReport } from './report.ts';
import { createSchedule, type ProbeCounts } from './schedule.ts';
import { type Decided, healthFrom } from './verdict.ts';
import { createWanted } from './wanted.ts';

export interface CheckerOptions {
  readonly transport: Transport;
  /** Of the node. */
  readonly name: string;
  readonly zone: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Of its lease; at least 5 s. Default 10 s. */
  readonly ttlMs?: number;
  /**
   * A file in which the checker leaves its lease, and whose lease it revokes at the start. Only for a caller that knows
   * that the process before is dead.
   */
  readonly predecessorLeaseFile?: string;
  /** Probes in flight at once. Default 512. */
  readonly mostInFlight?: number;
  /** Where its numbers go. Default: nowhere. */
  readonly metrics?: Metrics;
  /** For the simulation. Default: the real network. */
  readonly probe?: Probe;
}

export interface CheckerStats {
  readonly id: string | undefined;
  readonly state: 'apart' | 'joining' | 'ready';
  readonly shards: number;
  /** Tasks it probes. */
  readonly tasks: number;
  /** Next hops that no one checks because their project doesn't permit them. */
  readonly refusedTargets: number;
  /** Since the start. */
  readonly probes: ProbeCounts;
  readonly inFlight: number;
  /** p99 delay of probes behind their schedule since the last heartbeat, milliseconds. */
  readonly lagMs: number;
  readonly verdicts: { readonly sent: number; readonly refused: number; readonly waiting: number };
  /** Keepalives of its lease. */
  readonly renewals: { readonly ok: number; readonly failed: number };
  readonly leaseLosses: number;
}

export interface Checker {
  /** Stops the checks, publishes what is decided, gives its lease back: within a second. Same as aborting the signal. */
  close(): Promise<void>;
  /** Resolves when it has stopped, for whatever reason. */
  readonly drained: Promise<void>;
  stats(): CheckerStats;
}

const flushWithinMs = 400;

/** Starts at once; keeps trying while the API can't be reached. */
export function runChecker(options: CheckerOptions, signal: AbortSignal): Checker {
  const { transport, name, zone, version, clock, log, random, probe = realProbe } = options;
  const times = leaseTimes(options.ttlMs ?? defaultTtlMs);
  const stopping = new AbortController();
  const stop = () => stopping.abort(new CoreBgpError('unavailable', 'the checker is stopping'));
  const client = createClient(transport);
  const collections = ['announcements', 'projects', 'health', 'claims', 'checkers'] as const;
  const mirror = createMirror({ transport, collections, clock, log, random });
  const wanted = createWanted();
  /** When the state of a task that is probed here was entered, and whether this claim has published it yet. */
  const standing = new Map<string, { since: string; state: VerdictState | undefined; published: boolean }>();

  const verdictSeconds = options.metrics?.histogram(checkerMetrics.verdictSeconds);
  const report = createReport({
    client,
    clock,
    random,
    log,
    staleEpoch: (task, epoch) => membership.forget(task.zone, task.shard, epoch),
    dropped: (task) => publishAgain(task.taskId),
    stored: (ms) => verdictSeconds?.observe(ms / 1_000),
  });

  const schedule = createSchedule({
    clock,
    random,
    log,
    probe,
    mayProbe: () => membership.mayProbe(),
    decided,
    ...(options.mostInFlight === undefined ? {} : { mostInFlight: options.mostInFlight }),
  });

  /** Publishes each change, and once under each claim what was confirmed. */
  function decided(task: Task, result: ProbeResult, { health, changed, undecided }: Decided): void {
    const stands = standing.get(task.taskId);
    const epoch = membership.epochOf(task.zone, task.shard);
    const { id } = membership;
    if (stands === undefined || epoch === undefined || id === undefined || health.state === 'unknown') return;
    if (!changed && (stands.published || undecided)) return;
    if (changed && stands.state !== health.state) stands.since = isoTime(clock);
    stands.state = health.state;
    stands.published = true;
    const { code, rttMs } = result;
    report.publish(task, {
      state: health.state,
      since: stands.since,
      reason: health.reason ?? result.reason,
      ...(code === undefined ? {} : { code }),
      rttMs: Math.round(rttMs * 100) / 100,
      checker: id,
      epoch,
    });
  }

  /** Starts or stops the tasks, as they are wanted and their shards are held. */
  const refresh = (taskIds: Iterable<string>) => {
    const revision = mirror.snapshot()?.revision ?? 0;
    for (const taskId of taskIds) {
      const task = wanted.get(taskId);
      const epoch = task && membership.epochOf(task.zone, task.shard);
      // Before the view has reached the claim, the last verdict of the holder before may not be in it.
      if (task !== undefined && epoch !== undefined && epoch <= revision) startTask(task);
      else stopTask(taskId);
    }
  };

  const startTask = (task: Task) => {
    if (schedule.has(task.taskId)) return;
    const stored = storedVerdict(mirror, task.taskId, isoTime(clock));
    standing.set(task.taskId, { since: stored?.since ?? isoTime(clock), state: stored?.state, published: false });
    schedule.start(task, healthFrom(stored));
  };

  /** What was decided is still published, as far as the claim allows. */
  const stopProbing = (taskId: string) => {
    schedule.stop(taskId);
    standing.delete(taskId);
  };

  const stopTask = (taskId: string) => {
    if (!schedule.has(taskId)) return;
    stopProbing(taskId);
    report.forget(taskId);
  };

  const flush = (caller: AbortSignal) =>
    withDeadline(clock, flushWithinMs, 'publishing the last verdicts', caller, () => report.flushed());

  /** The store lacks the verdict: it could not be published, or somebody took the task for one that nobody asks for. */
  const publishAgain = (taskId: string) => {
    const stands = standing.get(taskId);
    if (stands !== undefined) stands.published = false;
  };

  const tasksIn = (shards: readonly HeldShard[]) => shards.flatMap(({ zone: of, shard }) => wanted.inShard(of, shard));

  mirror.onChange((keys) => {
    const snapshot = mirror.snapshot();
    const touched = new Set(keys.flatMap((key) => wanted.apply(key, snapshot?.entries.get(key)?.value)));
    for (const key of keys) {
      const [collection, of, shard] = key.split('/');
      if (of === undefined) continue;
      if (collection === 'health' && snapshot?.entries.has(key) === false) publishAgain(of);
      if (collection !== 'claims') continue;
      for (const taskId of wanted.inShard(of, Number(shard))) touched.add(taskId);
    }
    refresh(touched);
  });

  let lastBeat: ProbeCounts = { ok: 0, failed: 0, inconclusive: 0 };
  const heartbeat = (): Heartbeat => {
    const counts = schedule.counts();
    const beat = {
      tasks: schedule.size,
      lagMs: Math.round(schedule.lagMs() * 10) / 10,
      ok: counts.ok - lastBeat.ok,
      failed: counts.failed - lastBeat.failed,
    };
    lastBeat = counts;
    schedule.resetLag();
    return beat;
  };

  const membership = joinCheckers(
    {
      client,
      mirror,
      clock,
      random,
      log,
      name,
      zone,
      version,
      times,
      predecessorLeaseFile: options.predecessorLeaseFile,
      zonesWithTasks: () => wanted.zones(),
      heartbeat,
      gained: (shards) => refresh(tasksIn(shards)),
      lost: (shards) => refresh(tasksIn(shards)),
      releasing: async (shards, caller) => {
        for (const taskId of tasksIn(shards)) stopProbing(taskId);
        await flush(caller);
      },
      leaving: async () => {
        schedule.stopAll();
        await flush(new AbortController().signal);
      },
    },
    stopping.signal,
  );

  const stats = (): CheckerStats => ({
    id: membership.id,
    state: membership.state,
    shards: membership.shards,
    tasks: schedule.size,
    refusedTargets: wanted.refused,
    probes: schedule.counts(),
    inFlight: schedule.inFlight,
    lagMs: schedule.lagMs(),
    verdicts: report.counts(),
    renewals: membership.renewals,
    leaseLosses: membership.losses,
  });
  const stopMetrics = options.metrics === undefined ? () => {} : fillCheckerMetrics(options.metrics, stats);

  const drain = async () => {
    await membership.ended;
    stopMetrics();
    await Promise.all([schedule.close(), report.close(), mirror.close()]);
    signal.removeEventListener('abort', stop);
    log.info({}, 'the checker has stopped');
  };
  const drained = drain();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  return {
    drained,
    close: async () => {
      stop();
      await drained;
    },
    stats,
  };
}

/** One that can't be read was something: neither the first success nor the first failure may decide then. */
function storedVerdict(
  mirror: Mirror,
  taskId: string,
  now: string,
): { readonly state: VerdictState; readonly reason: string; readonly since: string } | undefined {
  const entry = mirror.snapshot()?.entries.get(healthKey(taskId));
  if (entry === undefined) return undefined;
  const decoded = decodeVerdict(entry.value);
  return decoded.ok ? decoded.record : { state: 'suspect', reason: 'unreadable', since: now };
}
