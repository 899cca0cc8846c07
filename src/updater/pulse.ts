/** Notices a daemon that hangs: its event stream stays up and silent, and nothing else may be asked of it for minutes. */
import { CoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Speaker } from '../speaker/speaker.ts';

const everyMs = 5_000;
const answerWithinMs = 3_000;

export interface Pulse {
  /** Why the daemon counts as hanging; undefined when it answered the last time. */
  hung(): CoreBgpError | undefined;
  /** Runs until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** @param changed called when it has stopped answering, and when it answers again. */
export function createPulse(speaker: Pick<Speaker, 'global'>, clock: Clock, changed: () => void): Pulse {
  let hung: CoreBgpError | undefined;

  const note = (now: CoreBgpError | undefined) => {
    const hasTurned = (now === undefined) !== (hung === undefined);
    hung = now;
    if (hasTurned) changed();
  };

  return {
    hung: () => hung,
    run: async (signal) => {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => {});
        if (signal.aborted) return;
        try {
          await withDeadline(clock, answerWithinMs, 'asking gobgpd who it is', signal, (within) =>
            speaker.global(within),
          );
          note(undefined);
        } catch (cause) {
          if (signal.aborted) return;
          const detail = `gobgpd does not answer (within ${answerWithinMs / 1_000} s). What it announces stays as long as its sessions do.`;
          note(new CoreBgpError('unavailable', detail, { reason: 'speakerUnresponsive', cause }));
        }
      }
    },
  };
}
