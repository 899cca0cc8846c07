/** Where the server's copy of the store stands, for whoever can't answer without one. */
import { CoreBgpError } from '../model/errors.ts';
import type { CachePosition, WatchCache } from './watch-cache.ts';

/** @throws CoreBgpError `unavailable` before the copy was loaded for the first time. */
export function loadedPosition({ cache }: { readonly cache: Pick<WatchCache, 'position'> }): CachePosition {
  const position = cache.position();
  if (position !== undefined) return position;
  throw new CoreBgpError('unavailable', 'The server has not loaded the store yet; try again shortly.', {
    retryAfterMs: 1_000,
  });
}

export function notFresh(): CoreBgpError {
  return new CoreBgpError('unavailable', "The server's copy of the store is not up to date; try again shortly.", {
    retryAfterMs: 1_000,
  });
}
