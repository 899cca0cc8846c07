import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leftBehind, makePlaygroundFolder } from './left-behind.ts';

let temporary = '';
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'corebgp-left-'));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** Ends at once, so that its number is nobody's. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

test('a playground that runs leaves nothing behind yet', () => {
  const folder = makePlaygroundFolder(temporary);
  expect(readFileSync(join(folder, 'playground.pid'), 'utf8')).toBe(`${process.pid}\n`);
  expect(leftBehind(temporary)).toEqual([]);
});

test('of one that was killed the folder is told, with those of its daemons that still run', async () => {
  const folder = makePlaygroundFolder(temporary);
  const dead = await endedPid();
  writeFileSync(join(folder, 'playground.pid'), `${dead}\n`);
  const daemon = spawn(process.execPath, ['-e', 'process.stdin.resume()', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  try {
    for (const part of ['gobgpd', 'bird']) mkdirSync(join(folder, part));
    writeFileSync(join(folder, 'gobgpd/gobgpd.json'), JSON.stringify({ pid: daemon.pid, version: 4 }));
    writeFileSync(join(folder, 'bird/bird.pid'), `${process.pid}\n`);
    expect(leftBehind(temporary)).toEqual([{ folder, pids: [daemon.pid] }]);
  } finally {
    daemon.kill('SIGKILL');
    await ended;
  }
  expect(leftBehind(temporary)).toEqual([{ folder, pids: [] }]);
});
