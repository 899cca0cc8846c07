/** The body of `corebgp up`. */
import type { Config } from '../config/options.ts';
import { startNode } from '../node/start-node.ts';
import { aborted } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { systemRandom } from '../runtime/random.ts';

/** Runs until the signal is aborted, then stops everything in order. */
export async function up(config: Config, log: Log, signal: AbortSignal): Promise<void> {
  const node = await startNode({ config, clock: systemClock, log, random: systemRandom }, signal);
  try {
    await aborted(signal);
  } finally {
    log.info({}, 'stopping');
    await node.close();
    log.info({}, 'stopped');
  }
}
