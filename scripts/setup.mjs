// Makes a checkout ready to run: npm packages, the bundle, and the programs CoreBGP works with. `--tests` adds what only tests need.
// Imports only `node:` (and its own neighbours that do too), so that it runs where nothing is installed; writes only inside the checkout.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endGroup, groupRuns, identity, runs, watchGroups } from './children.mjs';
import { program, root, run, StepError, seconds, steps } from './steps.mjs';
import { ensureGobgpGenerations, ensurePlaygroundTools } from './tools.mjs';

const minimumNode = [20, 19];
const cache = join(root, '.cache');

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  throw new StepError(`CoreBGP needs Node.js ${minimumNode.join('.')} or newer; this is ${process.versions.node}.`);
}

/** The text of a file of the checkout; undefined when there is none. */
function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (cause) {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

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

/** Exists from before an installation until it has succeeded: while it does, node_modules may be anything. */
const unfinished = join(cache, 'npm-packages.unfinished');

async function installPackages() {
  // npm repairs no package that its own lock calls installed; what an interrupted installation left is not worth keeping.
  const repairing = existsSync(unfinished);
  if (repairing) rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  writeFileSync(
    unfinished,
    'An installation of the npm packages began and has not succeeded; the next set-up installs them anew.\n',
  );
  const before = read('package-lock.json');
  let how;
  try {
    how = await npmInstall(before);
  } catch (cause) {
    // `npm install` may have written a lock file for what it then did not finish.
    if (before !== undefined && read('package-lock.json') !== before)
      writeFileSync(join(root, 'package-lock.json'), before);
    throw cause;
  }
  rmSync(unfinished);
  return repairing ? `${how}; the installation before was interrupted` : how;
}

async function npmInstall(before) {
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

async function buildBundle() {
  const { code, output } = await run(process.execPath, ['scripts/build.mjs'], { mayFail: true });
  if (code === 0) return;
  throw new StepError(
    `The bundle could not be built: ${output.trim().split('\n').at(-1)}.\n` +
      'If src/ is as you got it, npm packages are damaged: rm -rf node_modules .cache, and run this again. ' +
      'If you changed src/, npm run build shows every error.',
  );
}

const owners = join(cache, 'setup-owner.json');

/** Ends what a killed set-up left running (an installation, apt), so that nobody works beside it. */
async function endLeftovers({ owner, groups }, print) {
  for (const group of groups.filter(groupRuns)) {
    print(`set-up process ${owner.pid} is gone, but its process ${group.pid} still runs; ending it`);
    if (!(await endGroup(group)))
      throw new StepError(
        `process ${group.pid} of an earlier set-up still works in this checkout and could not be ended; end it, and run this again.`,
      );
  }
}

/** Takes the owner's file away, unless another set-up was quicker and the file is already its own. */
function removeStale(text) {
  const aside = `${owners}.${process.pid}.old`;
  try {
    renameSync(owners, aside);
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, owners);
  } catch (cause) {
    if (cause.code !== 'ENOENT' && cause.code !== 'EEXIST') throw cause;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Waits until no other set-up of this checkout runs; the lock is a file that names its owner and the owner's children, made in one step. */
async function exclusively(work, print) {
  mkdirSync(cache, { recursive: true });
  const owner = identity(process.pid);
  const fresh = `${owners}.${process.pid}`;
  const write = (groups) => writeFileSync(fresh, JSON.stringify({ owner, groups }));
  for (let told = false; ; ) {
    write([]);
    try {
      linkSync(fresh, owners);
      break;
    } catch (cause) {
      if (cause.code !== 'EEXIST') throw cause;
    } finally {
      rmSync(fresh);
    }
    const text = read('.cache/setup-owner.json');
    if (text === undefined) continue;
    const present = JSON.parse(text);
    if (!runs(present.owner)) {
      await endLeftovers(present, print);
      removeStale(text);
      continue;
    }
    if (!told) print(`another set-up of this checkout is running (process ${present.owner.pid}); waiting for it`);
    told = true;
    await pause(300);
  }
  watchGroups((groups) => {
    write(groups);
    renameSync(fresh, owners);
  });
  try {
    return await work();
  } finally {
    watchGroups(undefined);
    rmSync(owners, { force: true });
  }
}

/** Everything `npm start` needs, and with `tests` what `npm test` needs. Says nothing but one line when all is there. */
export async function setup({ tests = false } = {}) {
  checkNode();
  const start = Date.now();
  const { step, print } = steps('setup');
  await exclusively(async () => {
    if (existsSync(unfinished) || !packagesAreCurrent()) await step('npm packages', installPackages);
    const hash = sourcesHash();
    if (!bundleIsCurrent(hash)) {
      await step('bundle', async () => {
        await buildBundle();
        writeFileSync(stampFile, hash);
      });
    }
    await step('gobgpd and BIRD', () => ensurePlaygroundTools(print));
    if (tests) await step('GoBGP of both generations', () => ensureGobgpGenerations(print));
  }, print);
  print(`ready in ${seconds(Date.now() - start)}`);
}

await program(import.meta.url, () => setup({ tests: process.argv.includes('--tests') }));
