/** From a URL to a store. */
import { randomBytes } from 'node:crypto';
import { CoreBgpError } from '../model/errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { openEmbeddedStore } from './embedded/embedded-store.ts';
import type { Store } from './store.ts';

export interface OpenStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Names leases and the store. Default: 128 random bits in hexadecimal. */
  readonly newId?: () => string;
}

const scheme = 'embedded://';

/**
 * @param url `embedded:///absolute/folder`
 * @throws CoreBgpError `invalid` for a URL that names no store, `unavailable` for one that can't be opened; field `store.url`.
 */
export async function openStore(url: string, { clock, log, newId = randomId }: OpenStoreOptions): Promise<Store> {
  return openEmbeddedStore(folderOf(url), { clock, log, newId });
}

function randomId(): string {
  return randomBytes(16).toString('hex');
}

/** A path is taken as it is written: no escapes, no host. */
function folderOf(url: string): string {
  const folder = url.slice(scheme.length);
  if (!url.startsWith(scheme)) {
    throw invalid(`There is no store "${url}"; there is embedded:///path (a folder of this machine).`);
  }
  if (!folder.startsWith('/')) {
    throw invalid(`"${url}" needs an absolute folder, with three slashes: embedded:///var/lib/corebgp.`);
  }
  return folder;
}

function invalid(detail: string): CoreBgpError {
  return new CoreBgpError('invalid', detail, { field: 'store.url' });
}
