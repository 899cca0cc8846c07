/** The supervision of a real gobgpd: it outlives us, is adopted again, and is started again when it dies. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openGobgpSpeaker } from '../../src/speaker/gobgp/speaker.ts';
import { processAt } from '../../src/speaker/process.ts';
import { type SupervisedGobgpd, type SuperviseOptions, superviseGobgpd } from '../../src/speaker/supervise.ts';
import { superviseFiles } from '../../src/speaker/supervise-files.ts';
import { gobgpdOf, gobgpGenerations } from '../servers/gobgpd.ts';
import { freePort, packageRoot, tempFolder } from '../servers/places.ts';

const signal = new AbortController().signal;
const identity = { name: 'node-1', asn: 65_000, routerId: '10.0.0.1', listenPort: -1, listenAddresses: [] };
const path = {
  prefix: '203.0.113.1/32',
  nextHop: '192.0.2.1',
  identifier: 1,
  attributes: { origin: 'igp', asPath: [], communities: [], largeCommunities: [] },
} as const;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function folder(): string {
  const made = tempFolder('supervise');
  cleanUps.push(() => made.close());
  return made.path;
}

async function supervised(options: Partial<SuperviseOptions> & { readonly folder: string }): Promise<SupervisedGobgpd> {
  const tool = gobgpdOf(4);
  const daemon = await superviseGobgpd(
    { binary: tool.path, env: tool.env, clock: systemClock, log: silentLog, random: Math.random, ...options },
    signal,
  );
  cleanUps.push(() => daemon.stop(signal));
  return daemon;
}

function isGobgpdAt(pid: number, api: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1).includes(api);
  } catch {
    // Gone meanwhile.
    return false;
  }
}

function open(url: string) {
  const speaker = openGobgpSpeaker(url, identity);
  cleanUps.push(() => speaker.close());
  return speaker;
}

describe.each(gobgpGenerations)('a supervised gobgpd %s', (generation) => {
  const tool = gobgpdOf(generation);

  it('answers on its unix socket, and is gone after stop', async () => {
    const place = folder();
    const daemon = await supervised({ folder: place, binary: tool.path, env: tool.env });
    expect(daemon.adopted).toBe(false);
    const speaker = open(daemon.url);
    await speaker.start(signal);
    expect(speaker.generation()).toBe(`v${generation}`);
    const pid = daemon.pid();
    expect(JSON.parse(readFileSync(join(place, 'gobgpd.json'), 'utf8'))).toMatchObject({ pid, version: tool.version });
    await daemon.stop(signal);
    expect(processAt(pid ?? 0)).toBeUndefined();
    expect(existsSync(join(place, 'gobgpd.sock'))).toBe(false);
  });

  it('answers where it is told to, over TCP or at another socket, and is found there again', async () => {
    const elsewhere = join(folder(), 'api.sock');
    for (const url of [`gobgp://127.0.0.1:${await freePort()}`, `gobgp+unix://${elsewhere}`]) {
      const place = folder();
      const first = await supervised({ folder: place, binary: tool.path, env: tool.env, url });
      expect(first.url).toBe(url);
      await open(url).start(signal);
      first.release();
      rmSync(join(place, 'gobgpd.json'));
      const second = await supervised({ folder: place, binary: tool.path, env: tool.env, url });
      expect([second.adopted, second.pid()]).toEqual([true, first.pid()]);
    }
  });

  it('is started again after kill -9, at the same address', async () => {
    const deaths: string[] = [];
    const daemon = await supervised({
      folder: folder(),
      binary: tool.path,
      env: tool.env,
      onExit: (how) => deaths.push(how),
    });
    const speaker = open(daemon.url);
    await speaker.start(signal);
    await speaker.apply([{ op: 'announce', path }], signal);
    const first = daemon.pid() ?? 0;
    process.kill(first, 'SIGKILL');
    await until(() => ![undefined, first].includes(daemon.pid()));
    await daemon.ready(signal);
    expect(deaths).toHaveLength(1);
    await until(() => speaker.global(signal).then((global) => global === undefined));
    await speaker.start(signal);
    expect(await speaker.list(signal)).toMatchObject({ own: [] });
  });

  it('lives on with its paths when its supervisor is killed, and is adopted; and its death is noticed then too', async () => {
    const place = folder();
    const script = await supervisorScript();
    const supervisor = spawn(process.execPath, [script, tool.path, place], {
      env: { ...process.env, ...tool.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await new Promise<string>((resolve) =>
      supervisor.stdout.once('data', (data) => resolve(String(data))),
    );
    const { url, pid } = JSON.parse(said);
    const speaker = open(url);
    await speaker.start(signal);
    await speaker.apply([{ op: 'announce', path }], signal);
    const ended = new Promise((resolve) => supervisor.once('exit', resolve));
    supervisor.kill('SIGKILL');
    await ended;

    const daemon = await supervised({ folder: place, binary: tool.path, env: tool.env });
    expect(daemon.adopted).toBe(true);
    expect(daemon.pid()).toBe(pid);
    expect(daemon.url).toBe(url);
    expect((await speaker.list(signal)).own).toEqual([path]);

    process.kill(pid, 'SIGKILL');
    await until(() => ![undefined, pid].includes(daemon.pid()));
    await daemon.ready(signal);
    expect(await open(daemon.url).global(signal)).toBeUndefined();
  });
});

describe('the supervision', () => {
  it('leaves gobgpd running when it is released, and adopts it without its record', async () => {
    const place = folder();
    const first = await supervised({ folder: place });
    const pid = first.pid();
    first.release();
    rmSync(join(place, 'gobgpd.json'));
    const second = await supervised({ folder: place });
    expect(second.adopted).toBe(true);
    expect(second.pid()).toBe(pid);
  });

  it('starts no second one when the record cannot be written, or another supervisor was faster', async () => {
    const place = folder();
    const one = await supervised({ folder: place });
    const two = await supervised({ folder: place });
    const first = one.pid() ?? 0;
    mkdirSync(join(place, 'gobgpd.json.new'));
    process.kill(first, 'SIGKILL');
    // Both have looked several times by then, and the backoff would have let each start more than one.
    await systemClock.sleep(4_000, signal);
    const api = `unix://${superviseFiles(place).socket}`;
    const running = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && isGobgpdAt(Number(entry), api));
    for (const pid of running.slice(1)) process.kill(Number(pid), 'SIGKILL');
    expect(running).toHaveLength(1);
    expect([one.pid(), two.pid()].map(String)).toEqual([running[0], running[0]]);
  });

  it('does not take a client that was given its address for its gobgpd', async () => {
    const place = folder();
    const client = spawn('sleep', ['60'], { argv0: `unix://${superviseFiles(place).socket}`, stdio: 'ignore' });
    cleanUps.push(() => client.kill('SIGKILL'));
    const daemon = await supervised({ folder: place });
    expect(daemon.adopted).toBe(false);
  });

  it('does not take another process with the recorded number for its gobgpd', async () => {
    const place = folder();
    const record = { v: 1, pid: process.pid, startTime: '1', binary: 'x', version: '4', socket: 'y' };
    writeFileSync(join(place, 'gobgpd.json'), JSON.stringify(record));
    const daemon = await supervised({ folder: place });
    expect(daemon.adopted).toBe(false);
    expect(daemon.pid()).not.toBe(process.pid);
  });

  it('says what to install when the binary is missing, and what is wrong when it is not GoBGP', async () => {
    await expect(supervised({ folder: folder(), binary: '/nowhere/gobgpd' })).rejects.toThrow(
      'There is no gobgpd at /nowhere/gobgpd. Install GoBGP (on Debian: apt-get install gobgpd)',
    );
    await expect(supervised({ folder: folder(), binary: process.execPath })).rejects.toThrow('is not GoBGP 3 or 4');
  });

  it('quotes gobgpd when it ends at its start', async () => {
    const place = folder();
    const binary = join(place, 'gobgpd');
    writeFileSync(
      binary,
      '#!/bin/sh\ncase "$1" in --version) echo gobgpd version 4.8.0;; *) echo out of luck; exit 1;; esac\n',
    );
    chmodSync(binary, 0o755);
    await expect(supervised({ folder: place, binary })).rejects.toThrow('gobgpd ended at its start: out of luck');
  });

  it('refuses a folder that it cannot make', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    await expect(supervised({ folder: join(file, 'gobgpd') })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('puts the socket in a short private folder when the path of its own is too long for one', async () => {
    const place = join(folder(), 'x'.repeat(120));
    const files = superviseFiles(place);
    cleanUps.push(() => rmSync(join(files.socket, '..'), { recursive: true, force: true }));
    expect(files.socket.length).toBeLessThan(108);
    const daemon = await supervised({ folder: place });
    expect(await open(daemon.url).global(signal)).toBeUndefined();
  });

  it('refuses when no folder is short enough', () => {
    const place = join(folder(), 'x'.repeat(120));
    const temporary = join(folder(), 'y'.repeat(120));
    mkdirSync(temporary);
    expect(() => superviseFiles(place, temporary)).toThrow('Set data.folder to a shorter path');
  });

  it('takes the place of a socket that nobody serves any more', async () => {
    const place = folder();
    const socket = join(place, 'gobgpd.sock');
    await promisify(execFile)(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]).catch(() => undefined);
    expect(existsSync(socket)).toBe(true);
    const daemon = await supervised({ folder: place });
    expect(await open(daemon.url).global(signal)).toBeUndefined();
  });

  it('ends its attempt when its signal is aborted, and leaves no process', async () => {
    const stop = new AbortController();
    const place = folder();
    const tool = gobgpdOf(4);
    const starting = superviseGobgpd(
      { binary: tool.path, env: tool.env, folder: place, clock: systemClock, log: silentLog, random: Math.random },
      stop.signal,
    );
    stop.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    expect(existsSync(join(place, 'gobgpd.json'))).toBe(false);
  });
});

/** A program that supervises a gobgpd, prints its address and pid, and waits to be killed. */
async function supervisorScript(): Promise<string> {
  const outfile = join(folder(), 'supervisor.mjs');
  await build({
    stdin: {
      contents: `
        import { superviseGobgpd } from './src/speaker/supervise.ts';
        import { systemClock } from './src/runtime/clock.ts';
        const [, , binary, folder] = process.argv;
        const env = process.env.LD_LIBRARY_PATH ? { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH } : {};
        const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
        const signal = new AbortController().signal;
        const daemon = await superviseGobgpd({ binary, env, folder, clock: systemClock, log, random: Math.random }, signal);
        console.log(JSON.stringify({ url: daemon.url, pid: daemon.pid() }));
        setInterval(() => {}, 1000);
      `,
      resolveDir: packageRoot,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const met = await Promise.resolve(condition()).catch(() => false);
    if (met) return;
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
