/** What becomes of a server whose log can't be written: it goes on, counts what is lost, and ends when it is asked to. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../rig/eventually.ts';
import { startBackend } from '../rig/http-backend.ts';
import { endProcess, gobgpdPid } from '../rig/node-process.ts';
import { buildProgram, type Program } from '../rig/program.ts';
import { gobgpdOf } from '../servers/gobgpd.ts';
import { freePort, tempFolder } from '../servers/places.ts';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
}, 60_000);
afterAll(() => program.remove());

const tool = gobgpdOf(4);

/** `corebgp up` that logs every request to this descriptor. */
async function startUp(folder: string, log: number) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      ...[program.path, 'up', '--node-name', 'n1', '--data-folder', folder, '--api-listen', `127.0.0.1:${port}`],
      ...['--speaker-asn', '64512', '--speaker-router-id', '192.0.2.1', '--speaker-binary', tool.path],
      ...['--speaker-listen-port', String(await freePort()), '--speaker-listen-addresses', '127.0.0.1'],
      ...['--speaker-on-stop', 'stop', '--log-level', 'debug'],
    ],
    { stdio: ['ignore', 'ignore', log], env: { ...process.env, ...tool.env } },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    endProcess(gobgpdPid(folder));
  });
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const ready = async () => expect((await send('GET', '/readyz')).status).toBe(200);
  await eventually(ready, `readiness of ${url}`, 20_000);
  return { child, ended, send };
}
type Up = Awaited<ReturnType<typeof startUp>>;

async function writeOften(up: Up, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    const { status, text } = await up.send('PATCH', '/v1/peers/edge', { metadata: { labels: { turn: `t${turn}` } } });
    expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' });
  }
}

const lost = async (up: Up) =>
  Number(/^corebgp_log_lines_dropped_total (\d+)$/m.exec((await up.send('GET', '/metrics')).text)?.[1]);

const health = async (up: Up) => (await up.send('GET', '/v1/announcements/default/web')).text;

/** A next hop whose state follows: the checker, and what it needs, work. */
async function followsItsBackend(up: Up, address: string, prefix: string): Promise<void> {
  const backend = await startBackend(address);
  const spec = {
    prefixes: [prefix],
    nextHops: [{ address }],
    healthCheck: { type: 'tcp', port: backend.port, interval: '1s', timeout: '500ms', rise: 1, fall: 1 },
  };
  try {
    const project = {
      kind: 'Project',
      metadata: { name: 'default' },
      spec: { prefixes: [{ prefix }], nextHops: [`${address}/${address.includes(':') ? 128 : 32}`] },
    };
    const web = { kind: 'Announcement', metadata: { project: 'default', name: 'web' }, spec };
    const applied = await up.send('POST', '/v1/apply', { resources: [project, web] });
    expect(applied.text).not.toContain('"failed"');
    await eventually(async () => expect(await health(up)).toContain('"health":"up"'), 'the next hop to be up');
  } finally {
    await backend.die();
  }
  await eventually(async () => expect(await health(up)).toContain('"health":"down"'), 'the next hop to be down');
}

const peer = { kind: 'Peer', metadata: { name: 'edge' }, spec: { address: '2001:db8::1', asn: 64_513 } };

test.runIf(existsSync('/dev/full'))(
  'a full log disk costs lines, and nothing else',
  async () => {
    const folder = tempFolder('log-full');
    onTestFinished(() => folder.close());
    const full = openSync('/dev/full', 'w');
    const up = await startUp(folder.path, full);
    closeSync(full);
    expect((await up.send('POST', '/v1/peers', peer)).status).toBe(201);
    await writeOften(up, 20);
    await followsItsBackend(up, '127.0.0.21', '203.0.113.10/32');
    expect(await lost(up)).toBeGreaterThan(20);
    up.child.kill('SIGTERM');
    expect(await up.ended).toBe(0);
  },
  60_000,
);

test('a log reader that stalls costs lines, and the log tells how many once it reads again', async () => {
  const folder = tempFolder('log-stall');
  onTestFinished(() => folder.close());
  const path = join(folder.path, 'log');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR);
  onTestFinished(() => closeSync(reader));
  // Blocking, as a shell opens it.
  const end = openSync(path, 'w');
  const up = await startUp(folder.path, end);
  closeSync(end);
  expect((await up.send('POST', '/v1/peers', peer)).status).toBe(201);
  const filler = `/v1/peers/${'x'.repeat(200)}`;
  await eventually(
    async () => {
      await Promise.all(Array.from({ length: 200 }, () => up.send('GET', filler)));
      expect(await lost(up)).toBeGreaterThan(0);
    },
    'the buffer to be full',
    60_000,
  );
  await writeOften(up, 20);
  await followsItsBackend(up, '::1', '2001:db8:10::1/128');

  const part = Buffer.alloc(65_536);
  let text = '';
  const read = async () => {
    // Nothing there would block: something always comes, for requests are logged.
    await up.send('GET', '/v1/peers');
    text += part.toString('latin1', 0, readSync(reader, part));
    expect(text).toContain('log lines are missing here');
  };
  await eventually(read, 'the line about what is missing', 30_000);
  for (const line of text.split('\n').slice(0, -1)) expect(() => JSON.parse(line), line).not.toThrow();
}, 120_000);

test('a server whose log is stuck ends when it is asked to', async () => {
  const folder = tempFolder('log-stuck');
  onTestFinished(() => folder.close());
  const path = join(folder.path, 'log');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR);
  onTestFinished(() => closeSync(reader));
  const end = openSync(path, 'w');
  const up = await startUp(folder.path, end);
  closeSync(end);
  // More than a pipe holds.
  for (let count = 0; count < 100; count += 1) await up.send('GET', `/v1/peers/${'x'.repeat(4_000)}`);
  up.child.kill('SIGTERM');
  expect(await up.ended).toBe(0);
}, 60_000);
