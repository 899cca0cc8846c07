/** The body of `corebgp up`. */
import type { Config } from '../config/options.ts';
import { startNode } from '../node/start-node.ts';
import { aborted } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import type { ProcessLog } from '../runtime/log.ts';
import { systemRandom } from '../runtime/random.ts';

/** Runs until the signal is aborted, then stops everything in order. */
export async function up(config: Config, log: ProcessLog, signal: AbortSignal): Promise<void> {
  const options = { config, clock: systemClock, log, droppedLogLines: log.droppedLines, random: systemRandom };
  const node = await startNode(options, signal);
  try {
    await aborted(signal);
  } finally {
    log.info({}, 'stopping');
    await node.close();
    log.info({}, 'stopped');
  }
}
