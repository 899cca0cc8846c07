/** Where log lines go without ever blocking or failing: what can't be written waits in a bounded buffer, or is lost and counted. */
import type { Clock } from './clock.ts';
import type { LogTarget } from './log-target.ts';

export interface LogSink {
  /** Takes one line with its end. Never waits, never throws. */
  write(line: string): void;
  /** Lines that were lost since the start, whole or in part. */
  droppedLines(): number;
  /** Writes what is taken at once and loses the rest; later lines are lost too. */
  close(): void;
}

export interface LogSinkOptions {
  readonly target: LogTarget;
  readonly clock: Clock;
  /** The line that tells of this many lost ones; written once lines are taken again, where they are missing. */
  readonly lost: (lines: number) => string;
  /** Bytes that may wait. Default 1 MiB. */
  readonly mostBytes?: number;
}

/** Milliseconds between two tries while lines wait; a pipe takes 64 KiB at a time. */
const retryMs = 50;
const lineEnd = Buffer.from('\n');

export function createLogSink({ target, clock, lost, mostBytes = 1024 * 1024 }: LogSinkOptions): LogSink {
  /** In order. Of the first a part may be written already. */
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let firstIsBegun = false;
  /** What was written last is a line without its end. */
  let isCut = false;
  let dropped = 0;
  let untold = 0;
  let isTelling = false;
  let isClosed = false;
  let cancel: (() => void) | undefined;

  const drop = (lines: number) => {
    dropped += lines;
    untold += lines;
  };

  /** Writes what waits, until nothing more is taken. */
  const flush = () => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const taken = target.take(isCut ? Buffer.concat([lineEnd, first]) : first);
      if (taken === 0) break;
      if (taken === undefined) {
        waitingBytes -= first.length;
        waiting.shift();
        drop(1);
        isCut ||= firstIsBegun;
        firstIsBegun = false;
        continue;
      }
      const written = isCut ? taken - lineEnd.length : taken;
      isCut = false;
      waitingBytes -= written;
      firstIsBegun = written < first.length;
      if (firstIsBegun) waiting[0] = first.subarray(written);
      else waiting.shift();
    }
    if (waiting.length === 0) tell();
    else if (cancel === undefined && !isClosed) {
      cancel = clock.after(retryMs, () => {
        cancel = undefined;
        flush();
      });
    }
  };

  /** Says how many lines are missing here. */
  const tell = () => {
    if (untold === 0 || isTelling) return;
    isTelling = true;
    const [before, told] = [dropped, untold];
    untold = 0;
    put(lost(told));
    // It tells of itself no more than of nothing.
    if (dropped > before) [dropped, untold] = [before, told];
    isTelling = false;
  };

  const put = (line: string) => {
    const bytes = Buffer.from(line);
    waiting.push(bytes);
    waitingBytes += bytes.length;
    flush();
  };

  return {
    write: (line) => {
      if (isClosed) return drop(1);
      if (waiting.length > 0) flush();
      else tell();
      // Nothing is taken still: not asked again for each line.
      if (waiting.length === 0 && untold > 0) return drop(1);
      if (waitingBytes + Buffer.byteLength(line) > mostBytes) return drop(1);
      put(line);
    },
    droppedLines: () => dropped,
    close: () => {
      if (isClosed) return;
      cancel?.();
      isClosed = true;
      flush();
      drop(waiting.length);
      waiting.length = 0;
      target.close();
    },
  };
}
