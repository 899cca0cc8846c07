/** Makes a folder with those above it, readable by its owner alone. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * One level at a time: Node's own recursive mkdir never ends below a folder that takes none, such as /proc.
 * @throws as mkdir does: EACCES, ENOENT, ENOTDIR, ENOSPC, …
 */
export function makeFolder(folder: string): void {
  const place = resolve(folder);
  const missing: string[] = [];
  for (let at = place; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const at of missing) mkdirSync(at, { mode: 0o700 });
  // Throws unless what is there is a folder.
  if (missing.length === 0) mkdirSync(place, { recursive: true });
}
