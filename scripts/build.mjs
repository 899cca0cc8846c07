// Bundles src/bin.ts into dist/: one entry, split at dynamic imports so that a CLI verb loads only what it needs.
// dist/ is replaced in one step once all of it is written, so that a program that starts meanwhile finds a whole one.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './steps.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Typebox's default export is all of it, of which we use a dozen builders: the rest need not be loaded at each start. */
const leanTypebox = {
  name: 'lean-typebox',
  setup: (build) => {
    const used = new Set();
    for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const text = readFileSync(join(root, 'src', file), 'utf8');
      if (!text.includes("from 'typebox'")) continue;
      for (const [, builder] of text.matchAll(/\bType\.([A-Z]\w*)/g)) used.add(builder);
    }
    const names = [...used].sort();
    build.onResolve({ filter: /^typebox$/ }, ({ pluginData }) =>
      pluginData === 'whole' ? undefined : { path: 'typebox', namespace: 'lean' },
    );
    build.onLoad({ filter: /^typebox$/, namespace: 'lean' }, () => ({
      contents: `import { ${names.map((name) => `${name} as $${name}`)} } from 'typebox';
export default { ${names.map((name) => `${name}: $${name}`)} };`,
      resolveDir: root,
      pluginData: 'whole',
    }));
  },
};

const options = {
  absWorkingDir: root,
  entryPoints: ['src/bin.ts'],
  outdir: 'dist',
  write: false,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // A third less to parse at each start. Names stay, for the sake of stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  external: ['lmdb'],
  define: { __COREBGP_VERSION__: JSON.stringify(version) },
  // Some bundled CommonJS dependencies call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [leanTypebox],
  logLevel: 'warning',
};

/** Errors are told by their first one in the last line (esbuild has shown the others before), not by a stack. */
async function bundle() {
  try {
    const { build } = await import('esbuild');
    return (await build(options)).outputFiles;
  } catch (cause) {
    const { errors = [] } = cause;
    const [first] = errors;
    const place = first?.location ? ` (${first.location.file}:${first.location.line})` : '';
    process.stderr.write(`${first ? `${first.text}${place}` : cause.message.split('\n')[0]}\n`);
    process.exit(1);
  }
}

const outputFiles = await bundle();

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const fresh = mkdtempSync(join(cache, 'dist-'));
// A temporary folder is its maker's alone; a program is for everybody.
chmodSync(fresh, 0o755);
const old = mkdtempSync(join(cache, 'dist-old-'));
try {
  for (const { path, contents } of outputFiles) writeFileSync(join(fresh, basename(path)), contents);
  try {
    renameSync(join(root, 'dist'), join(old, 'dist'));
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause;
  }
  renameSync(fresh, join(root, 'dist'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
