/** Structured logs on stderr, one JSON object a line; secrets are redacted by key. */
import { pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The part of a logger that CoreBGP uses: fields first, then a fixed sentence that one can grep. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log that carries these fields in every line. */
  child(fields: Record<string, unknown>): Log;
}

/** @param destination a file descriptor; 2 = stderr. */
export function createLog(level: LogLevel, destination = 2): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['password', 'token', 'secret', 'md5', '*.password', '*.token', '*.secret', '*.md5'],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: destination, sync: true }),
  );
}

export { silentLog } from './silent-log.ts';
