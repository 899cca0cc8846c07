import { describe, expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import { CoreBgpError, type ErrorCode, errorCodes } from '../model/errors.ts';
import { Interrupted } from '../runtime/shutdown.ts';
import { version } from '../runtime/version.ts';
import { commands } from './commands.ts';

describe('usage', () => {
  test('without a word, or with a wrong one, the exit code is 2 and stdout stays empty', async () => {
    expect(await runIn({})).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Usage: corebgp') });
    expect(await runIn({}, 'aply')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean apply?'),
    });
    expect(await runIn({}, 'get')).toMatchObject({ code: 2, out: '' });
    expect(await runIn({}, 'get', 'peers', 'a', 'b')).toMatchObject({ code: 2, out: '' });
    expect(await runIn({}, 'get', 'peers', '--colour')).toMatchObject({
      code: 2,
      err: expect.stringContaining("'--colour'"),
    });
    expect(await runIn({}, 'get', 'peers', '-o', 'xml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('xml'),
    });
  });

  test.each(commands.map(({ name }) => name))('help of %s has an example', async (name) => {
    for (const words of [
      [name, '--help'],
      ['help', name],
      [name, '-h'],
    ]) {
      const { code, out, err } = await runIn({}, ...words);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('Examples:\n  $ corebgp ');
    }
  });

  // The others serve until they are stopped, or print a script.
  const withoutResults = ['up', 'api', 'checker', 'updater', 'playground', 'playground-backend', 'completion'];
  test.each(commands.map(({ name }) => name).filter((name) => !withoutResults.includes(name)))(
    'what %s answers can be had as JSON',
    async (name) => {
      expect((await runIn({}, name, '--help')).out).toMatch(/-o, --output <format>.*"json"/s);
    },
  );

  test.each([['help'], ['--help'], ['-h']])('help of %s is the help', async (word) => {
    expect(await runIn({}, 'help', word)).toEqual(await runIn({}, '--help'));
  });

  test('the help lists every command', async () => {
    const { code, out } = await runIn({}, '--help');
    expect(code).toBe(0);
    for (const { name, hidden } of commands) {
      expect(new RegExp(`^ {2}${name} `, 'm').test(out)).toBe(hidden !== true);
    }
  });

  test('the version is told by verb and flag', async () => {
    for (const words of [['version'], ['--version'], ['-V']]) {
      expect(await runIn({}, ...words)).toMatchObject({ code: 0, out: `corebgp ${version}\n` });
    }
    expect((await runIn({}, 'version', '-o', 'json')).out).toBe(`{"version":"${version}"}\n`);
  });
});

describe('errors', () => {
  test.each(Object.entries(errorCodes))(
    'of code %s leave stdout empty and have their exit code',
    async (code, { exit }) => {
      const error = new CoreBgpError(code as ErrorCode, 'What is wrong.', { field: 'spec.x', reason: 'notEntitled' });
      const answer = () => {
        throw error;
      };
      const plain = await runIn({ answer }, 'get', 'announcements');
      expect(plain).toMatchObject({ code: exit, out: '', open: 0 });
      expect(plain.err).toBe('error: What is wrong.\n  field: spec.x\n  reason: notEntitled\n');
      const json = await runIn({ answer }, 'get', 'announcements', '-o', 'json');
      expect(JSON.parse(json.err)).toMatchObject({
        code,
        detail: 'What is wrong.',
        field: 'spec.x',
        reason: 'notEntitled',
      });
      expect(json).toMatchObject({ code: exit, out: '' });
    },
  );

  test('that nobody foresaw are internal, and ask to be reported', async () => {
    const answer = () => {
      throw new TypeError('oops');
    };
    const { code, err } = await runIn({ answer }, 'get', 'announcements');
    expect(code).toBe(70);
    expect(err).toContain('oops');
    expect(err).toContain('report');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a verb that %s interrupts ends quietly with %d', async (by, exit) => {
    const controller = new AbortController();
    const answer = () => {
      controller.abort(new Interrupted(by));
      throw controller.signal.reason;
    };
    expect(await runIn({ signal: controller.signal, answer }, 'get', 'peers')).toMatchObject({
      code: exit,
      out: '',
      err: '',
    });
  });
});

describe('the API server', () => {
  const answer = () => ({ revision: 1, resources: [] });

  test('is named by flag, variable or default, in this order', async () => {
    const env = { COREBGP_URL: 'http://[::1]:1', COREBGP_CLIENT_URL: 'http://127.0.0.1:2' };
    const urlOf = async (env: Record<string, string>, ...words: string[]) =>
      (await runIn({ env, answer }, 'get', 'peers', ...words)).urls;
    expect(await urlOf(env, '--url', 'http://127.0.0.1:3')).toEqual(['http://127.0.0.1:3']);
    expect(await urlOf(env)).toEqual(['http://[::1]:1']);
    expect(await urlOf({ COREBGP_CLIENT_URL: 'http://127.0.0.1:2' })).toEqual(['http://127.0.0.1:2']);
    expect(await urlOf({})).toEqual(['http://127.0.0.1:8080']);
  });

  test('must be an http URL, and the error says where the wrong one came from', async () => {
    const { code, err } = await runIn({ env: { COREBGP_URL: 'localhost' }, answer }, 'get', 'peers');
    expect(code).toBe(2);
    expect(err).toContain('COREBGP_URL is "localhost"');
  });

  test('is not the default one when a misspelt variable names another', async () => {
    const elsewhere = { COREBGP_URI: 'http://127.0.0.1:2' };
    const { code, err, urls } = await runIn({ env: elsewhere, answer }, 'get', 'peers');
    expect({ code, urls }).toEqual({ code: 2, urls: [] });
    expect(err).toContain('COREBGP_URI is no variable of CoreBGP; the API server is named by COREBGP_URL');
    const given = await runIn({ env: elsewhere, answer }, 'get', 'peers', '--url', 'http://127.0.0.1:3');
    expect(given.code).toBe(0);
  });
});

describe('roles', () => {
  test('without an identity of the speaker say how to give it', async () => {
    for (const role of ['up', 'updater']) {
      const { code, err } = await runIn({}, role);
      expect(code).toBe(2);
      expect(err).toContain('--speaker-asn 64512');
      expect(err).toContain('COREBGP_SPEAKER_ROUTER_ID=192.0.2.1');
    }
  });

  test('refuse flags that they do not use, files that are not there, and unknown variables', async () => {
    expect((await runIn({}, 'api', '--speaker-asn', '1')).code).toBe(2);
    expect((await runIn({}, 'api', '--config', '/nowhere.yaml')).err).toContain('"/nowhere.yaml"');
    expect((await runIn({ env: { COREBGP_NODE: 'x' } }, 'api')).err).toContain('COREBGP_NODE ');
  });
});

test('the effective configuration is printed with the origin of each value', async () => {
  const { code, out } = await runIn({ env: { COREBGP_NODE_ZONE: 'eu-1a' } }, 'config', '--node-name', 'n1');
  expect(code).toBe(0);
  expect(out).toMatch(/^node\.name +n1 +--node-name$/m);
  expect(out).toMatch(/^node\.zone +eu-1a +COREBGP_NODE_ZONE$/m);
  expect(out).toMatch(/^api\.listen +127\.0\.0\.1:8080 +default$/m);
});
