/** The version of CoreBGP: written into the bundle by scripts/build.mjs, else read from package.json. */
import { readFileSync } from 'node:fs';

declare const __COREBGP_VERSION__: string | undefined;

export const version: string = typeof __COREBGP_VERSION__ === 'string' ? __COREBGP_VERSION__ : fromPackage();

function fromPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
  return 'unknown';
}
