/** The command line as it is shipped: bin/corebgp with the bundle, against a real node; what works from the sources may break in a bundle. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { commands } from '../../src/cli/commands.ts';
import { version } from '../../src/runtime/version.ts';
import { eventually } from '../rig/eventually.ts';
import { type NodeProcess, startNodeProcess } from '../rig/node-process.ts';
import { packageRoot } from '../servers/places.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program to its end. */
function type(url: string, words: readonly string[], stdin = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, 'bin/corebgp'), ...words], {
      env: { ...process.env, COREBGP_URL: url },
      stdio: 'pipe',
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
    // Who doesn't read it ends meanwhile.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

const nowhere = 'http://127.0.0.1:1';
const alone = (...words: string[]) => type(nowhere, words);

describe('without a server', () => {
  test.each(commands.map(({ name }) => name))('%s has help', async (name) => {
    for (const words of [
      [name, '--help'],
      ['help', name],
    ]) {
      const { code, out, err } = await alone(...words);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`Usage: corebgp ${name}`);
    }
  });

  test('the version is told as text and as JSON', async () => {
    expect(await alone('version')).toEqual({ code: 0, out: `corebgp ${version}\n`, err: '' });
    expect(JSON.parse((await alone('version', '-o', 'json')).out)).toEqual({ version });
  });

  test('the configuration is printed as table, JSON and YAML', async () => {
    const flags = ['--node-name', 'n7'];
    expect((await alone('config', ...flags)).out).toMatch(/^node\.name +n7 +--node-name$/m);
    const json = await alone('config', ...flags, '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ config: { node: { name: 'n7' } } });
    const yaml = await alone('config', ...flags, '-o', 'yaml');
    expect(yaml).toMatchObject({ code: 0, err: '' });
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out).config);
  });

  test('wrong words, a file that is not there and a server that is not there have their exit codes', async () => {
    expect((await alone()).code).toBe(2);
    expect((await alone('aply')).code).toBe(2);
    expect((await alone('apply', '-f', '/nowhere.yaml')).code).toBe(2);
    expect((await alone('up')).code).toBe(2);
    expect((await alone('get', 'peers')).code).toBe(69);
  });

  test('output that can not be written is told, and is no defect', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const child = spawn(process.execPath, [join(packageRoot, 'bin/corebgp'), 'version'], {
        stdio: ['ignore', full, 'pipe'],
      });
      let err = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        err += chunk.toString();
      });
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect({ code, err }).toEqual({
        code: 74,
        err: expect.stringMatching(/^error: Standard output can't be written: ENOSPC: [^\n]*\n$/),
      });
    } finally {
      closeSync(full);
    }
  });

  test('an error is told as JSON to who asked for JSON', async () => {
    const { code, out, err } = await alone('get', 'peers', '-o', 'json');
    expect({ code, out }).toEqual({ code: 69, out: '' });
    expect(JSON.parse(err)).toMatchObject({ code: 'unavailable', status: 503 });
  });
});

