/** Tells the API how the speaker stands: at most once a second, and only when something differs (rule 6: one writer). */
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';

const atMostEveryMs = 1_000;
/** Most exceptions in a report; exceptionCount tells all. */
export const mostExceptions = 1_000;

export type SpeakerReport = Omit<SpeakerStatusRecord, 'v' | 'reportedAt'>;

export interface Reporter {
  /** Something may have changed: look and, if so, send soon. */
  touch(): void;
  /** Runs until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** @param current the report as it would be now; undefined while nothing can be said. */
export function createReporter(
  client: Client,
  clock: Clock,
  log: Log,
  current: () => SpeakerReport | undefined,
): Reporter {
  let sent = '';
  let wake = () => {};
  let touched = false;

  return {
    touch: () => {
      touched = true;
      wake();
    },
    run: async (signal) => {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!signal.aborted) {
        if (!touched)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        if (signal.aborted) return;
        touched = false;
        const report = current();
        const text = JSON.stringify(report);
        if (report !== undefined && text !== sent) {
          try {
            const body = { v: 1 as const, ...report, reportedAt: isoTime(clock) };
            await client.call(endpoints.components.reportSpeaker, { params: { name: report.name }, body }, signal);
            sent = text;
          } catch (error) {
            if (signal.aborted) return;
            touched = true;
            log.warn({ error: String(error) }, 'the speaker report was not taken; it will be sent again');
          }
        }
        await clock.sleep(atMostEveryMs, signal).catch(() => {});
      }
    },
  };
}
