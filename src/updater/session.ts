/**
 * The updater's connection to its daemon: notices at once when the daemon is gone, and prepares one that is new. Nothing
 * may be assumed about a daemon after its event stream broke: there is no start time in its API.
 */
import { CoreBgpError } from '../model/errors.ts';
import type { Backoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Speaker, SpeakerEvent, SpeakerIdentity } from '../speaker/speaker.ts';

export interface Session {
  /**
   * Makes sure that BGP runs with our identity and that the policies are in place. Cheap when nothing has happened.
   * @throws CoreBgpError `conflict` with reason `speakerConfigMismatch` when it runs with another identity.
   */
  prepare(signal: AbortSignal): Promise<void>;
  /** Something failed, maybe since BGP was stopped though the daemon lives: the next `prepare` looks again. */
  doubt(): void;
  /** Whether its BGP was started by us and its peers are yet to be added: they wait until the paths are in. */
  startedEmpty(): boolean;
  /** The peers have been added. */
  opened(): void;
  /** Follows the event stream until the signal is aborted; reconnects by itself. */
  follow(signal: AbortSignal): Promise<void>;
}

export interface SessionOptions {
  readonly speaker: Speaker;
  readonly identity: SpeakerIdentity;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff: Backoff;
  /** The event stream broke or began anew: the RIB is unknown. */
  readonly lost: () => void;
  readonly event: (event: SpeakerEvent) => void;
}

export function createSession({ speaker, identity, clock, log, backoff, lost, event }: SessionOptions): Session {
  let prepared = false;
  let breaks = 0;
  let startedEmpty = false;

  const forget = () => {
    prepared = false;
    breaks += 1;
    lost();
  };

  async function startBgp(signal: AbortSignal): Promise<void> {
    try {
      await speaker.start(signal);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const refused = /permission denied|address already in use|cannot assign requested address/.exec(said)?.[0];
      if (refused === undefined) throw error;
      throw new CoreBgpError(
        'unavailable',
        `gobgpd can't listen for BGP on port ${identity.listenPort} (${refused}). Choose another with speaker.listenPort ` +
          `(above 1023 no right is needed; -1: don't listen) or other speaker.listenAddresses, or give gobgpd the right to it.`,
        { field: 'speaker.listenPort', reason: 'listenRefused', cause: error },
      );
    }
  }

  return {
    prepare: async (signal) => {
      if (prepared) return;
      const running = await speaker.global(signal);
      const before = breaks;
      if (running === undefined) {
        await startBgp(signal);
        startedEmpty = true;
        // Also without a break, if somebody stopped BGP: nothing of ours is left in it.
        lost();
        log.info({ asn: identity.asn, routerId: identity.routerId, listenPort: identity.listenPort }, 'BGP started');
      } else {
        const { asn, routerId, listenPort } = running;
        if (asn !== identity.asn || routerId !== identity.routerId || listenPort !== identity.listenPort) {
          throw new CoreBgpError(
            'conflict',
            `gobgpd runs as AS ${asn}, router id ${routerId}, port ${listenPort}; configured are AS ${identity.asn}, ` +
              `router id ${identity.routerId}, port ${identity.listenPort}. It is not touched: correct the configuration, or restart gobgpd.`,
            { reason: 'speakerConfigMismatch' },
          );
        }
      }
      await speaker.ensurePolicies(signal);
      // One that broke meanwhile is no longer the one that was prepared.
      prepared = breaks === before;
    },
    doubt: () => {
      prepared = false;
    },
    startedEmpty: () => startedEmpty,
    opened: () => {
      startedEmpty = false;
    },
    follow: async (signal) => {
      while (!signal.aborted) {
        try {
          // A list made before this stream began could have missed a restart in between.
          forget();
          for await (const received of speaker.watch(signal)) {
            backoff.reset();
            event(received);
          }
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ error: String(error) }, 'the event stream of gobgpd broke');
          forget();
        }
        await clock.sleep(backoff.next(), signal).catch(() => {});
      }
    },
  };
}
