/** What /metrics says of the API server. */
import type { Metrics } from '../runtime/metrics.ts';
import type { WatchCache } from './watch-cache.ts';

export interface HttpMetrics {
  answered(endpoint: string, status: number, ms: number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function createHttpMetrics(metrics: Metrics, cache: WatchCache): HttpMetrics {
  const requests = metrics.counter({
    name: 'corebgp_api_requests_total',
    help: 'Requests answered, by endpoint and HTTP status.',
    labels: ['endpoint', 'status'],
  });
  const seconds = metrics.histogram({
    name: 'corebgp_api_request_seconds',
    help: 'Time from request to answer, by endpoint; streams are not counted.',
    labels: ['endpoint'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const streams = metrics.gauge({ name: 'corebgp_api_watch_streams', help: 'Open watch streams.' });
  const revision = metrics.gauge({
    name: 'corebgp_api_cache_revision',
    help: "Store revision of the server's copy; 0 before it was loaded.",
  });
  const fresh = metrics.gauge({
    name: 'corebgp_api_cache_fresh',
    help: "1 while the server's copy of the store is known to be up to date.",
  });
  return {
    answered: (endpoint, status, ms) => {
      requests.add(1, { endpoint, status: String(status) });
      if (endpoint !== 'watch') seconds.observe(ms / 1_000, { endpoint });
    },
    text: () => {
      streams.set(cache.streams());
      revision.set(cache.position()?.revision ?? 0);
      fresh.set(cache.isFresh() ? 1 : 0);
      return metrics.text();
    },
    contentType: metrics.contentType,
  };
}
