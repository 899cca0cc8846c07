/** What /metrics says of the API server: counted as requests are answered, and read from its copy of the store. */
import { collections } from '../model/resource.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { collectionOf } from './cached.ts';
import type { ApiContext } from './context.ts';
import { apiMetrics } from './metrics.ts';

export interface HttpMetrics {
  /** @param code of the error, if the answer was one. */
  answered(endpoint: string, status: number, ms: number, code: string | undefined): void;
  connectionRefused(): void;
  /** A request was refused because too many read at a time, or because the event loop is late. */
  shed(why: 'reads' | 'late'): void;
  /** A watch stream was ended because its reader was too slow. */
  streamCut(why: 'queue' | 'stalled'): void;
  /** What only the HTTP server knows; asked at each reading. */
  serving(now: () => Serving): void;
  text(): Promise<string>;
  readonly contentType: string;
}

interface Serving {
  readonly inFlight: number;
  readonly connections: number;
  /** Of the event loop. */
  readonly lateMs: number;
}

type Sources = Pick<ApiContext, 'cache' | 'inputs' | 'statuses' | 'pins' | 'lineSlots' | 'version'>;

export function createHttpMetrics(metrics: Metrics, sources: Sources): HttpMetrics {
  const { cache, inputs, statuses, pins, lineSlots, version } = sources;
  const requests = metrics.counter(apiMetrics.requests);
  const refusals = metrics.counter(apiMetrics.refusals);
  const seconds = metrics.histogram(apiMetrics.seconds);
  const connectionsRefused = metrics.counter(apiMetrics.connectionsRefused);
  const inFlight = metrics.gauge(apiMetrics.inFlight);
  const connections = metrics.gauge(apiMetrics.connections);
  const late = metrics.gauge(apiMetrics.late);
  const shed = metrics.counter(apiMetrics.shed);
  for (const why of ['reads', 'late']) shed.add(0, { why });
  const streams = metrics.gauge(apiMetrics.streams);
  const lists = metrics.gauge(apiMetrics.lists);
  const streamsCut = metrics.counter(apiMetrics.streamsCut);
  for (const why of ['queue', 'stalled']) streamsCut.add(0, { why });
  const revision = metrics.gauge(apiMetrics.revision);
  const fresh = metrics.gauge(apiMetrics.fresh);
  const records = metrics.gauge(apiMetrics.records);
  const unreadable = metrics.gauge(apiMetrics.unreadable);
  metrics.gauge(apiMetrics.version).set(1, { version });
  let serving = (): Serving => ({ inFlight: 0, connections: 0, lateMs: 0 });
  metrics.onRead(() => {
    const now = serving();
    inFlight.set(now.inFlight);
    connections.set(now.connections);
    late.set(now.lateMs / 1_000);
    streams.set(cache.streams(), { view: 'records' });
    streams.set(statuses.streams(), { view: 'status' });
    lists.set(pins.count(), { form: 'pages' });
    lists.set(lineSlots.taken(), { form: 'lines' });
    revision.set(cache.position()?.revision ?? 0);
    fresh.set(cache.isFresh() ? 1 : 0);
    const bad = new Map<string, number>();
    for (const key of inputs.undecodable.keys()) bad.set(collectionOf(key), (bad.get(collectionOf(key)) ?? 0) + 1);
    for (const collection of collections) {
      records.set(cache.under(collection).size, { collection });
      unreadable.set(bad.get(collection) ?? 0, { collection });
    }
  });
  return {
    answered: (endpoint, status, ms, code) => {
      requests.add(1, { endpoint, status: String(status) });
      if (code !== undefined) refusals.add(1, { code });
      if (endpoint !== 'watch') seconds.observe(ms / 1_000, { endpoint });
    },
    shed: (why) => shed.add(1, { why }),
    connectionRefused: () => connectionsRefused.add(1),
    streamCut: (why) => streamsCut.add(1, { why }),
    serving: (now) => {
      serving = now;
    },
    text: () => metrics.text(),
    contentType: metrics.contentType,
  };
}
