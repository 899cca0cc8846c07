/** The API server as a role: store, cache, endpoints, and the ways to them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { toCoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { WatchCacheLimits } from './cache-limits.ts';
import type { ApiContext } from './context.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { startEventLog } from './events-log.ts';
import { startHeartbeat } from './heartbeat.ts';
import { defaultMostConnections, mostRequestsInFlight, serveHttp } from './http.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { below, defaultRoot } from './keyspace.ts';
import { parseListen } from './loopback.ts';
import { measured } from './measured-store.ts';
import { createPins } from './pins.ts';
import { createPlanningView } from './planning-view.ts';
import { defaultSheddingLimits } from './shedding.ts';
import { createLineSlots } from './slots.ts';
import { createStatusHub } from './status-hub.ts';
import { startSweep } from './sweep.ts';
import { createTurns } from './turns.ts';
import { createWatchCache } from './watch-cache.ts';

export interface RunApiOptions {
  /** A URL (`embedded:///path`): the store is opened, and closed at the end. Or an open store, which stays open. */
  readonly store: Store | string;
  /** `127.0.0.1:8080`; port 0 = any free one. Absent: no HTTP, only `direct`. Loopback only. */
  readonly listen?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Numbers in [0, 1). Default: Math.random's equal from node:crypto. */
  readonly random?: () => number;
  /** Unique hexadecimal ids. Default: 128 random bits. */
  readonly newId?: () => string;
  /** Where /metrics takes from; share it between roles of one process. Default: an own one, with the process's metrics. */
  readonly metrics?: Metrics;
  readonly limits?: WatchCacheLimits;
  /** Open HTTP connections at a time, watch streams included; further ones are closed unanswered. Default 4,096. */
  readonly mostConnections?: number;
  /** Requests being answered at a time over HTTP; further ones are answered `limited`. Default 1,024. */
  readonly mostInFlight?: number;
  /** Lateness of the event loop above which people's reads are answered `limited`, milliseconds. Default 200. */
  readonly mostLateMs?: number;
}

export interface RunningApi {
  /** Undefined without `listen`. */
  readonly url: string | undefined;
  /** The same endpoints within the process: a Transport for clients and mirrors. */
  readonly direct: Dispatch;
  close(): Promise<void>;
}

/**
 * Resolves once the store is loaded and the address listened on.
 * @param signal gives up starting; to stop a running server, close it.
 * @throws CoreBgpError `invalid` or `unavailable`, with field `store.url` or `api.listen` where it is one of these.
 */
export async function runApi(options: RunApiOptions, signal: AbortSignal): Promise<RunningApi> {
  const { clock, log, version, random = randomNumber, newId = randomId, limits } = options;
  const { mostConnections = defaultMostConnections, mostInFlight = mostRequestsInFlight } = options;
  const { mostLateMs = defaultSheddingLimits.lateMs } = options;
  const listen = options.listen === undefined ? undefined : parseListen(options.listen);
  const opened =
    typeof options.store === 'string' ? await openStore(options.store, { clock, log, newId: randomId }) : undefined;
  const open = opened ?? options.store;
  if (typeof open === 'string') throw toCoreBgpError(open, 'opening the store');
  const metrics = options.metrics ?? createMetrics(true);
  const store = measured(below(defaultRoot, open), clock, metrics);
  const serverId = newId().slice(0, 16);

  const heartbeat = startHeartbeat({ store, clock, log, serverId, version });
  const cache = createWatchCache({
    store,
    clock,
    log,
    random,
    heartbeat,
    ...(limits === undefined ? {} : { limits }),
  });
  const pins = createPins(clock, newId);
  cache.onRevision((change) => {
    // Of another history: their revisions mean something else there.
    if (change === 'all') pins.clear();
  });
  const inputs = createPlanningView(cache, {
    changed: (key, affected) => statuses.changed(key, affected),
    failed: (error) => statuses.failed(error),
  });
  const statuses = createStatusHub({ cache, inputs, clock, log, heartbeatKey: heartbeat.key });
  const context: ApiContext = {
    store,
    cache,
    inputs,
    turns: createTurns(),
    statuses,
    pins,
    lineSlots: createLineSlots(),
    clock,
    log,
    newId,
    serverId,
    version,
  };
  const eventLog = startEventLog(context);
  const sweep = startSweep(context);
  const direct = createDispatch(context);
  const stop = async () => {
    statuses.close();
    pins.clear();
    await Promise.all([sweep.close(), eventLog.close(), heartbeat.close()]);
    await cache.close();
    await opened?.close();
  };
  try {
    await cache.loaded(signal);
    if (listen === undefined) return { url: undefined, direct, close: stop };
    const http = await serveHttp(context, direct, createHttpMetrics(metrics, context), listen, {
      mostConnections,
      mostInFlight,
      mostLateMs,
    });
    return {
      url: http.url,
      direct,
      close: async () => {
        await http.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function randomId(): string {
  return randomUUID().replaceAll('-', '');
}

function randomNumber(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}
