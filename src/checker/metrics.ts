/** Every metric of the checker, and how they are filled from its numbers. */
import { counter, gauge, histogram, type Metrics, secondsBuckets } from '../runtime/metrics.ts';
import type { CheckerStats } from './run.ts';

export const checkerMetrics = {
  ready: gauge({
    name: 'corebgp_checker_ready',
    help: '1 while the checker holds its lease and takes part, else 0.',
  }),
  shards: gauge({ name: 'corebgp_checker_shards', help: 'Shards of checks that it holds.' }),
  tasks: gauge({ name: 'corebgp_checker_tasks', help: 'Checks that it runs.' }),
  refusedTargets: gauge({
    name: 'corebgp_checker_refused_targets',
    help: 'Next hops that are not checked, since their project does not permit them.',
  }),
  probes: counter({
    name: 'corebgp_checker_probes_total',
    help: 'Probes ended, by result: ok, failed, or inconclusive (the checker itself could not send it).',
    labels: ['result'],
  }),
  inFlight: gauge({ name: 'corebgp_checker_probes_in_flight', help: 'Probes under way now.' }),
  lag: gauge({
    name: 'corebgp_checker_probe_lag_seconds',
    help: 'How late probes were sent (p99), in seconds, since the last heartbeat (10 s). Above half an interval it has too much to do.',
  }),
  verdicts: counter({
    name: 'corebgp_checker_verdicts_total',
    help: 'Verdicts answered by the API: sent, or refused (its claim was gone).',
    labels: ['result'],
  }),
  waiting: gauge({ name: 'corebgp_checker_verdicts_waiting', help: 'Verdicts not yet answered by the API.' }),
  verdictSeconds: histogram({
    name: 'corebgp_checker_verdict_seconds',
    help: 'Verdict lag: time from a decision to the API having stored it, in seconds.',
    buckets: secondsBuckets,
  }),
  renewals: counter({
    name: 'corebgp_checker_lease_renewals_total',
    help: 'Keepalives of its lease, by result: ok or failed.',
    labels: ['result'],
  }),
  losses: counter({
    name: 'corebgp_checker_lease_losses_total',
    help: 'How often it lost its lease, stopped its checks and joined anew.',
  }),
};

/** @returns what counts each verdict as it is stored, and the end of it all. */
export function fillCheckerMetrics(metrics: Metrics, stats: () => CheckerStats) {
  const made = {
    ready: metrics.gauge(checkerMetrics.ready),
    shards: metrics.gauge(checkerMetrics.shards),
    tasks: metrics.gauge(checkerMetrics.tasks),
    refusedTargets: metrics.gauge(checkerMetrics.refusedTargets),
    probes: metrics.counter(checkerMetrics.probes),
    inFlight: metrics.gauge(checkerMetrics.inFlight),
    lag: metrics.gauge(checkerMetrics.lag),
    verdicts: metrics.counter(checkerMetrics.verdicts),
    waiting: metrics.gauge(checkerMetrics.waiting),
    renewals: metrics.counter(checkerMetrics.renewals),
    losses: metrics.counter(checkerMetrics.losses),
  };
  return metrics.onRead(() => {
    const now = stats();
    made.ready.set(now.state === 'ready' ? 1 : 0);
    made.shards.set(now.shards);
    made.tasks.set(now.tasks);
    made.refusedTargets.set(now.refusedTargets);
    for (const result of ['ok', 'failed', 'inconclusive'] as const) made.probes.reach(now.probes[result], { result });
    made.inFlight.set(now.inFlight);
    made.lag.set(now.lagMs / 1_000);
    for (const result of ['sent', 'refused'] as const) made.verdicts.reach(now.verdicts[result], { result });
    made.waiting.set(now.verdicts.waiting);
    for (const result of ['ok', 'failed'] as const) made.renewals.reach(now.renewals[result], { result });
    made.losses.reach(now.leaseLosses);
  });
}
