/** A log that nobody reads; apart from log.ts, so that the client as a library loads no logger. */
import type { Log } from './log.ts';

/** For tests and for library use. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
