/** How late the event loop runs what is due: the one measure of a process that has more to do than it can. */
import type { Clock } from './clock.ts';

export interface Lateness {
  /** Over about the last second, milliseconds. One short stall hardly shows; a loop that is always late does within a second. */
  ms(): number;
  close(): void;
}

/** How often it is measured, milliseconds. */
const everyMs = 50;
/** What was measured this long ago counts a third of what is measured now, milliseconds. */
const memoryMs = 1_000;

export function watchLateness(clock: Clock): Lateness {
  let smoothed = 0;
  let since = clock.now();
  let cancel: () => void;
  const measure = () => {
    const passed = clock.now() - since;
    since += passed;
    const late = Math.max(0, passed - everyMs);
    smoothed += (late - smoothed) * (1 - Math.exp(-passed / memoryMs));
    cancel = clock.after(everyMs, measure);
  };
  cancel = clock.after(everyMs, measure);
  return { ms: () => smoothed, close: () => cancel() };
}
