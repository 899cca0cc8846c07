/** `corebgp` as a real process, bundled from the sources as they are. */
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleProgram } from './store-bundle.ts';

export interface Program {
  /** For node. */
  readonly path: string;
  remove(): void;
}

export async function buildProgram(): Promise<Program> {
  const bundled = await bundleProgram('src/bin.ts', 'asBuilt');
  // It looks for package.json two folders above itself.
  const own = mkdtempSync(join(dirname(bundled.path), 'bin-'));
  chmodSync(own, 0o755);
  renameSync(bundled.path, join(own, 'bin.mjs'));
  return { path: join(own, 'bin.mjs'), remove: () => rmSync(own, { recursive: true }) };
}
