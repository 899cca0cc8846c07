// Makes a checkout ready to run: npm packages, the bundle, and the programs CoreBGP works with. `--tests` adds what only tests need.
// Imports only `node:` (and its own neighbours that do too), so that it runs where nothing is installed; writes only inside the checkout.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program, root, run, StepError, seconds, steps } from './steps.mjs';
import { ensureGobgpGenerations, ensurePlaygroundTools } from './tools.mjs';

const minimumNode = [20, 19];
const cache = join(root, '.cache');

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  throw new StepError(`CoreBGP needs Node.js ${minimumNode.join('.')} or newer; this is ${process.versions.node}.`);
}

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined);

/** True when node_modules holds every package of the lock file in its version (npm writes its own lock last, when all is in place). */
function packagesAreCurrent() {
  const wanted = read('package-lock.json');
  const present = read('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  const installed = JSON.parse(present).packages;
  const lock = JSON.parse(wanted).packages;
  const { dependencies = {}, devDependencies = {} } = JSON.parse(read('package.json'));
  const declared = { ...dependencies, ...devDependencies };
  const known = { ...lock[''].dependencies, ...lock[''].devDependencies };
  if (Object.entries(declared).some(([name, range]) => known[name] !== range)) return false;
  return Object.entries(lock).every(
    ([place, { version, optional }]) => place === '' || optional || installed[place]?.version === version,
  );
}

/** Entries of the old lock file that a new one changed or dropped, and new ones that are not optional; empty when only optional ones came. */
export function lockChanges(before, after) {
  const [old, fresh] = [before, after].map((text) => JSON.parse(text).packages);
  const same = (place) => JSON.stringify(old[place]) === JSON.stringify(fresh[place]);
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((place) =>
    place in old ? !same(place) : !fresh[place].optional,
  );
}

async function installPackages() {
  const before = read('package-lock.json');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--cache', join(cache, 'npm')];
  const clean = await run('npm', ['ci', ...quiet], { mayFail: true });
  if (clean.code === 0) return 'npm ci';
  // A lock file written where the registry lacks the optional binaries of other platforms counts as out of step for `npm ci`, there and elsewhere.
  await run('npm', ['install', ...quiet]);
  const after = read('package-lock.json');
  if (before === undefined || after === before) return 'npm install, since npm ci found the lock file incomplete';
  const changes = lockChanges(before, after);
  if (changes.length === 0) {
    writeFileSync(join(root, 'package-lock.json'), before);
    return 'npm install, since npm ci found the lock file incomplete; only optional packages came on top';
  }
  const what = `npm changed package-lock.json: ${changes
    .slice(0, 5)
    .map((place) => place || 'the package itself')
    .join(', ')}`;
  if (process.env.CI) throw new StepError(`${what}. Run "npm install" and commit the result.`);
  return what;
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (entry.isFile()) yield file;
  }
}

/** A hash of everything that the bundle is made of. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = ['package.json', 'package-lock.json', 'scripts/build.mjs']
    .map((file) => join(root, file))
    .filter((file) => existsSync(file));
  for (const file of [...files, ...filesBelow(join(root, 'src'))]) {
    if (file.endsWith('.test.ts')) continue;
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

const stampFile = join(cache, 'build.stamp');

function bundleIsCurrent(hash) {
  return existsSync(join(root, 'dist/bin.js')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash;
}

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
};

/** Waits until no other set-up of this checkout runs; a folder is the lock, since making one is atomic. */
async function exclusively(work, print) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, 'setup.lock');
  for (let told = false; ; ) {
    try {
      mkdirSync(lock);
      break;
    } catch (cause) {
      if (cause.code !== 'EEXIST') throw cause;
    }
    const owner = existsSync(join(lock, 'pid')) ? Number(readFileSync(join(lock, 'pid'), 'utf8')) : undefined;
    const abandoned =
      owner === undefined
        ? Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 5000
        : !alive(owner);
    if (abandoned) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!told) print('another set-up of this checkout is running; waiting for it');
    told = true;
    await pause(300);
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  // Ctrl-C ends the process at once; its lock is then recognised as abandoned.
  writeFileSync(join(lock, 'pid'), String(process.pid));
  try {
    return await work();
  } finally {
    release();
  }
}

/** Everything `npm start` needs, and with `tests` what `npm test` needs. Says nothing but one line when all is there. */
export async function setup({ tests = false } = {}) {
  checkNode();
  const start = Date.now();
  const { step, print } = steps('setup');
  await exclusively(async () => {
    if (!packagesAreCurrent()) await step('npm packages', installPackages);
    const hash = sourcesHash();
    if (!bundleIsCurrent(hash)) {
      await step('bundle', async () => {
        await run(process.execPath, ['scripts/build.mjs']);
        writeFileSync(stampFile, hash);
      });
    }
    await step('gobgpd and BIRD', () => ensurePlaygroundTools(print));
    if (tests) await step('GoBGP of both generations', () => ensureGobgpGenerations(print));
  }, print);
  print(`ready in ${seconds(Date.now() - start)}`);
}

await program(import.meta.url, () => setup({ tests: process.argv.includes('--tests') }));