test('no source imports a package dynamically: of a CommonJS one the bundle would have only the default export', () => {
  const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const offenders = sources.filter((file) =>
    /\bimport\(\s*['"`](?!\.|node:)/.test(readFileSync(join(packageRoot, 'src', file), 'utf8')),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(offenders).toEqual([]);
});

describe('with a node', () => {
  let node: NodeProcess;
  beforeAll(async () => {
    node = await startNodeProcess({ generation: 4 });
  }, 60_000);
  afterAll(async () => {
    await node?.close();
  });

  const run = (...words: string[]) => type(node.url, words);
  const resources = `kind: Project
metadata: { name: shop }
spec:
  prefixes: [{ prefix: 203.0.113.0/24 }, { prefix: '2001:db8::/32' }]
  nextHops: [10.0.0.0/8, '2001:db8:1::/48']
---
kind: Announcement
metadata: { project: shop, name: web }
spec:
  prefixes: [203.0.113.10/32]
  nextHops: [{ address: 10.0.1.11 }]
---
kind: Announcement
metadata: { project: shop, name: web6 }
spec:
  prefixes: ['2001:db8::10/128']
  nextHops: [{ address: '2001:db8:1::11' }]
`;

  test('resources are rehearsed, applied, shown, explained, drained and deleted', async () => {
    const rehearsed = await type(node.url, ['apply', '-f', '-', '--dry-run'], resources);
    expect(rehearsed).toMatchObject({ code: 0, err: '' });
    expect(rehearsed.out).toContain('announcement shop/web created (dry run)');
    const applied = await type(node.url, ['apply', '-f', '-'], resources);
    expect(applied).toEqual({
      code: 0,
      out: 'project shop created\nannouncement shop/web created\nannouncement shop/web6 created\n',
      err: '',
    });

    for (const name of ['web', 'web6']) {
      const json = await run('get', 'announcement', `shop/${name}`, '-o', 'json');
      expect(JSON.parse(json.out)).toMatchObject({ kind: 'Announcement', metadata: { name } });
      const yaml = await run('get', 'announcement', `shop/${name}`, '-o', 'yaml');
      expect(yaml).toMatchObject({ code: 0, err: '' });
      expect(parse(yaml.out).spec).toEqual(JSON.parse(json.out).spec);
      const again = await type(node.url, ['apply', '-f', '-', '-o', 'yaml'], yaml.out);
      expect(parse(again.out)).toMatchObject({ results: [{ name: `shop/${name}`, result: 'unchanged' }] });
      const { code, out } = await run('explain', `shop/${name}`);
      expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`shop/${name}: `) });
    }
    expect((await run('get', 'announcements')).out).toMatch(/^shop +web6 +2001:db8::10\/128/m);
    const all = await run('get', 'announcements', '-o', 'yaml');
    expect(parseAllDocuments(all.out).map((document) => document.toJS().metadata.name)).toEqual(['web', 'web6']);
    for (const kind of ['speakers', 'checkers', 'peers', 'projects', 'drains']) {
      for (const format of ['table', 'json', 'yaml'])
        expect(await run('get', kind, '-o', format)).toMatchObject({ code: 0 });
    }
    expect(parse((await run('explain', '203.0.113.10', '-o', 'yaml')).out)).toMatchObject({ announcement: 'shop/web' });

    for (const address of ['10.0.1.11', '2001:db8:1::11']) {
      const drained = await run('drain', 'next-hop', address, '--until', '2h', '--why', 'test', '-o', 'yaml');
      expect(drained).toMatchObject({ code: 0, err: '' });
      expect(parse(drained.out)).toMatchObject({ kind: 'Drain', spec: { target: { nextHop: address }, why: 'test' } });
      expect((await run('get', 'drains')).out).toContain(`next-hop ${address}`);
      expect(await run('undrain', 'next-hop', address)).toMatchObject({ code: 0, err: '' });
      expect((await run('undrain', 'next-hop', address)).code).toBe(3);
    }
    for (const words of [
      ['next-hop', '10.9.9.9'],
      ['zone', 'none'],
      ['announcement', 'shop/none'],
      ['speaker', 'none'],
    ]) {
      const useless = await run('drain', ...words);
      expect(useless).toMatchObject({ code: 0, err: expect.stringMatching(/^warning: nothing /) });
      expect((await run('undrain', ...words)).code).toBe(0);
    }
    for (const words of [
      ['zone', 'default'],
      ['announcement', 'shop/web'],
      ['speaker', 'n1'],
    ]) {
      expect(await run('drain', ...words)).toMatchObject({ code: 0, err: '' });
      expect((await run('undrain', ...words)).code).toBe(0);
    }

    expect((await run('delete', 'project', 'shop')).code).toBe(4);
    for (const name of ['web', 'web6']) {
      expect(await run('delete', 'announcement', `shop/${name}`)).toMatchObject({
        code: 0,
        out: `announcement shop/${name} deleted\n`,
      });
    }
    expect((await run('get', 'announcement', 'shop/web')).code).toBe(3);
  });

  test('what the server refuses has its exit code, and is told as JSON to who asked for JSON', async () => {
    const missing = await run('get', 'announcement', 'shop/none', '-o', 'json');
    expect({ code: missing.code, out: missing.out }).toEqual({ code: 3, out: '' });
    expect(JSON.parse(missing.err)).toMatchObject({ code: 'notFound', status: 404 });
    const wrong = await type(node.url, ['apply', '-f', '-'], 'kind: Peer\nmetadata: { name: p }\nspec: { asn: 1 }\n');
    expect(wrong).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error: peer p \(standard input, /) });
  });

  test('the server tells its version', async () => {
    expect(await run('version', '--server')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`server ${version}`),
    });
  });

  test('watch prints changes until Ctrl-C', async () => {
    const child = spawn(process.execPath, [join(packageRoot, 'bin/corebgp'), 'watch', 'projects', '--state'], {
      env: { ...process.env, COREBGP_URL: node.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      await type(node.url, ['apply', '-f', '-'], resources);
      await eventually(() => expect(said).toContain('projects/shop'), 'the project in the watch', 20_000);
      child.kill('SIGINT');
      expect(await ended).toBe(130);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
