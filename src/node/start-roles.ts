/** From the configuration of a node to its running roles. */
import { join } from 'node:path';
import { type RunningApi, runApi } from '../api/run.ts';
import { type Checker, runChecker } from '../checker/run.ts';
import { createHttpTransport } from '../client/http.ts';
import type { Transport } from '../client/transport.ts';
import { type Config, defaultSpeakerUrl } from '../config/options.ts';
import { parseDuration } from '../model/duration.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { countDroppedLines } from '../runtime/log-metrics.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { findTool } from '../runtime/tools.ts';
import { version } from '../runtime/version.ts';
import { type Daemon, runUpdater, type Updater } from '../updater/run.ts';

export interface NodeOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Lines of the log that were lost up to now, for the metrics. */
  readonly droppedLogLines?: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Shared by the roles of one process. Default: of the API server alone. */
  readonly metrics?: Metrics;
}

export function startApi(options: NodeOptions, signal: AbortSignal): Promise<RunningApi> {
  const { config, clock, random } = options;
  const log = options.log.child({ role: 'api' });
  const { store, api } = config;
  const metrics = options.metrics ?? createMetrics(true);
  countDroppedLines(metrics, options.droppedLogLines ?? (() => 0));
  return runApi({ store: store.url, listen: api.listen, version, clock, log, random, metrics }, signal);
}

const sharedMetrics = ({ metrics }: NodeOptions) => (metrics === undefined ? {} : { metrics });

/** The way to the API of a node whose roles run in processes of their own. */
export function transportOf({ config, clock }: NodeOptions): Transport & { close(): void } {
  return createHttpTransport({ url: config.client.url, clock });
}

/** @param predecessorLeaseFile only when no other process can be running this checker; see CheckerOptions. */
export function startChecker(options: NodeOptions, transport: Transport, predecessorLeaseFile?: string): Checker {
  const { config, clock, random } = options;
  const log = options.log.child({ role: 'checker' });
  const ttlMs = parseDuration(config.checker.ttl);
  return runChecker(
    {
      transport,
      name: config.node.name,
      zone: config.node.zone,
      version,
      clock,
      log,
      random,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(predecessorLeaseFile === undefined ? {} : { predecessorLeaseFile }),
      ...sharedMetrics(options),
    },
    new AbortController().signal,
  );
}

/** Starts, or adopts, the supervised gobgpd first. */
export function startUpdater(options: NodeOptions, transport: Transport, signal: AbortSignal): Promise<Updater> {
  const { config, clock, log, random } = options;
  const { name, asn, routerId, listenPort, listenAddresses } = config.speaker;
  if (asn === undefined || routerId === undefined) {
    throw new CoreBgpError('invalid', 'speaker.asn and speaker.routerId must be set.', { field: 'speaker.asn' });
  }
  return runUpdater(
    {
      transport,
      identity: { name, asn, routerId, listenPort, listenAddresses },
      node: config.node.name,
      zone: config.node.zone,
      daemon: daemonOf(config),
      clock,
      log,
      random,
      ...sharedMetrics(options),
    },
    signal,
  );
}

function daemonOf({ speaker, data }: Config): Daemon {
  const { url } = speaker;
  if (!speaker.supervise) return { type: 'external', url: url ?? defaultSpeakerUrl };
  const tool = speaker.binary === undefined ? findTool('gobgpd', packageRoot) : { path: speaker.binary, env: {} };
  return {
    type: 'supervised',
    binary: tool.path,
    env: tool.env,
    folder: join(data.folder, 'gobgpd'),
    ...(url === undefined ? {} : { url }),
    onStop: speaker.onStop,
  };
}
