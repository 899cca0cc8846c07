/** The package as it would be published: packed, unpacked elsewhere, and every program of docs/client.md type-checked and run with it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, startApi } from '../rig/api.ts';
import { packageRoot } from '../servers/places.ts';

const run = promisify(execFile);
const programs = [...readFileSync(join(packageRoot, 'docs/client.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
);

let rig: ApiRig;
let folder: string;
let installed: string;
beforeAll(async () => {
  rig = await startApi();
  folder = mkdtempSync(join(tmpdir(), 'corebgp-package-'));
  // As in a checkout before it is published; its own dist/ stays as other tests want it.
  const checkout = join(folder, 'checkout');
  mkdirSync(checkout);
  await run(process.execPath, ['scripts/build.mjs', '--types', '--out', join(checkout, 'dist')], { cwd: packageRoot });
  for (const name of ['package.json', 'bin', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    cpSync(join(packageRoot, name), join(checkout, name), { recursive: true });
  }
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: checkout });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const user = join(folder, 'user');
  mkdirSync(join(user, 'node_modules'), { recursive: true });
  await run('tar', ['-xzf', join(folder, tarball), '-C', join(user, 'node_modules')]);
  installed = join(user, 'node_modules/corebgp');
  cpSync(join(user, 'node_modules/package'), installed, { recursive: true });
  rmSync(join(user, 'node_modules/package'), { recursive: true });
  // What npm would install with it: its dependencies, and none of ours for development.
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    // The client must do without the native one.
    if (name === 'lmdb') continue;
    mkdirSync(join(user, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules', name), join(user, 'node_modules', name));
  }
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', type: 'module', private: true }));
  for (const [index, program] of programs.entries()) {
    writeFileSync(join(user, `program-${index}.ts`), program.replaceAll('http://127.0.0.1:8080', rig.url));
  }
}, 240_000);
afterAll(async () => {
  await rig?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test('docs/client.md has its programs', () => {
  expect(programs).toHaveLength(5);
});

test('the package has the program, the client, its types and the page of the API, and no sources', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  for (const file of [
    'bin/corebgp',
    'dist/bin.js',
    'dist/client.js',
    'dist/docs-ui/swagger-ui.css',
    'docs/client.md',
  ]) {
    expect(files).toContain(file);
  }
  expect(files).toContain('dist/types/client/published.d.ts');
  expect(files.filter((file) => /(^|\/)(src|test|node_modules)\//.test(file))).toEqual([]);
  const client = readFileSync(join(installed, 'dist/client.js'), 'utf8');
  expect(client).not.toMatch(/lmdb|fastify|from ?["']\.\//);
});

/** Faults that the compiler has to find; where it finds none, it complains about the line before. */
const wrong = `import { connect } from 'corebgp/client';
const corebgp = connect({ url: 'http://127.0.0.1:8080' });
// @ts-expect-error name is missing
await corebgp.announcements.get({ project: 'shop' });
// @ts-expect-error asm is no field
await corebgp.peers.create({ body: { kind: 'Peer', metadata: { name: 'a' }, spec: { address: '192.0.2.1', asn: 1, asm: 1 } } });
// @ts-expect-error there is no such call
await corebgp.announcements.remove({ project: 'shop', name: 'web' });
`;

test('every program is well typed, strictly and without our dependencies for development, and faults are found', async () => {
  const user = join(folder, 'user');
  writeFileSync(join(user, 'wrong.ts'), wrong);
  const options = ['--strict', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'es2022'];
  const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc');
  const files = ['wrong.ts', ...programs.map((_, index) => `program-${index}.ts`)];
  const faults = await run(process.execPath, [compiler, ...options, '--outDir', 'out', ...files], { cwd: user }).then(
    () => '',
    (failure: { readonly stdout?: string }) => failure.stdout ?? String(failure),
  );
  expect(faults).toBe('');
});

test.each(programs.map((program, index) => [index, program.split('\n').length] as const))(
  'program %i (%i lines) runs against a server',
  async (index) => {
    const { stdout, stderr } = await run(process.execPath, [`out/program-${index}.js`], { cwd: join(folder, 'user') });
    expect(stderr).toBe('');
    expect(stdout).not.toBe('');
  },
);
