/** What a person does to a playground besides watching it: Ctrl-C at once, reviving a backend by hand, killing what it needs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../rig/eventually.ts';
import { endProcess } from '../rig/node-process.ts';
import { freePort, packageRoot, type TempFolder, tempFolder } from '../servers/places.ts';

let temporary: TempFolder;
const children: ChildProcess[] = [];
beforeEach(() => {
  temporary = tempFolder('play');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  temporary.close();
});

function start(words: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore', group = false) {
  const child = spawn(process.execPath, [join(packageRoot, 'bin/corebgp'), ...words], {
    cwd: packageRoot,
    env: { ...process.env, TMPDIR: temporary.path },
    stdio: [stdin, 'pipe', 'pipe'],
    detached: group,
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, out: () => out, err: () => err };
}

const live = (out: string) => expect(out).toMatch(/127\.0\.0\.12 .*health up/);

describe('a backend that a person starts', () => {
  test('goes on without standard input, says when its port is taken, and ends with Ctrl-C', async () => {
    const words = ['playground-backend', 'backend-1', '127.0.0.11', String(await freePort('127.0.0.11'))];
    const first = start(words);
    await eventually(() => expect(first.out()).toContain('backend-1 answers on'), 'the backend', 20_000);
    const second = start(words);
    expect(await second.ended).toBe(69);
    expect(second.err()).toMatch(
      /^error: backend-1 can't listen on 127\.0\.0\.11:\d+: a process listens there already/,
    );
    expect(first.child.exitCode).toBe(null);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.err()).toBe('');
  });

  test('ends with its parent when a playground starts it', async () => {
    const port = String(await freePort('127.0.0.11'));
    const words = ['playground-backend', 'backend-1', '127.0.0.11', port, '--until-stdin-ends'];
    const backend = start(words, 'pipe');
    await eventually(() => expect(backend.out()).toContain('answers on'), 'the backend', 20_000);
    backend.child.stdin?.end();
    expect(await backend.ended).toBe(0);
  });
});

test.each(['CoreBGP playground', 'backend-1 answers', 'BIRD, the router', 'CoreBGP is up'])(
  'Ctrl-C as soon as it has said "%s" ends it quietly and leaves nothing',
  async (sentence) => {
    const { child, ended, out, err } = start(['playground'], 'ignore', true);
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', () => {
        if (out().includes(sentence)) resolve();
      });
    });
    // A terminal's Ctrl-C is for the whole group.
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    expect({ code: await ended, err: err() }).toEqual({ code: 130, err: '' });
    expect(readdirSync(temporary.path)).toEqual([]);
  },
);

test('its hints work, its log is a file, and BIRD that is killed is what it says has ended', async () => {
  const { ended, out, err } = start(['playground']);
  await eventually(() => live(out()), 'the live view', 40_000);
  const [, birdc = ''] = /^BIRD: +(.*)$/m.exec(out()) ?? [];
  const { stdout } = await promisify(execFile)('sh', ['-c', birdc]);
  expect(stdout).toContain('203.0.113.10/32');
  const [, log = ''] = /^Log: +(.*)$/m.exec(out()) ?? [];
  readFileSync(log, 'utf8');

  const [, killed, first] = /kill -9 (\d+) +# (\S+) dies/.exec(out()) ?? [];
  endProcess(Number(killed));
  await eventually(() => expect(out()).toContain(`${first}, not started here`), 'the end of the backend', 20_000);
  const [, revive = ''] = /bin\/corebgp (playground-backend [^#]*)#/.exec(out()) ?? [];
  start(revive.trim().split(' '));
  const before = out().length;
  await eventually(() => {
    expect(out().slice(before)).toMatch(/127\.0\.0\.11 +health up .* not started here/);
  }, 'the backend that was revived by hand');

  const [folder = ''] = readdirSync(temporary.path);
  endProcess(Number(readFileSync(join(temporary.path, folder, 'bird/bird.pid'), 'utf8')));
  expect(await ended).toBe(69);
  expect(err()).toMatch(/^error: BIRD, the router \(pid \d+\), has ended \(signal SIGKILL\)/m);
  // Neither the picture nor the errors hold log lines.
  expect(out()).not.toContain('"level"');
  expect(readdirSync(temporary.path)).toEqual([]);
});
