/** The bodies of `corebgp api`, `checker` and `updater`: one role in a process of its own. */
import type { Config, Role } from '../config/options.ts';
import { assertNever } from '../model/errors.ts';
import { type NodeOptions, startApi, startChecker, startUpdater, transportOf } from '../node/start-roles.ts';
import { aborted } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import type { ProcessLog } from '../runtime/log.ts';
import { systemRandom } from '../runtime/random.ts';

/** Runs until the signal is aborted. */
export async function runRole(role: Role, config: Config, log: ProcessLog, signal: AbortSignal): Promise<void> {
  const options: NodeOptions = {
    config,
    clock: systemClock,
    log,
    droppedLogLines: log.droppedLines,
    random: systemRandom,
  };
  const close = await start(role, options, signal);
  log.info({ role, node: config.node.name }, 'role is up');
  try {
    await aborted(signal);
  } finally {
    log.info({ role }, 'stopping');
    await close();
  }
}

async function start(role: Role, options: NodeOptions, signal: AbortSignal): Promise<() => Promise<void>> {
  switch (role) {
    case 'api':
      return (await startApi(options, signal)).close;
    case 'checker': {
      const transport = transportOf(options);
      const checker = startChecker(options, transport);
      return () => checker.close().finally(() => transport.close());
    }
    case 'updater': {
      const transport = transportOf(options);
      const updater = await startUpdater(options, transport, signal);
      return () => updater.close().finally(() => transport.close());
    }
    default:
      return assertNever(role);
  }
}
