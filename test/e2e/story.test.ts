/** The playground's story as a newcomer plays it: under both GoBGP generations, as root and as an ordinary user; it leaves nothing. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { findTool } from '../../src/runtime/tools.ts';
import { eventually } from '../rig/eventually.ts';
import { gobgpdOf, gobgpGenerations } from '../servers/gobgpd.ts';
import { packageRoot, type TempFolder, tempFolder } from '../servers/places.ts';

/** `nobody` of Debian. */
const ordinaryUser = { uid: 65_534, gid: 65_534 };
const folders: TempFolder[] = [];
afterAll(() => {
  for (const folder of folders) folder.close();
});

describe.each(gobgpGenerations)('the story with GoBGP %i', (generation) => {
  test('agrees with BIRD at every step, and leaves no process and no file', async () => {
    const temporary = keep(tempFolder('story'));
    const { code, text } = await play(packageRoot, generation, temporary.path);
    expect(code, text).toBe(0);
    expect(text.match(/^ok /gm)).toHaveLength(6);
    expect(readdirSync(temporary.path)).toEqual([]);
    expect(await processesNaming(temporary.path)).toEqual([]);
  });

  // For somebody who is not root, the test above is this one.
  test.each(process.getuid?.() === 0 ? ['an ordinary user'] : [])('does so for %s too', async () => {
    const place = keep(tempFolder('user'));
    chmodSync(place.path, 0o755);
    const copy = join(place.path, 'corebgp');
    installInto(copy, generation);
    const temporary = join(place.path, 'tmp');
    mkdirSync(temporary);
    chmodSync(temporary, 0o777);
    const { code, text } = await play(copy, generation, temporary, ordinaryUser);
    expect(code, text).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
    expect(await processesNaming(temporary)).toEqual([]);
  });
});

test('a playground that is interrupted leaves no process and no file either', async () => {
  const temporary = keep(tempFolder('interrupted'));
  const child = start(packageRoot, ['playground'], 4, temporary.path);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await eventually(() => expect(said).toMatch(/203\.0\.113\.10\/32 via 127\.0\.0\.12/), 'the live view', 40_000);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(readdirSync(temporary.path)).toEqual([]);
  expect(await processesNaming(temporary.path)).toEqual([]);
});

function keep(folder: TempFolder): TempFolder {
  folders.push(folder);
  return folder;
}

function start(root: string, words: readonly string[], generation: 3 | 4, temporary: string, user = {}) {
  const gobgpd = gobgpdOf(generation).path.replace(packageRoot, root);
  return spawn(process.execPath, [join(root, 'bin/corebgp'), ...words, '--gobgpd', gobgpd], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary, HOME: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
}

async function play(root: string, generation: 3 | 4, temporary: string, user = {}) {
  const child = start(root, ['playground', '--story'], generation, temporary, user);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, text };
}

/** What `npm start` runs, where that user may read it: bundle, lmdb with its dependencies, and the unpacked tools. */
function installInto(copy: string, generation: 3 | 4): void {
  mkdirSync(copy);
  const take = (path: string) => cpSync(join(packageRoot, path), join(copy, path), { recursive: true });
  for (const path of ['package.json', 'bin', 'dist']) take(path);
  for (const name of withDependencies('lmdb')) take(join('node_modules', name));
  for (const tool of [gobgpdOf(generation), findTool('bird', packageRoot)]) {
    const unpacked = join(packageRoot, '.cache/tools/');
    if (!tool.path.startsWith(unpacked)) continue;
    take(join('.cache/tools', tool.path.slice(unpacked.length).split('/')[0] ?? ''));
  }
}

function withDependencies(name: string, found = new Set<string>()): Set<string> {
  const file = join(packageRoot, 'node_modules', name, 'package.json');
  if (found.has(name) || !existsSync(file)) return found;
  found.add(name);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
  for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) withDependencies(other, found);
  return found;
}

/** Command lines that name the folder. */
async function processesNaming(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(folder) && !line.startsWith('ps '));
}
