/** `corebgp up`: every role of a node in one process, over the embedded store. */
import { join } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';
import { makeFolder } from '../runtime/folder.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { type NodeOptions, startApi, startChecker, startUpdater } from './start-roles.ts';

export interface RunningNode {
  /** Of the REST API. */
  readonly url: string;
  /** Stops the roles; paths stay, unless speaker.onStop is `stop`. */
  close(): Promise<void>;
}

/** Resolves once the API answers and the speaker's updater runs. What was started is stopped again when a step fails. */
export async function startNode(given: NodeOptions, signal: AbortSignal): Promise<RunningNode> {
  const options = { ...given, metrics: given.metrics ?? createMetrics(true) };
  const { config, log } = options;
  makeDataFolder(config.data.folder);
  const api = await startApi(options, signal);
  const closers = [() => api.close()];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    // The embedded store has refused a second process, so a checker that ran here before is dead.
    const checker = startChecker(options, api.direct, join(config.data.folder, 'checker-lease'));
    closers.push(() => checker.close());
    const updater = await startUpdater(options, api.direct, signal);
    // Stopped first: the checker's farewell must find nobody who acts on it.
    closers.push(() => updater.close());
    log.info({ url: api.url, node: config.node.name, speaker: config.speaker.name }, 'corebgp is up');
    return { url: api.url ?? '', close };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new CoreBgpError(
      'unavailable',
      `The data folder ${folder} can't be made: create it for this user, or set data.folder.`,
      {
        field: 'data.folder',
        cause,
      },
    );
  }
}
