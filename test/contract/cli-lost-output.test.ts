/** What becomes of a verb when nobody takes what it prints, or nothing more fits: the work is not left half done. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, type shop, startApi } from '../rig/api.ts';
import { buildProgram, type Program } from '../rig/program.ts';

let program: Program;
let rig: ApiRig;
let folder: string;
beforeAll(async () => {
  program = await buildProgram();
  rig = await startApi();
  folder = mkdtempSync(join(tmpdir(), 'corebgp-lost-'));
}, 60_000);
afterAll(async () => {
  program.remove();
  await rig.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a line of bash in which `corebgp` is the program. @returns the exit codes of its pipe's parts. */
function bash(line: string): Promise<{ readonly codes: readonly number[]; readonly err: string }> {
  const script = `corebgp() { '${process.execPath}' '${program.path}' "$@"; }\n${line}\necho "codes: \${PIPESTATUS[*]}" >&2`;
  const env = { ...process.env, COREBGP_URL: rig.url };
  const child = spawn('bash', ['-c', script], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      const [said = '', codes = ''] = err.split('codes: ');
      resolve({ codes: codes.trim().split(' ').map(Number), err: said });
    });
  });
}

function peers(count: number, lead: string): string {
  const resources = Array.from({ length: count }, (_, at) => ({
    kind: 'Peer',
    metadata: { name: `${lead}-${at}` },
    spec: { address: `2001:db8:${lead}::${at + 1}`, asn: 64512 },
  }));
  const name = join(folder, `${lead}.json`);
  writeFileSync(name, JSON.stringify({ resources }));
  return name;
}

const written = async (lead: string) =>
  (await rig.send('GET', '/v1/peers?limit=500')).body.resources.filter(({ metadata }: typeof shop) =>
    metadata.name.startsWith(`${lead}-`),
  ).length;

test('a reader that goes away does not end an apply between two calls', async () => {
  // Each call is of 100: the reader is gone long before the last.
  expect(await bash(`corebgp apply -f ${peers(220, 'a')} | head -1`)).toEqual({ codes: [0, 0], err: '' });
  expect(await written('a')).toBe(220);
});

test('a reader that goes away does not make a difference unseen', async () => {
  const file = peers(120, 'b');
  expect((await bash(`corebgp diff -f ${file} | head -1`)).codes[0]).toBe(1);
  expect((await bash(`corebgp diff -f ${file} | true`)).codes[0]).toBe(1);
});

test('what only reads ends with its reader, and well', async () => {
  expect((await bash(`corebgp apply -f ${peers(2, 'c')}`)).codes).toEqual([0]);
  expect(await bash('corebgp watch peers --state | head -1')).toEqual({ codes: [0, 0], err: '' });
  expect((await bash('corebgp events -f | head -1')).codes).toEqual([0, 0]);
});

test.runIf(existsSync('/dev/full'))('a full disk does not end an apply either, but it is told', async () => {
  const full = await bash(`corebgp apply -f ${peers(120, 'd')} > /dev/full`);
  expect(full.codes).toEqual([74]);
  expect(full.err).toMatch(/^error: Standard output can't be written: .*ENOSPC.* a change that it makes is made\.\n$/);
  expect(await written('d')).toBe(120);
  expect((await bash('corebgp delete peer d-7 > /dev/full')).codes).toEqual([74]);
  expect(await written('d')).toBe(119);
  const read = await bash('corebgp get peers > /dev/full');
  expect(read.codes).toEqual([74]);
  expect(read.err).toMatch(/ENOSPC[^.]*\.\n$/);
});

test.runIf(existsSync('/dev/full'))('that notes and errors can not be printed changes no exit code', async () => {
  expect((await bash(`corebgp apply -f ${peers(2, 'e')} 2> /dev/full`)).codes).toEqual([0]);
  expect((await bash('corebgp get peers 2> /dev/full')).codes).toEqual([0]);
  expect((await bash('corebgp diff -f e.json 2> /dev/full')).codes).toEqual([0]);
  expect((await bash('corebgp get peers --limit 1 --wrong 2> /dev/full')).codes).toEqual([2]);
  expect((await bash('corebgp get peer gone 2> /dev/full')).codes).toEqual([3]);
});
