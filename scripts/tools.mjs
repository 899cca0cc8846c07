// The programs CoreBGP works with (gobgpd, BIRD): found on the machine, else unpacked into .cache/tools. Imports only `node:`.
// src/runtime/tools.ts looks in the same places in the same order.
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { distribution, openApt } from './debian.mjs';
import { root, run, StepError } from './steps.mjs';

const toolsFolder = join(root, '.cache/tools');

/** `folder` is the name in .cache/tools; `programs` what must be found. */
const playgroundTools = [
  { folder: 'gobgpd', package: 'gobgpd', programs: ['gobgpd'] },
  { folder: 'bird2', package: 'bird2', programs: ['bird', 'birdc'] },
];
const generations = [3, 4];

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const libraryFolders = (folder) =>
  ['usr/lib', 'lib']
    .map((name) => join(folder, name))
    .filter((parent) => existsSync(parent))
    .flatMap((parent) =>
      readdirSync(parent)
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(parent, name)),
    );

const inFolder = (folder, program) =>
  ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((name) => join(folder, name, program)).find(executable);

/** A program of this machine (the variable COREBGP_TOOL_NAME first), never one that was unpacked. */
function onMachine(program) {
  const named = process.env[`COREBGP_TOOL_${program.toUpperCase()}`];
  if (named) return named;
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(
    Boolean,
  );
  return folders.map((folder) => join(folder, program)).find(executable);
}

async function version(path, folder) {
  const env = folder ? { LD_LIBRARY_PATH: libraryFolders(folder).join(delimiter) } : {};
  const { output } = await run(path, ['--version'], { env, mayFail: true });
  return /\d+\.\d+(\.\d+)?/.exec(output)?.[0];
}

/** Unpacks a package, with the libraries this machine lacks, and moves it into place in one step. */
async function unpack(apt, { folder, package: name, programs }) {
  mkdirSync(toolsFolder, { recursive: true });
  for (const left of readdirSync(toolsFolder).filter((entry) => entry.startsWith('.unpacking-'))) {
    rmSync(join(toolsFolder, left), { recursive: true, force: true });
  }
  const fresh = mkdtempSync(join(toolsFolder, '.unpacking-'));
  try {
    await apt.download([name], fresh);
    const missing = async () => {
      const env = { LD_LIBRARY_PATH: libraryFolders(fresh).join(delimiter) };
      const outputs = await Promise.all(
        programs.map((program) => run('ldd', [inFolder(fresh, program)], { env, mayFail: true })),
      );
      return outputs.flatMap(({ output }) => output.match(/^\s*\S+ => not found/gm) ?? []);
    };
    // Level by level: what the package asks for, then what those libraries ask for, until nothing is missing.
    const seen = new Set([name]);
    let level = [name];
    while ((await missing()).length > 0 && level.length > 0) {
      const asked = (await Promise.all(level.map((one) => apt.libraries(one)))).flat();
      level = [...new Set(asked)].filter((one) => !seen.has(one));
      for (const one of level) seen.add(one);
      if (level.length > 0) await apt.download(level, fresh);
    }
    const left = await missing();
    if (left.length > 0) throw new StepError(`${name} does not run here, libraries are missing:\n${left.join('\n')}`);
    const place = join(toolsFolder, folder);
    rmSync(place, { recursive: true, force: true });
    renameSync(fresh, place);
    return place;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function refuse(programs) {
  return new StepError(
    `${programs.join(', ')} not found, and this is no Debian machine whose packages could be unpacked here.\n` +
      'Install them so that they are in PATH: GoBGP 3 or 4 (program gobgpd) and BIRD 2 (programs bird and birdc),\n' +
      `or name a program's file, as in ${programs.map((name) => `COREBGP_TOOL_${name.toUpperCase()}=/path/to/${name}`).join(' ')}.`,
  );
}

function aptSources() {
  const { sources } = distribution();
  const dpkg = onMachine('dpkg') !== undefined && onMachine('apt-get') !== undefined;
  return dpkg ? sources : [];
}

/** Makes gobgpd, bird and birdc available. `print` gets one line a tool. */
export async function ensurePlaygroundTools(print) {
  const lacking = [];
  for (const tool of playgroundTools) {
    const unpacked = join(toolsFolder, tool.folder);
    const place = tool.programs.every(onMachine)
      ? onMachine(tool.programs[0])
      : tool.programs.every((program) => inFolder(unpacked, program)) && unpacked;
    if (place) continue;
    lacking.push(tool);
  }
  if (lacking.length === 0) return 'already here';
  const sources = aptSources();
  if (sources.length === 0) throw refuse(lacking.flatMap(({ programs }) => programs));
  const apt = await openApt(sources);
  try {
    for (const tool of lacking) {
      const place = await unpack(apt, tool);
      print(`${tool.package} ${await apt.candidate(tool.package)} unpacked into ${place}`);
    }
  } finally {
    apt.close();
  }
  return `${lacking.map(({ package: name }) => name).join(', ')} unpacked`;
}

/** The gobgpd of one generation: `{path, version}` of what the machine has or of what was unpacked; undefined when there is none. */
async function gobgpdOf(generation) {
  const named = process.env[`COREBGP_TOOL_GOBGPD${generation}`];
  const candidates = [
    named,
    inFolder(join(toolsFolder, `gobgpd${generation}`), 'gobgpd'),
    onMachine('gobgpd'),
    inFolder(join(toolsFolder, 'gobgpd'), 'gobgpd'),
  ];
  for (const path of candidates.filter(Boolean)) {
    const found = await version(path);
    if (found?.startsWith(`${generation}.`)) return { path, version: found };
  }
  return undefined;
}

/**
 * Makes both generations of gobgpd available for the tests. The one that this machine's suite lacks is read from another suite of
 * the same mirror, verified by the same keyring.
 */
export async function ensureGobgpGenerations(print) {
  const said = [];
  for (const generation of generations) {
    const found = (await gobgpdOf(generation)) ?? (await fetchGeneration(generation, print));
    said.push(`${generation}: ${found.version}`);
  }
  return said.join(', ');
}

async function fetchGeneration(generation, print) {
  const { id, base, codename } = distribution();
  if (id !== 'debian' || base === undefined || onMachine('dpkg') === undefined) {
    throw new StepError(
      `the tests need GoBGP ${generation} too: set COREBGP_TOOL_GOBGPD${generation} to the file of a gobgpd ${generation}.x.`,
    );
  }
  const suites = [...new Set([codename, 'bookworm', 'trixie', 'testing', 'unstable'])];
  const seen = [];
  for (const suite of generation === 3 ? suites : suites.toReversed()) {
    const apt = await openApt([{ ...base, suite, components: ['main'] }], { allowExpired: true });
    try {
      const offered = await apt.candidate('gobgpd');
      seen.push(`${suite}: ${offered ?? 'none'}`);
      if (!offered?.startsWith(`${generation}.`)) continue;
      if (apt.expired)
        print(
          `the index of ${suite} on this mirror is past its expiry date; its signature is valid, and only the tests use this package`,
        );
      const place = await unpack(apt, { folder: `gobgpd${generation}`, package: 'gobgpd', programs: ['gobgpd'] });
      print(`gobgpd ${offered} of ${suite} unpacked into ${place}`);
      const ready = await gobgpdOf(generation);
      if (ready) return ready;
      throw new StepError(`gobgpd ${offered} of ${suite} does not start here`);
    } finally {
      apt.close();
    }
  }
  throw new StepError(`no suite of this machine's mirror offers GoBGP ${generation} (${seen.join(', ')})`);
}
