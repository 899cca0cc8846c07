/**
 * When a pass runs: on a change of the mirror, on an event of the daemon, after a failure with backoff, and on a timer.
 * Triggers carry no data; every pass compares with what is there (rule 5).
 */
import type { Mirror } from '../client/mirror.ts';
import { type CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { families } from '../model/prefix.ts';
import type { Backoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import type { PassResult, Reconciler } from './reconcile.ts';
import type { Rib } from './rib.ts';
import type { Session } from './session.ts';
import type { View } from './view.ts';

const tickMs = 30_000;
/** A pass that held something is repeated this soon: its release may be time. */
const heldAgainMs = 1_000;
/** Up to this many paths every tick lists the RIB; above it every `rareListMs`. */
export const alwaysListed = 10_000;
const rareListMs = 600_000;
/** The same failure is logged no oftener, milliseconds. */
const sameFailureMs = 30_000;
/** How long the peers of an empty daemon wait for verdicts that are about to come, milliseconds. */
const settleMs = 3_000;

export interface Loop {
  /** There is something to do. */
  wake(): void;
  run(signal: AbortSignal): Promise<void>;
  /** Why the last pass failed; undefined when it didn't. */
  failure(): CoreBgpError | undefined;
  last(): PassResult | undefined;
}

export interface LoopOptions {
  readonly speaker: Pick<Speaker, 'count'>;
  readonly mirror: Mirror;
  readonly view: View;
  readonly rib: Rib;
  readonly session: Session;
  readonly reconciler: Reconciler;
  readonly peers: PeerKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly backoff: Backoff;
  /** Called after every pass with what it did, undefined when it failed, and the time it took, milliseconds. */
  readonly passed: (result: PassResult | undefined, ms: number) => void;
}

export function createLoop(options: LoopOptions): Loop {
  const { speaker, mirror, view, rib, session, reconciler, peers, clock, log, random, backoff } = options;
  let awake = true;
  let wake = () => {};
  let failure: CoreBgpError | undefined;
  let last: PassResult | undefined;
  let tickAt = clock.now() + tickMs;
  let listedAt = clock.now();
  let syncedAt: number | undefined;
  let settling = false;
  /** The failure that was logged last, and when. */
  let told: { readonly message: string; readonly at: number } | undefined;
  /** When a drain ends by itself, wall milliseconds. */
  let drainEnd: number | undefined;

  /** A daemon that is away for an hour is said to be so once in a while, not at each retry. */
  const tell = ({ message, code, reason }: CoreBgpError) => {
    const now = clock.now();
    if (message === told?.message && now - told.at < sameFailureMs) return told;
    log.warn({ error: message, code, reason }, 'reconcile failed');
    return { message, at: now };
  };

  const rouse = () => {
    awake = true;
    wake();
  };

  async function rest(ms: number, signal: AbortSignal): Promise<void> {
    if (awake || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.removeEventListener('abort', wake);
    wake = () => {};
  }

  async function tick(signal: AbortSignal): Promise<void> {
    const now = clock.now();
    if (now < tickAt) return;
    tickAt = now + tickMs * (0.8 + 0.4 * random());
    view.markDirty('all');
    peers.markDirty();
    const isRare = rib.count() > alwaysListed && now - listedAt < rareListMs;
    if (isRare && !(await hasLostPaths(signal))) return;
    listedAt = now;
    rib.forget();
  }

  /** Cheap evidence of drift: the RIB holds fewer paths, learned ones included, than are ours. */
  async function hasLostPaths(signal: AbortSignal): Promise<boolean> {
    const counts = await Promise.all(families.map((family) => speaker.count(family, signal)));
    return counts.reduce((sum, count) => sum + count, 0) < rib.count();
  }

  async function onePass(signal: AbortSignal): Promise<void> {
    await session.prepare(signal);
    await mirror.synced(signal);
    syncedAt ??= clock.now();
    await tick(signal);
    if (drainEnd !== undefined && clock.wall() >= drainEnd) view.markDirty('all');
    drainEnd = view.inputs.drainIndex.nextEnd(clock.wall());
    last = await reconciler.pass(signal);
    // A neighbour in graceful restart drops what it does not hear again: first everything is in, then it hears of us. A
    // daemon that runs without peers may be one whose updater died before it had added them.
    const withoutPeers = session.startedEmpty() || peers.states().length === 0;
    settling = withoutPeers && clock.now() - syncedAt < settleMs && reconciler.hasUndecided();
    if (settling) return;
    if (session.startedEmpty()) {
      rib.forget();
      const again = await reconciler.pass(signal);
      last = {
        ...again,
        announced: last.announced + again.announced,
        withdrawn: last.withdrawn + again.withdrawn,
      };
    }
    await peers.reconcile(session.startedEmpty(), signal);
    session.opened();
  }

  return {
    wake: rouse,
    failure: () => failure,
    last: () => last,
    run: async (signal) => {
      while (!signal.aborted) {
        awake = false;
        const began = clock.now();
        try {
          await onePass(signal);
          failure = undefined;
          told = undefined;
          backoff.reset();
        } catch (error) {
          if (signal.aborted) return;
          session.doubt();
          failure = toCoreBgpError(error, 'the pass failed');
          told = tell(failure);
        }
        options.passed(failure === undefined ? last : undefined, clock.now() - began);
        if (failure !== undefined) {
          // Changes meanwhile must not turn a daemon that hangs into a storm of retries.
          await clock.sleep(backoff.next(), signal).catch(() => {});
          continue;
        }
        const soon = settling ? 50 : (last?.held ?? 0) > 0 ? heldAgainMs : tickAt - clock.now();
        const untilDrainEnd = drainEnd === undefined ? soon : drainEnd - clock.wall();
        await rest(Math.max(0, Math.min(soon, untilDrainEnd)), signal);
      }
    },
  };
}
