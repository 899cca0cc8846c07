/** The updater role: keeps its subordinate speaker equal to the desired paths. It knows only the API and its speaker. */
import { superviseGobgpd } from '../speaker/supervise.ts';
import { type AssembleOptions, assembleUpdater, type Updater } from './assemble.ts';

export type { Updater } from './assemble.ts';

export type Daemon =
  /** `gobgp://HOST:PORT` or `gobgp+unix:///PATH`: somebody else keeps it running. */
  | { readonly type: 'external'; readonly url: string }
  | {
      readonly type: 'supervised';
      readonly binary: string;
      /** Added to its environment. */
      readonly env: Readonly<Record<string, string>>;
      /** For its log and record, and its socket unless `url` is given. */
      readonly folder: string;
      /** Where its API is to listen. */
      readonly url?: string;
      /** Whether it goes on announcing when the updater is stopped. */
      readonly onStop: 'keep' | 'stop';
    };

/** Resolves once it runs; the first reconcile may still be ahead. A supervised daemon is started, or adopted, first. */
export async function runUpdater(
  options: AssembleOptions & { readonly daemon: Daemon },
  signal: AbortSignal,
): Promise<Updater> {
  const { daemon, clock, random, identity } = options;
  const log = options.log.child({ role: 'updater', speaker: identity.name });
  if (daemon.type === 'external') return assembleUpdater(options, daemon.url);
  const { binary, env, folder, url, onStop } = daemon;
  const supervised = await superviseGobgpd(
    { binary, env, folder, ...(url === undefined ? {} : { url }), clock, log, random },
    signal,
  );
  let updater: Updater;
  try {
    updater = assembleUpdater(options, supervised.url, () => supervised.check());
  } catch (error) {
    // One that was just started has no paths yet: nobody would look after it.
    if (onStop === 'stop' || !supervised.adopted) await supervised.stop(new AbortController().signal);
    else supervised.release();
    throw error;
  }
  return {
    failure: () => updater.failure(),
    close: async () => {
      await updater.close();
      if (onStop === 'stop') return supervised.stop(new AbortController().signal);
      const pid = supervised.pid();
      supervised.release();
      if (pid !== undefined) {
        log.info({ pid }, 'gobgpd goes on announcing and is adopted at the next start; to withdraw everything, end it');
      }
    },
  };
}
