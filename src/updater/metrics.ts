/** Every metric of the updater and of its speaker, and how they are filled from its report. */
import { counter, gauge, histogram, type Metrics, secondsBuckets } from '../runtime/metrics.ts';
import type { PassResult } from './reconcile.ts';
import type { SpeakerReport } from './report.ts';

export const updaterMetrics = {
  current: gauge({
    name: 'corebgp_updater_ok',
    help: '1 when the last pass succeeded and gobgpd answers, else 0.',
  }),
  revision: gauge({
    name: 'corebgp_updater_applied_revision',
    help: "Store revision that the speaker's RIB agrees with, but for the exceptions.",
  }),
  passes: counter({
    name: 'corebgp_updater_passes_total',
    help: 'Passes (decide, compare, apply), by result: done or failed.',
    labels: ['result'],
  }),
  passSeconds: histogram({
    name: 'corebgp_updater_pass_seconds',
    help: 'Time a pass took, in seconds; failed ones are not counted.',
    buckets: secondsBuckets,
  }),
  changes: counter({
    name: 'corebgp_updater_path_changes_total',
    help: 'Paths announced or changed, and withdrawn.',
    labels: ['change'],
  }),
  paths: gauge({ name: 'corebgp_updater_paths', help: "Own paths in the speaker's RIB." }),
  foreignPaths: gauge({
    name: 'corebgp_updater_foreign_paths',
    help: 'Local paths in the RIB that are not ours and never touched.',
  }),
  exceptions: gauge({
    name: 'corebgp_updater_exceptions',
    help: 'Paths that are not as wanted, by kind and reason word; of the first 1,000.',
    labels: ['kind', 'reason'],
  }),
  conditions: gauge({
    name: 'corebgp_updater_conditions',
    help: '1 for each reason word that stands against the speaker as a whole.',
    labels: ['reason'],
  }),
  peers: gauge({
    name: 'corebgp_updater_peer_established',
    help: '1 while the BGP session with the peer is established, else 0.',
    labels: ['peer'],
  }),
};

export interface UpdaterMeter {
  passed(result: PassResult, ms: number): void;
  failed(): void;
  close(): void;
}

/** @param report as it would be now; undefined while nothing can be said. */
export function measureUpdater(
  metrics: Metrics,
  report: () => SpeakerReport | undefined,
  isWell: () => boolean,
): UpdaterMeter {
  const current = metrics.gauge(updaterMetrics.current);
  const revision = metrics.gauge(updaterMetrics.revision);
  const passes = metrics.counter(updaterMetrics.passes);
  const passSeconds = metrics.histogram(updaterMetrics.passSeconds);
  const changes = metrics.counter(updaterMetrics.changes);
  const paths = metrics.gauge(updaterMetrics.paths);
  const foreignPaths = metrics.gauge(updaterMetrics.foreignPaths);
  const exceptions = metrics.gauge(updaterMetrics.exceptions);
  const conditions = metrics.gauge(updaterMetrics.conditions);
  const peers = metrics.gauge(updaterMetrics.peers);
  // Present from the start, so that a rate over them sees the first one.
  for (const result of ['done', 'failed']) passes.add(0, { result });
  for (const change of ['announced', 'withdrawn']) changes.add(0, { change });
  const close = metrics.onRead(() => {
    const now = report();
    current.set(isWell() ? 1 : 0);
    if (now === undefined) return;
    revision.set(now.appliedRevision);
    paths.set(now.paths);
    foreignPaths.set(now.foreignPaths);
    exceptions.clear();
    for (const [key, count] of counted(now.exceptions.map(({ kind, reason }) => `${kind} ${reason}`))) {
      const [kind = '', reason = ''] = key.split(' ');
      exceptions.set(count, { kind, reason });
    }
    conditions.clear();
    for (const { reason } of now.conditions) conditions.set(1, { reason });
    peers.clear();
    for (const { name, session } of now.peers) peers.set(session === 'established' ? 1 : 0, { peer: name });
  });
  return {
    passed: (result, ms) => {
      passes.add(1, { result: 'done' });
      passSeconds.observe(ms / 1_000);
      changes.add(result.announced, { change: 'announced' });
      changes.add(result.withdrawn, { change: 'withdrawn' });
    },
    failed: () => passes.add(1, { result: 'failed' }),
    close,
  };
}

function counted(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
