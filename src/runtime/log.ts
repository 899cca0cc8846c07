/** Structured logs on stderr, one JSON object a line; secrets are redacted by key. */
import { pino } from 'pino';
import { type Clock, isoTime, systemClock } from './clock.ts';
import { createLogSink, type LogSink } from './log-sink.ts';
import { openLogTarget } from './log-target.ts';

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

/** The log of a process that serves. Writing to it never waits and never fails, whatever becomes of who reads it. */
export interface ProcessLog extends Log {
  /** Lines that could not be written since the start. */
  droppedLines(): number;
  /** Writes what can be written at once; nothing is written any more. */
  close(): void;
}

/** @param destination a file descriptor; 2 = stderr. */
export function createLog(level: LogLevel, destination = 2): ProcessLog {
  const target = openLogTarget(destination, destination === process.stderr.fd ? process.stderr : undefined);
  const sink = createLogSink({ target, clock: systemClock, lost: (lines) => lostLine(lines, systemClock) });
  return { ...methods(level, sink), droppedLines: sink.droppedLines, close: sink.close };
}

function lostLine(lines: number, clock: Clock): string {
  return `${JSON.stringify({ level: 'warn', time: isoTime(clock), lines, msg: 'log lines are missing here' })}\n`;
}

function methods(level: LogLevel, sink: LogSink): Log {
  const logger = pino(
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
    sink,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => logger.child(fields),
  };
}

export { silentLog } from './silent-log.ts';
