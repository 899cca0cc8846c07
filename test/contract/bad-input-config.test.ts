/** The bad-input matrix for configuration and machine: what a process says that can't start, in a sentence and not a trace. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open.ts';
import { never } from '../rig/api.ts';
import { buildProgram, type Program } from '../rig/program.ts';

let program: Program;
let folder: string;
beforeAll(async () => {
  program = await buildProgram();
  folder = mkdtempSync(join(tmpdir(), 'corebgp-config-'));
  chmodSync(folder, 0o755);
});
afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true, force: true });
});

const place = (name: string) => join(folder, name);
const file = (name: string, text: string) => {
  writeFileSync(place(name), text);
  return place(name);
};

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the program: `prlimit`, `setpriv`. */
  readonly under?: readonly string[];
}

function corebgp(words: readonly string[], { env = {}, under = [] }: Surroundings = {}) {
  const [first = '', ...rest] = [...under, process.execPath, program.path, ...words];
  const { PATH = '' } = process.env;
  const ended = spawnSync(first, rest, {
    encoding: 'utf8',
    timeout: 20_000,
    cwd: folder,
    env: { PATH, HOME: folder, ...env },
  });
  return { code: ended.status, signal: ended.signal, out: ended.stdout, said: ended.stderr };
}

function expectRefused(ended: ReturnType<typeof corebgp>, code: number, says: RegExp): void {
  expect(ended.said).toMatch(says);
  expect(ended).toMatchObject({ code, signal: null });
  expect(ended.said).not.toMatch(/defect of CoreBGP|\n {4}at /);
}

const api = (...words: string[]) => ['api', '--api-listen', '127.0.0.1:0', '--data-folder', place('data'), ...words];

describe('options', () => {
  test.each([
    [
      'a misspelt key',
      () => api('--config', file('a.yaml', 'node:\n  nmae: a\n')),
      {},
      /node\.nmae \(from .*a\.yaml line 2\).*did you mean node\.name\?/,
    ],
    [
      'a value of the wrong kind',
      () => api('--config', file('b.yaml', 'speaker:\n  asn: many\n')),
      {},
      /speaker\.asn from .*b\.yaml line 2 is "many"; it must be an AS number/,
    ],
    [
      '012 in the file',
      () => api('--config', file('c.yaml', 'speaker:\n  asn: 012\n')),
      {},
      /c\.yaml, line 2, column 8: 012 has a leading zero/,
    ],
    [
      'a file that is no YAML',
      () => api('--config', file('d.yaml', 'node: {\n')),
      {},
      /d\.yaml, line \d+, column \d+: this is not valid YAML/,
    ],
    ['a file that is not there', () => api('--config', place('none.yaml')), {}, /none\.yaml/],
    [
      'a misspelt variable',
      () => api(),
      { COREBGP_NODENAME: 'x' },
      /COREBGP_NODENAME .*did you mean COREBGP_NODE_NAME\?/,
    ],
    [
      'a variable out of range',
      () => api(),
      { COREBGP_CHECKER_TTL: '1s' },
      /checker\.ttl from COREBGP_CHECKER_TTL is "1s"; it must be a duration from 5s/,
    ],
    ['a flag out of range', () => ['api', '--api-listen', '0.0.0.0:80'], {}, /api\.listen from --api-listen.*loopback/],
    [
      'a flag that does not exist',
      () => api('--node-nmae', 'a'),
      {},
      /Unknown option '--node-nmae' \(Did you mean --node-name\?\)/,
    ],
  ] as const)('%s', (_what, words, env, says) => {
    expectRefused(corebgp(words(), { env }), 2, says);
  });
});

const isRoot = process.getuid?.() === 0;
/** As an ordinary user: root may do everything. */
const under = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

describe('the machine', () => {
  test('a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const ended = corebgp(['api', '--api-listen', `127.0.0.1:${port}`, '--data-folder', place('port')]);
      expectRefused(ended, 69, new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}`));
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  test('gobgpd is missing', () => {
    const words = ['up', '--api-listen', '127.0.0.1:0', '--data-folder', place('missing')];
    const speaker = ['--speaker-asn', '64512', '--speaker-router-id', '192.0.2.1', '--speaker-listen-port', '-1'];
    const ended = corebgp([...words, ...speaker, '--speaker-binary', place('no-gobgpd')]);
    expectRefused(ended, 69, /no-gobgpd/);
  });

  test('the data folder is a file', () => {
    expectRefused(
      corebgp(['api', '--api-listen', '127.0.0.1:0', '--data-folder', file('flat', '')]),
      69,
      /flat.*choose another folder/s,
    );
  });

  test('the data folder may not be written', () => {
    mkdirSync(place('locked'), { mode: 0o555 });
    const ended = corebgp(['api', '--api-listen', '127.0.0.1:0', '--data-folder', place('locked/data')], { under });
    expectRefused(ended, 69, /EACCES.*Give this user the right to write there/s);
  });

  test('doctor finds a data folder that it may not even see', () => {
    mkdirSync(place('hidden/inner'), { recursive: true });
    chmodSync(place('hidden'), 0);
    const words = ['doctor', '--url', 'http://127.0.0.1:9', '--data-folder', place('hidden/inner/data')];
    const ended = corebgp(words, { under });
    chmodSync(place('hidden'), 0o700);
    expect(ended.out).toMatch(/^problem {2}data folder: this user can't write in .*hidden/m);
    expect(ended).toMatchObject({ code: 1, said: '' });
  });

  test('another process has the store', async () => {
    const store = await openStore(`embedded://${place('held')}/store`, { clock: systemClock, log: silentLog });
    try {
      const ended = corebgp(['api', '--api-listen', '127.0.0.1:0', '--data-folder', place('held')]);
      expectRefused(ended, 69, new RegExp(`already open in process ${process.pid}\\. .*stop it, or reach the store`));
    } finally {
      await store.close();
    }
  });

  test('the disk is full', () => {
    const disk = place('disk');
    mkdirSync(disk);
    // In a view of the file systems of its own, which an ordinary user may have as well.
    const own = isRoot ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount'];
    const mounted = 'mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@"';
    const ended = corebgp(['api', '--api-listen', '127.0.0.1:0', '--data-folder', join(disk, 'data')], {
      under: [...own, 'sh', '-c', mounted, disk],
    });
    expectRefused(ended, 69, /disk/);
    expect(ended.said, 'this machine lets nobody mount in a namespace of his own').not.toContain('unshare:');
  });

  test.each([
    ['cut short', 20_000],
    ['cut within its first page', 3_000],
    ['cut to a few bytes', 20],
  ])('the store is %s', async (_what, bytes) => {
    const data = place(`damaged-${bytes}`);
    const store = await openStore(`embedded://${data}/store`, { clock: systemClock, log: silentLog });
    for (let n = 0; n < 200; n += 1) {
      await store.commit([], [{ op: 'put', key: `a/${n}`, value: JSON.stringify('x'.repeat(2_000)) }], never);
    }
    await store.close();
    truncateSync(join(data, 'store/store.mdb'), bytes);
    expectRefused(
      corebgp(['api', '--api-listen', '127.0.0.1:0', '--data-folder', data]),
      69,
      /store\.mdb is (damaged.*Restore it from a backup|not a CoreBGP store)/,
    );
  });
});
