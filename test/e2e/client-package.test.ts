/** The package as it would be published: packed, unpacked elsewhere, and every program of docs/client.md type-checked and run with it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  // Nothing beside it: neither the client nor its types need any of the package's dependencies.
  renameSync(join(user, 'node_modules/package'), installed);
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', type: 'module', private: true }));
  for (const [index, program] of programs.entries()) {
    writeFileSync(join(user, `program-${index}.ts`), program.replaceAll('http://127.0.0.1:8080', rig.url));
  }
}, 120_000);
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
    'dist/client.d.ts',
    'dist/docs-ui/swagger-ui.css',
    'docs/client.md',
  ]) {
    expect(files).toContain(file);
  }
  expect(files.filter((file) => /(^|\/)(src|test|node_modules)\//.test(file))).toEqual([]);
  const client = readFileSync(join(installed, 'dist/client.js'), 'utf8');
  expect(client).not.toMatch(/lmdb|fastify|from ?["']\.\//);
  // Whole in themselves: a compiler reads no other file for them.
  const types = readFileSync(join(installed, 'dist/client.d.ts'), 'utf8');
  expect(types).not.toMatch(/^\s*(import|export .*\bfrom)\b|\bimport\(|\/\/\/ *<|\bany;/m);
});

/** Faults that the compiler has to find; where it finds none, it complains about the line before. */
const wrong = `import { type AnnouncementSpec, connect } from 'corebgp/client';
const corebgp = connect({ url: 'http://127.0.0.1:8080' });
// @ts-expect-error name is missing
await corebgp.announcements.get({ project: 'shop' });
// @ts-expect-error asm is no field
await corebgp.peers.create({ body: { kind: 'Peer', metadata: { name: 'a' }, spec: { address: '192.0.2.1', asn: 1, asm: 1 } } });
// @ts-expect-error there is no such call
await corebgp.announcements.remove({ project: 'shop', name: 'web' });
// @ts-expect-error there is no such scope
export const scope: AnnouncementSpec['scope'] = 'zone';
// @ts-expect-error reading is not conditional
await corebgp.announcements.get({ project: 'shop', name: 'web', ifMatch: 1 });
// @ts-expect-error the state is one of five words
export const gone = (await corebgp.announcements.get({ project: 'shop', name: 'web' })).status?.state === 'gone';
`;

const programFiles = programs.map((_, index) => `program-${index}.ts`);
const dom = ['es2022', 'dom'];
test.each([
  ['the programs, and emits them', { module: 'nodenext', lib: dom, outDir: 'out' }, programFiles],
  [
    'the programs for a bundler',
    { module: 'esnext', moduleResolution: 'bundler', lib: dom, noEmit: true },
    programFiles,
  ],
  [
    'faulty lines, of which it finds every one, without DOM',
    { module: 'node16', lib: ['es2022'], noEmit: true },
    ['wrong.ts'],
  ],
])('a strict compiler that also checks libraries, and has no types but ours, takes %s', async (_, chosen, files) => {
  const user = join(folder, 'user');
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    types: [],
    ...chosen,
  };
  const project = join(user, `tsconfig.${chosen.module}.json`);
  writeFileSync(join(user, 'wrong.ts'), wrong);
  writeFileSync(project, JSON.stringify({ compilerOptions, files }));
  const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc');
  const faults = await run(process.execPath, [compiler, '--project', project], { cwd: user }).then(
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
