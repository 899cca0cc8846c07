/**
 * Every command that README, docs/*.md and each verb's --help show is run against a real node with gobgpd, BIRD as its
 * router and two backends, in the order of the page, and must end as the page says.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { resolveConfig } from '../../src/config/load.ts';
import { type RunningNode, startNode } from '../../src/node/start-node.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { systemRandom } from '../../src/runtime/random.ts';
import { never } from '../rig/api.ts';
import { commandsOf, type DocumentedStep, documentedSteps } from '../rig/documented-commands.ts';
import { helpPrelude, helpWorld } from '../rig/documented-helps.ts';
import { type HttpBackend, startBackend } from '../rig/http-backend.ts';
import { nudgeUntil } from '../rig/nudges.ts';
import { type BirdServer, startBird } from '../servers/bird.ts';
import { gobgpdOf } from '../servers/gobgpd.ts';
import { freePort, packageRoot, tempFolder } from '../servers/places.ts';

/** Shown, but not run here: each with its reason. Every row must match something. */
const notRun: readonly (readonly [RegExp, string])[] = [
  [/^EDITOR="code --wait" /, 'needs that editor; edit is run with another one'],
  [
    /^(bin\/)?corebgp (up|api|checker|updater)( |$)/,
    'a service that runs until it is stopped; every other example has one',
  ],
  [
    /^(bin\/)?corebgp playground( |$)/,
    'needs a terminal of its own, or is the whole end-to-end test of the playground',
  ],
];
/** These go on until Ctrl-C, which comes once they have printed something; then they end with 130 (curl by the signal itself). */
const endless = /^(bin\/)?corebgp (watch\b(?!.*--help)|events\b.* -f\b)|^curl -N/;
const printsWithinMs = 30_000;
/** So that only the program itself gets Ctrl-C, and what it prints is seen before a pipe's next part has it. */
const followed = `exec bash -c 'echo $$ > .pid; exec "$@" > >(tee .seen)' bash `;
/** That the examples call, and the packages of Debian that have them. */
const needed = { jq: 'jq', curl: 'curl', script: 'bsdutils' };
/** These want a terminal: `script` gives them one. */
const onTerminal = /^(bin\/)?corebgp edit (?!--help)/;

const root = tempFolder('docs');
/** Each page has a folder of its own, with `corebgp` in it and on the path. */
/** The program, built of the sources as they are. */
const built = join(packageRoot, '.cache', `docs-${randomUUID()}`);
let backends: readonly HttpBackend[] = [];
let bird: BirdServer | undefined;
let node: RunningNode | undefined;
/** What the pages say of the network, and what stands for it here. */
let standIns: readonly (readonly [string, string])[] = [];

