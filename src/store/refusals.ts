/** The store's own errors, worded once. */
import { CoreBgpError } from '../model/errors.ts';

/** @param held the oldest revision that can still be asked for. */
export function compacted(revision: number, held: number): CoreBgpError {
  return new CoreBgpError(
    'compacted',
    `Revision ${revision} is no longer held, the oldest is ${held}; list again and watch from there.`,
  );
}

export function leaseExpired(lease: string): CoreBgpError {
  return new CoreBgpError('leaseExpired', `The lease ${lease} has expired or was revoked; grant a new one.`);
}

export function storeClosed(): CoreBgpError {
  return new CoreBgpError('unavailable', 'The store is closed.');
}
