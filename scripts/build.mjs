// Bundles src/bin.ts into dist/: one entry, split at dynamic imports so that a CLI verb loads only what it needs.
// Beside it: the client as one file (corebgp/client), and the few files of Swagger UI that GET /docs serves.
// `--types` adds the client's declarations, for a package that is to be published; `--out FOLDER` writes there instead.
// dist/ is replaced in one step once all of it is written, so that a program that starts meanwhile finds a whole one.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './steps.mjs';

const { values: flags } = parseArgs({ options: { types: { type: 'boolean' }, out: { type: 'string' } } });
const dist = flags.out === undefined ? join(root, 'dist') : resolve(flags.out);

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

/** Whoever uses the client loads this file and nothing else of ours. */
const clientOptions = { ...options, entryPoints: { client: 'src/client/published.ts' }, splitting: false };

const docsFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE', 'NOTICE'];

/** Errors are told by their first one in the last line (esbuild has shown the others before), not by a stack. */
async function bundle() {
  try {
    const { build } = await import('esbuild');
    const results = await Promise.all([build(options), build(clientOptions)]);
    return results.flatMap(({ outputFiles }) => outputFiles);
  } catch (cause) {
    const { errors = [] } = cause;
    const [first] = errors;
    const place = first?.location ? ` (${first.location.file}:${first.location.line})` : '';
    process.stderr.write(`${first ? `${first.text}${place}` : cause.message.split('\n')[0]}\n`);
    process.exit(1);
  }
}

const outputFiles = await bundle();
const types = flags.types ? await (await import('./client-types.mjs')).clientTypes() : undefined;

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const fresh = mkdtempSync(join(cache, 'dist-'));
// A temporary folder is its maker's alone; a program is for everybody.
chmodSync(fresh, 0o755);
const old = mkdtempSync(join(cache, 'dist-old-'));
try {
  for (const { path, contents } of outputFiles) writeFileSync(join(fresh, basename(path)), contents);
  if (types !== undefined) writeFileSync(join(fresh, 'client.d.ts'), types);
  mkdirSync(join(fresh, 'docs-ui'));
  for (const file of docsFiles) cpSync(join(root, 'node_modules/swagger-ui-dist', file), join(fresh, 'docs-ui', file));
  try {
    renameSync(dist, join(old, 'dist'));
  } catch (cause) {
    if (cause.code !== 'ENOENT') throw cause;
  }
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