beforeAll(async () => {
  const missing = Object.entries(needed).filter(([name]) => spawnSync(name, ['--version']).error !== undefined);
  if (missing.length > 0) {
    const packages = missing.map(([, debian]) => debian).join(' ');
    throw new Error(
      `The examples call ${missing.map(([name]) => name).join(', ')}: install what is missing (Debian: apt-get install ${packages}).`,
    );
  }
  await build({
    absWorkingDir: packageRoot,
    entryPoints: ['src/bin.ts'],
    outdir: built,
    bundle: true,
    splitting: true,
    external: ['lmdb'],
    // Some bundled CommonJS dependencies call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  const bin = join(root.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'corebgp'), `#!/bin/sh\nexec '${process.execPath}' '${join(built, 'bin.mjs')}' "$@"\n`);
  chmodSync(join(bin, 'corebgp'), 0o755);
  const checked = await freePort('127.0.0.11');
  backends = [await startBackend('127.0.0.11', checked), await startBackend('127.0.0.12', checked)];
  const [speakerPort, birdPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.2')];
  bird = await startBird({
    asn: 64_512,
    listenPort: birdPort,
    neighbors: [{ name: 'corebgp', address: '127.0.0.1', port: speakerPort, asn: 64_512 }],
  });
  const tool = gobgpdOf(4);
  const { config } = resolveConfig({
    env: {},
    flags: {
      'node.name': 'edge1',
      'data.folder': join(root.path, 'data'),
      'api.listen': '127.0.0.1:0',
      'speaker.asn': '64512',
      'speaker.routerId': '192.0.2.1',
      'speaker.listenPort': String(speakerPort),
      'speaker.listenAddresses': '127.0.0.1',
      'speaker.binary': tool.path,
      'speaker.onStop': 'stop',
    },
    machine: { hostname: 'edge1', home: root.path, root: false, stateHome: undefined, workingFolder: root.path },
  });
  node = await startNode({ config, clock: systemClock, log: silentLog, random: systemRandom }, never);
  standIns = [
    ['http://127.0.0.1:8080', node.url],
    ['address: 192.0.2.254, asn: 64512', `address: 127.0.0.2, asn: 64512, port: ${birdPort}, multihop: 2`],
    ['10.0.0.0/8', '127.0.0.0/8'],
    ['10.0.1.', '127.0.0.'],
    ['port: 8080', `port: ${checked}`],
    ['/etc/corebgp/', './'],
  ];
}, 90_000);

afterAll(async () => {
  await node?.close();
  await bird?.close();
  for (const backend of backends) await backend.die();
  rmSync(built, { recursive: true, force: true });
  root.close();
});

const here = (text: string) => standIns.reduce((now, [said, real]) => now.replaceAll(said, real), text);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function run(command: string, folder: string): Promise<Ended> {
  const env = {
    ...process.env,
    PATH: `${join(root.path, 'bin')}:${process.env['PATH']}`,
    COREBGP_URL: node?.url,
    COREBGP_DATA_FOLDER: join(root.path, 'data'),
    HOME: folder,
    XDG_STATE_HOME: undefined,
    EDITOR: 'true',
    VISUAL: undefined,
  };
  const isEndless = endless.test(command);
  const line = onTerminal.test(command)
    ? `script -qec '${here(command)}' /dev/null`
    : `${isEndless ? followed : ''}${here(command)}`;
  const child = spawn('bash', ['-c', `set -o pipefail\n${line}`], { cwd: folder, env, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let over = false;
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      over = true;
      resolve({ code, output });
    });
  });
  child.stdin.end();
  if (isEndless) {
    const seen = join(folder, '.seen');
    await nudgeUntil(node?.url ?? '', () => over || sizeOf(seen) > 0, printsWithinMs);
    const size = sizeOf(seen);
    if (!over) process.kill(Number(readFileSync(join(folder, '.pid'), 'utf8')), 'SIGINT');
    await ended;
    for (const name of ['.seen', '.pid']) rmSync(join(folder, name), { force: true });
    expect(size, `${command} has printed nothing but:\n${output}`).toBeGreaterThan(0);
  }
  return await ended;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Runs the steps one after the other. @returns how many commands were run. */
async function runAll(page: string, steps: readonly DocumentedStep[], folder: string): Promise<number> {
  let count = 0;
  for (const step of steps) {
    if (step.type === 'file') {
      writeFileSync(join(folder, step.name), here(step.text));
      continue;
    }
    const { command, line } = step;
    if (notRun.some(([pattern]) => pattern.test(command))) continue;
    const wanted = endless.test(command) ? (command.startsWith('curl') ? [130, null] : [130]) : [step.exitCode];
    const { code, output } = await run(command, folder);
    expect(wanted, `${page}:${line}: ${command}\nended with ${code}:\n${output}`).toContain(code);
    expect(output, `${page}:${line}: ${command}`).not.toContain('This is a defect of CoreBGP');
    const [, problem] = /"type":"urn:corebgp:error:\w+","title":"[^"]*","status":(\d+)/.exec(output) ?? [];
    if (command.startsWith('curl')) expect(problem, `${page}:${line}: ${command}\n${output}`).toBe(step.answered);
    count += 1;
  }
  return count;
}

function ownFolder(): string {
  const folder = mkdtempSync(join(root.path, 'page-'));
  const places = ['bin', '.zfunc', '.config/fish/completions', '.local/share/bash-completion/completions'];
  for (const own of places) mkdirSync(join(folder, own), { recursive: true });
  writeFileSync(join(folder, 'bin/corebgp'), '#!/bin/sh\nexec corebgp "$@"\n');
  chmodSync(join(folder, 'bin/corebgp'), 0o755);
  return folder;
}

/** Nothing declared: each page begins with nothing. */
async function empty(): Promise<void> {
  for (const collection of ['announcements', 'drains', 'peers', 'projects']) {
    const listed: unknown = await (await fetch(`${node?.url}/v1/${collection}`)).json();
    for (const name of namesOf(listed)) {
      expect((await fetch(`${node?.url}/v1/${collection}/${name}`, { method: 'DELETE' })).status).toBe(200);
    }
  }
}

function namesOf(listed: unknown): readonly string[] {
  const list = Object(listed).resources;
  if (!Array.isArray(list)) throw new Error(`no list: ${JSON.stringify(listed)}`);
  return list.map(({ metadata: { name, project } }) => (project === undefined ? name : `${project}/${name}`));
}

const pages = [
  'README.md',
  ...readdirSync(join(packageRoot, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (page: string) => readFileSync(join(packageRoot, page), 'utf8');

describe('pages', () => {
  test.each(pages)(
    'the commands of %s end as it says',
    async (page) => {
      await empty();
      const folder = ownFolder();
      try {
        const steps = documentedSteps(textOf(page));
        const count = await runAll(page, steps, folder);
        expect(count).toBeGreaterThanOrEqual(steps.some(({ type }) => type === 'command') ? 1 : 0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    240_000,
  );
});

describe('helps', () => {
  test.each(commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name))(
    'the examples of "corebgp %s --help" work',
    async (verb) => {
      await empty();
      const folder = ownFolder();
      try {
        for (const [name, text] of Object.entries(helpWorld)) writeFileSync(join(folder, name), here(text));
        for (const command of [
          'corebgp apply -f project.yaml -f web.yaml -f peer.yaml',
          ...(helpPrelude[verb] ?? []),
        ]) {
          const { code, output } = await run(command, folder);
          expect(code, `${command}\n${output}`).toBe(0);
        }
        const { code, output } = await run(`corebgp ${verb} --help`, folder);
        expect(code).toBe(0);
        const shown = output.split('\nExamples:\n')[1]?.trimEnd().split('\n') ?? [];
        const lines = shown.map((line) => line.replace(/^ {2}\$ /, ''));
        expect(commandsOf(lines, 1).length, output).toBeGreaterThan(0);
        await runAll(`corebgp ${verb} --help`, commandsOf(lines, 1), folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    240_000,
  );
});

test('what is not run is shown somewhere', () => {
  // The reference repeats the examples of every help.
  const shown = [...pages, 'docs/reference/cli.md'].flatMap((page) =>
    documentedSteps(textOf(page)).flatMap((step) => (step.type === 'command' ? [step.command] : [])),
  );
  for (const [pattern, why] of notRun) {
    expect(
      shown.some((command) => pattern.test(command)),
      `${pattern} (${why})`,
    ).toBe(true);
  }
});
