/** The metrics of a process as such, whichever roles it has. */
import { counter, type Metrics } from './metrics.ts';

export const logMetrics = {
  dropped: counter({
    name: 'corebgp_log_lines_dropped_total',
    help: 'Lines of the log that were lost: its disk was full, or its reader stalled or was gone.',
  }),
};

/** @param droppedLines how many up to now. */
export function countDroppedLines(metrics: Metrics, droppedLines: () => number): void {
  const dropped = metrics.counter(logMetrics.dropped);
  metrics.onRead(() => dropped.reach(droppedLines()));
}
