/** A file descriptor to write log lines to, of whatever kind it is, without ever waiting for who reads it. */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

export interface LogTarget {
  /**
   * Writes of the beginning what is taken at once.
   * @returns bytes; 0 = ask again later; undefined = it is lost: the disk is full, or nobody reads.
   */
  take(bytes: Buffer): number | undefined;
  close(): void;
}

/**
 * A pipe, FIFO or terminal is opened anew for oneself: only so a write to it does not wait, and the other processes that
 * share it are none the wiser. A file is written to as it is, at the place where the others write: it never waits.
 * @param stream over the same descriptor, for what can't be opened anew: a socket (as journald gives), or another user's pipe.
 */
export function openLogTarget(descriptor: number, stream?: Writable): LogTarget {
  if (isFile(descriptor)) return descriptorTarget(descriptor, () => {});
  const own = openOwn(descriptor);
  if (typeof own === 'number') return descriptorTarget(own, () => closeSync(own));
  // A pipe without a reader: all is lost, unless one comes.
  if (own === 'ENXIO' && fstatSync(descriptor).isFIFO()) return untilRead(descriptor);
  return stream === undefined ? descriptorTarget(descriptor, () => {}) : streamTarget(stream);
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // Not open at all: each write will say so.
    return true;
  }
}

/** @returns the new descriptor, or the code of the error. */
function openOwn(descriptor: number): number | string {
  const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    return codeOf(error);
  }
}

function descriptorTarget(descriptor: number, close: () => void): LogTarget {
  return {
    take: (bytes) => {
      try {
        return writeSync(descriptor, bytes);
      } catch (error) {
        return /^(EAGAIN|EINTR)$/.test(codeOf(error)) ? 0 : undefined;
      }
    },
    close,
  };
}

function untilRead(descriptor: number): LogTarget {
  let opened: LogTarget | undefined;
  return {
    take: (bytes) => {
      if (opened === undefined) {
        const own = openOwn(descriptor);
        if (typeof own !== 'number') return undefined;
        opened = descriptorTarget(own, () => closeSync(own));
      }
      return opened.take(bytes);
    },
    close: () => opened?.close(),
  };
}

/** The stream buffers no more than it likes to; whoever made it hears of its errors. */
function streamTarget(stream: Writable): LogTarget {
  return {
    take: (bytes) => {
      if (!stream.writable) return undefined;
      if (stream.writableNeedDrain) return 0;
      stream.write(bytes);
      return bytes.length;
    },
    close: () => {},
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
