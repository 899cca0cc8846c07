/**
 * Where a checker leaves its lease for the process that comes after it. Only for a program that knows that its
 * predecessor is dead (the embedded store admits one process): revoking that lease spares the wait for its end.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Log } from '../runtime/log.ts';

export interface LeaseFile {
  /** The lease found, or undefined. */
  read(): string | undefined;
  write(lease: string): void;
  remove(): void;
}

/** Trouble with the file costs only time, so it is logged and no error. @param path undefined = no file. */
export function createLeaseFile(path: string | undefined, log: Log): LeaseFile {
  const attempt = <T>(doing: string, work: (path: string) => T): T | undefined => {
    if (path === undefined) return undefined;
    try {
      return work(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
        log.warn({ path, error: String(error) }, `${doing} the file of the lease failed`);
      }
      return undefined;
    }
  };
  return {
    read: () => {
      const text = attempt('reading', (file) => readFileSync(file, 'utf8'))?.trim();
      return text !== undefined && /^[A-Za-z0-9]{1,32}$/.test(text) ? text : undefined;
    },
    write: (lease) => attempt('writing', (file) => writeFileSync(file, `${lease}\n`, { mode: 0o600 })),
    remove: () => attempt('removing', (file) => rmSync(file, { force: true })),
  };
}
