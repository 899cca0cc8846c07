/** The same store, with its commits and lease calls counted and timed. */
import { isAbort } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Store } from '../store/store.ts';
import { apiMetrics } from './metrics.ts';

export function measured(store: Store, clock: Clock, metrics: Metrics): Store {
  const commits = metrics.counter(apiMetrics.commits);
  const commitSeconds = metrics.histogram(apiMetrics.commitSeconds);
  const leaseCalls = metrics.counter(apiMetrics.leaseCalls);
  // Present from the start, so that a rate over them sees the first one.
  for (const result of ['done', 'refused', 'failed']) commits.add(0, { result });

  const counted = async <T>(call: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work();
      leaseCalls.add(1, { call, result: 'done' });
      return answer;
    } catch (caught) {
      if (!isAbort(caught, signal)) leaseCalls.add(1, { call, result: 'failed' });
      throw caught;
    }
  };

  return {
    ...store,
    commit: async (conditions, operations, signal) => {
      const began = clock.now();
      try {
        const answer = await store.commit(conditions, operations, signal);
        commits.add(1, { result: answer.committed ? 'done' : 'refused' });
        if (answer.committed) commitSeconds.observe((clock.now() - began) / 1_000);
        return answer;
      } catch (caught) {
        if (!isAbort(caught, signal)) commits.add(1, { result: 'failed' });
        throw caught;
      }
    },
    grantLease: (ttlMs, signal) => counted('grant', signal, () => store.grantLease(ttlMs, signal)),
    keepLeaseAlive: (lease, signal) => counted('keepalive', signal, () => store.keepLeaseAlive(lease, signal)),
    revokeLease: (lease, signal) => counted('revoke', signal, () => store.revokeLease(lease, signal)),
  };
}
