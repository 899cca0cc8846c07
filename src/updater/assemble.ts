/** The updater's parts, wired: mirror → view → reconciler → speaker, with session, peers and report beside them. */
import { createClient } from '../client/client.ts';
import { createMirror } from '../client/mirror.ts';
import type { Transport } from '../client/transport.ts';
import type { CoreBgpError } from '../model/errors.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createThrottle } from '../runtime/throttle.ts';
import { openGobgpSpeaker } from '../speaker/gobgp/speaker.ts';
import type { Speaker, SpeakerIdentity } from '../speaker/speaker.ts';
import { alwaysListed, createLoop, type Loop } from './loop.ts';
import { measureUpdater } from './metrics.ts';
import { createPathChanges, type PathChanges } from './path-changes.ts';
import { createPeerKeeper, type PeerKeeper } from './peer-keeper.ts';
import { createPulse, type Pulse } from './pulse.ts';
import { createReconciler, type Reconciler } from './reconcile.ts';
import { createReporter, mostExceptions, type SpeakerReport } from './report.ts';
import { createRib, type Rib } from './rib.ts';
import { createSession } from './session.ts';
import { createView } from './view.ts';

export interface AssembleOptions {
  readonly transport: Transport;
  readonly identity: SpeakerIdentity;
  readonly node: string;
  readonly zone: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Where its numbers go. Default: nowhere. */
  readonly metrics?: Metrics;
}

export interface Updater {
  /** Why the last pass failed, if it did. */
  failure(): CoreBgpError | undefined;
  /** Stops reconciling; the speaker goes on announcing. Resolves when nothing is left running. */
  close(): Promise<void>;
}

/** What an updater needs to know of the store. */
const collections = ['announcements', 'projects', 'peers', 'drains', 'tombstones', 'health', 'claims'] as const;

/**
 * Puts the parts together and starts them, against the daemon at `url`.
 * @param streamBroke called when the daemon's event stream broke: it may have died.
 */
export function assembleUpdater(options: AssembleOptions, url: string, streamBroke: () => void = () => {}): Updater {
  const { transport, identity, zone, clock, random } = options;
  const log = options.log.child({ role: 'updater', speaker: identity.name });
  const speaker = openGobgpSpeaker(url, identity);
  const mirror = createMirror({ transport, collections, clock, log, random });
  const rib = createRib();
  const view = createView(mirror, () => loop.wake());
  const planned = { name: identity.name, zone, asn: identity.asn };
  const changes = createPathChanges(clock);
  const reconciler = createReconciler({ speaker, planned, view, rib, clock, log, changes });
  const peers = createPeerKeeper(speaker, identity.name, view, log);
  const backoff = () => createBackoff({ random, firstMs: 50, longestMs: 1_000 });
  // A learned route that flaps must not keep the daemon listing.
  const drift = createThrottle(
    clock,
    () => (rib.count() > alwaysListed ? 30_000 : 1_000),
    () => {
      rib.forget();
      loop.wake();
    },
  );
  const session = createSession({
    speaker,
    identity,
    clock,
    log,
    backoff: backoff(),
    lost: () => {
      rib.forget();
      peers.markDirty();
      streamBroke();
      loop.wake();
    },
    event: (event) => {
      if (event.type === 'peer') peers.markDirty();
      // Somebody else's event on a prefix of ours is a hint of drift.
      else if (!event.own && rib.under(event.prefix).length > 0) return drift.ask();
      else return;
      loop.wake();
    },
  });
  const pulse = createPulse(speaker, clock, () => {
    const reason = pulse.hung()?.reason;
    if (reason === undefined) log.info({}, 'gobgpd answers again');
    else log.error({ reason }, 'gobgpd does not answer');
    peers.markDirty();
    reporter.touch();
    loop.wake();
  });
  const report = () => reportOf(options, { speaker, rib, reconciler, changes, peers, loop, pulse });
  const reporter = createReporter(createClient(transport), clock, log, report);
  const meter =
    options.metrics &&
    measureUpdater(
      options.metrics,
      report,
      () => loop.last() !== undefined && loop.failure() === undefined && pulse.hung() === undefined,
    );
  const loop: Loop = createLoop({
    speaker,
    mirror,
    view,
    rib,
    session,
    reconciler,
    peers,
    clock,
    log,
    random,
    backoff: backoff(),
    passed: (result, ms) => {
      if (result === undefined) meter?.failed();
      else meter?.passed(result, ms);
      reporter.touch();
    },
  });

  const controller = new AbortController();
  const { signal } = controller;
  const running = Promise.all([loop.run(signal), session.follow(signal), reporter.run(signal), pulse.run(signal)]);
  return {
    failure: () => loop.failure(),
    close: async () => {
      controller.abort();
      meter?.close();
      view.close();
      drift.close();
      await Promise.all([running, mirror.close()]);
      speaker.close();
    },
  };
}

interface Parts {
  readonly speaker: Speaker;
  readonly rib: Rib;
  readonly reconciler: Reconciler;
  readonly changes: PathChanges;
  readonly peers: PeerKeeper;
  readonly loop: Loop;
  readonly pulse: Pulse;
}

function reportOf({ identity, node, zone }: AssembleOptions, parts: Parts): SpeakerReport | undefined {
  const { speaker, rib, reconciler, peers, loop, pulse } = parts;
  const changes = parts.changes.report();
  const last = loop.last();
  const failure = loop.failure();
  const hung = pulse.hung();
  if (last === undefined && failure === undefined) return undefined;
  const generation = speaker.generation();
  const exceptions = [];
  for (const exception of reconciler.exceptions()) {
    if (exceptions.length === mostExceptions) break;
    exceptions.push(exception);
  }
  return {
    name: identity.name,
    node,
    zone,
    asn: identity.asn,
    routerId: identity.routerId,
    ...(generation === undefined ? {} : { generation }),
    appliedRevision: last?.revision ?? 0,
    paths: rib.count(),
    foreignPaths: rib.foreign(),
    // A daemon that can't be asked may have lost every session meanwhile.
    peers: peers.states().map(({ name, state }) => ({
      name,
      ...state,
      ...(isOutOfReach(failure) || hung !== undefined ? { session: 'unknown' as const } : {}),
    })),
    exceptions,
    exceptionCount: reconciler.exceptionCount(),
    conditions: [hung, failure, ...peers.refusals()]
      .flatMap((error) => error ?? [])
      .map((error) => ({
        reason: error.reason ?? error.code,
        message: error.message,
      })),
    ...(changes === undefined ? {} : { changes }),
  };
}

function isOutOfReach(failure: CoreBgpError | undefined): boolean {
  return failure?.code === 'unavailable' || failure?.code === 'timeout';
}
