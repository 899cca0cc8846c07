/** Turns a program of the test rig into one that plain node can run, with the lmdb of our choice. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * How lmdb behaves: `asBuilt`, or broken on purpose to show that the judge sees it: `noSync` never syncs, `early` tells
 * of a transaction once its callback has run, before it is written at all.
 */
export type SyncVariant = 'asBuilt' | 'noSync' | 'early';

const shims = {
  noSync: `
    import * as lmdb from 'lmdb';
    export const open = (options) => lmdb.open({ ...options, noSync: true });`,
  early: `
    import * as lmdb from 'lmdb';
    export function open(options) {
      const root = lmdb.open(options);
      const inFull = root.childTransaction.bind(root);
      root.childTransaction = (callback) =>
        new Promise((resolve, reject) => {
          inFull(() => resolve(callback())).catch(reject);
        });
      return root;
    }`,
};

function broken(variant: 'noSync' | 'early'): Plugin {
  return {
    name: 'broken-lmdb',
    setup: (bundler) => {
      bundler.onResolve({ filter: /^lmdb$/ }, ({ namespace }) =>
        namespace === 'broken' ? { path: 'lmdb', external: true } : { path: 'lmdb', namespace: 'broken' },
      );
      bundler.onLoad({ filter: /./, namespace: 'broken' }, () => ({
        contents: shims[variant],
        resolveDir: root,
      }));
    },
  };
}

/** @returns the file, inside the project so that it finds node_modules, and how to remove it. */
export async function bundleProgram(entry: string, variant: SyncVariant) {
  const path = `${root}/.cache/${randomUUID()}.mjs`;
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: variant === 'asBuilt' ? ['lmdb'] : [],
    plugins: variant === 'asBuilt' ? [] : [broken(variant)],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return { path, remove: () => rmSync(path) };
}
