/** Former versions of objects, as the store keeps them. */

/** At `history/<key of the object>/<revision of the version, 16 digits>`: written in the commit that ended the version. */
export interface KeptVersion {
  readonly v: 1;
  /** When it ended, RFC 3339. */
  readonly at: string;
  readonly ended: 'changed' | 'deleted';
  /** As it was stored; null when that was too large to be kept. */
  readonly record: unknown;
}

/** Kept of an object beside the one that is in effect; the oldest goes when there is one more. */
export const mostVersions = 10;

/** The first part of the keys of former versions: nobody watches them, and no server keeps a copy. */
export const historyCollection = 'history';

/** @param key of the object. @returns the key of its version, or without a revision what the keys of all begin with. */
export function versionKey(key: string, revision?: number): string {
  return `${historyCollection}/${key}/${revision === undefined ? '' : String(revision).padStart(16, '0')}`;
}
