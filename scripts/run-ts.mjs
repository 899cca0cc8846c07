// Runs a TypeScript program of the checkout (`node scripts/run-ts.mjs bench/run.ts ARGS`): bundled with esbuild into .cache/run, packages left
// outside, since Node 20 runs no TypeScript. The program's exit code is ours.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { program, root, runInForeground, StepError } from './steps.mjs';

/** Bundles the entry (relative to the root), runs it, and resolves with its exit code. */
export async function runTypeScript(entry, args = []) {
  if (!existsSync(join(root, entry))) throw new StepError(`${entry} does not exist`);
  const { build } = await import('esbuild');
  const folder = join(root, '.cache/run');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  try {
    return await runInForeground(process.execPath, ['--enable-source-maps', outfile, ...args]);
  } finally {
    rmSync(outfile, { force: true });
  }
}

await program(import.meta.url, () => {
  const [entry, ...args] = process.argv.slice(2);
  if (entry === undefined) throw new StepError('usage: node scripts/run-ts.mjs FILE.ts [ARGUMENTS]');
  return runTypeScript(entry, args);
});
