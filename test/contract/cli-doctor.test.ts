/** doctor where nothing runs, where something else does, and where a node does. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor-findings.ts';
import { announcement, shop, startApi } from '../rig/api.ts';
import { typing } from '../rig/typed.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-doctor-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function examine(url: string, ...words: string[]) {
  const listen = url.replace('http://', '');
  const { code, out, err } = await typing(url)({}, 'doctor', '-o', 'json', '--api-listen', listen, ...words);
  expect(err).toBe('');
  const { findings }: { findings: Finding[] } = JSON.parse(out);
  const about = (name: string) => findings.filter((one) => one.about === name);
  return { code, findings, about };
}

test('where nothing runs, what is missing is told, and the rest all the same', async () => {
  const { code, about } = await examine('http://127.0.0.1:9', '--data-folder', tempFolder());
  expect(code).toBe(1);
  expect(about('API server')).toMatchObject([{ level: 'problem', fix: expect.stringContaining('corebgp up') }]);
  expect(about('data folder')).toMatchObject([{ level: 'ok' }]);
  expect(about('Node.js').length).toBe(1);
  expect(about('configuration')[1]?.message).toContain('speaker.asn is missing');
});

test('a bad configuration is told option by option; a gobgpd that is not there is told', async () => {
  const file = join(tempFolder(), 'corebgp.yaml');
  writeFileSync(file, 'node: { zoone: eu }\nlog: { level: loud }\n');
  const { code, about } = await examine('http://127.0.0.1:9', '--config', file);
  expect(code).toBe(1);
  const wrong = about('configuration').filter(({ level }) => level === 'problem');
  expect(wrong.map(({ message }) => message.split(' ')[0])).toEqual(['node.zoone', 'log.level']);
  const gone = await examine('http://127.0.0.1:9', '--speaker-supervise', 'false', '--speaker-url', 'gobgp://[::1]:9');
  expect(gone.about('gobgpd')).toMatchObject([{ level: 'problem', message: expect.stringContaining('ECONNREFUSED') }]);
  const missing = await examine('http://127.0.0.1:9', '--config', '/nowhere.yaml');
  expect(missing.about('configuration')).toMatchObject([{ message: expect.stringContaining('/nowhere.yaml') }]);
});

test.each([
  ['below a file', '/etc/passwd/x', 'is no folder'],
  ['of a name too long', `/tmp/${'x'.repeat(300)}`, 'ENAMETOOLONG'],
])('a data folder %s is a finding', async (_, folder, says) => {
  const { code, about } = await examine('http://127.0.0.1:9', '--data-folder', folder);
  expect(code).toBe(1);
  expect(about('data folder')).toMatchObject([{ level: 'problem', message: expect.stringContaining(says) }]);
});

test('what a wrong option would have told is not looked at elsewhere; the rest is', async () => {
  const folder = tempFolder();
  const file = join(folder, 'corebgp.yaml');
  writeFileSync(file, `data: { folder: ${folder} }\nspeaker: { listenPort: many }\n`);
  const one = await examine('http://127.0.0.1:9', '--config', file);
  expect(one.about('data folder')).toMatchObject([{ level: 'ok', message: expect.stringContaining(folder) }]);
  expect(one.about('gobgpd')).toMatchObject([{ level: 'warning', message: expect.stringContaining('not looked at') }]);
  writeFileSync(file, 'data: { foldr: /x }\n');
  const other = await examine('http://127.0.0.1:9', '--config', file);
  expect(other.about('data folder')).toMatchObject([{ level: 'warning' }]);
  expect(other.about('API address')).toMatchObject([{ level: 'ok' }]);
  writeFileSync(file, 'data: {{{\n');
  const none = await examine('http://127.0.0.1:9', '--config', file, '--data-folder', folder);
  expect(none.about('configuration')).toHaveLength(1);
  expect(none.about('data folder')).toMatchObject([{ level: 'ok', message: expect.stringContaining(folder) }]);
  expect(none.about('gobgpd')).toMatchObject([{ level: 'warning' }]);
  expect(none.about('API address')).toMatchObject([{ level: 'ok' }]);
});

test.each(['127.0.0.1', '::1'])(
  'a BGP port of %s that another daemon has is told, unless it is our gobgpd',
  async (address) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, address, resolve));
    cleanUps.push(() => new Promise((resolve) => other.close(resolve)));
    const bound = other.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const folder = tempFolder();
    const look = async () => {
      const flags = ['--speaker-listen-port', String(port), '--speaker-listen-addresses', address];
      const { about } = await examine('http://127.0.0.1:9', '--data-folder', folder, ...flags);
      return about('BGP port');
    };
    expect(await look()).toMatchObject([
      { level: 'problem', message: expect.stringContaining(`port ${port} of ${address}`) },
    ]);
    // What has "gobgpd" in its command line stands for it.
    const own = spawn('sh', ['-c', 'sleep 60', 'gobgpd']);
    cleanUps.push(() => own.kill());
    mkdirSync(join(folder, 'gobgpd'));
    writeFileSync(join(folder, 'gobgpd/gobgpd.json'), JSON.stringify({ pid: own.pid }));
    expect(await look()).toEqual([]);
    writeFileSync(join(folder, 'gobgpd/gobgpd.json'), JSON.stringify({ pid: process.pid }));
    expect(await look()).toMatchObject([{ level: 'problem' }]);
  },
);

test('something else at the address is no API server', async () => {
  const other = createServer((_, response) => response.end('{"hello":"world"}'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => other.close(resolve)));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, about } = await examine(`http://127.0.0.1:${port}`, '--data-folder', tempFolder());
  expect(code).toBe(1);
  expect(about('API address')).toMatchObject([{ level: 'problem', message: expect.stringContaining('not CoreBGP') }]);
  expect(about('API server')[0]?.message).toContain("is not what CoreBGP's API answers");
});

test('a server that is well, without speakers and checkers, and its store by the process that has it open', async () => {
  const rig = await startApi();
  cleanUps.push(() => rig.close());
  const healthCheck = { type: 'tcp', port: 80 };
  const body = { resources: [shop, announcement('web', ['203.0.113.10/32', '2001:db8::10/128'], { healthCheck })] };
  expect((await rig.send('POST', '/v1/apply', body)).status).toBe(200);
  const { code, about } = await examine(rig.url, '--data-folder', tempFolder());
  expect(code).toBe(1);
  expect(about('API address')).toMatchObject([{ level: 'ok' }]);
  expect(about('API server')).toMatchObject([{ level: 'ok' }]);
  expect(about('version')).toMatchObject([{ level: 'warning' }]);
  expect(about('speakers')).toMatchObject([{ level: 'problem' }]);
  expect(about('checkers')).toMatchObject([{ level: 'problem' }]);
  expect(about('announcements')).toMatchObject([{ level: 'warning', message: expect.stringContaining('1 of 1 is') }]);
  expect(about('stored records')).toMatchObject([{ level: 'ok' }]);
});
