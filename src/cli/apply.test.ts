import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import type { ApiRequest } from '../client/transport.ts';
import { Interrupted } from '../runtime/shutdown.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corebgp-apply-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function resourcesOf(request: ApiRequest): readonly { metadata: { name: string } }[] {
  const { body } = request;
  if (typeof body !== 'object' || body === null || !('resources' in body) || !Array.isArray(body.resources)) return [];
  return body.resources;
}

const created = (request: ApiRequest) => ({
  dryRun: false,
  results: resourcesOf(request).map(({ metadata }) => ({
    kind: 'Peer',
    name: metadata.name,
    result: 'created',
    revision: 1,
  })),
  paths: [],
});

const peer = (name: string, more = '') =>
  `kind: Peer\nmetadata:\n  name: ${name}${more}\nspec:\n  address: 2001:db8::1\n  asn: 64512\n`;

test('several files and standard input go into one call, in order', async () => {
  writeFileSync(join(folder, 'a.yaml'), `${peer('a')}---\n${peer('b')}`);
  const { code, out, requests } = await runIn(
    { stdin: peer('c'), answer: created },
    'apply',
    '-f',
    join(folder, 'a.yaml'),
    '-f',
    '-',
  );
  expect(code).toBe(0);
  expect(requests.length).toBe(1);
  expect(out).toBe('peer a created\npeer b created\npeer c created\n');
});

test('big inputs are split below the limits of the API, with nothing lost', async () => {
  const names = Array.from({ length: 1_203 }, (_, index) => `p${index}`);
  const note = `\n  annotations: { note: ${'x'.repeat(300)} }`;
  const stdin = names.map((name) => peer(name, note)).join('---\n');
  const { code, requests } = await runIn({ stdin, answer: created }, 'apply', '-f', '-');
  expect(code).toBe(0);
  expect(requests.flatMap(resourcesOf).map(({ metadata }) => metadata.name)).toEqual(names);
  for (const request of requests) {
    expect(resourcesOf(request).length).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(JSON.stringify(request.body))).toBeLessThanOrEqual(256 * 1024);
  }
});

test('one resource that no call can carry is refused before anything is sent', async () => {
  const stdin = `${peer('a')}---\n${peer('b', `\n  annotations: { note: ${'x'.repeat(300_000)} }`)}`;
  const { code, err, requests } = await runIn({ stdin, answer: created }, 'apply', '-f', '-');
  expect(code).toBe(2);
  expect(err).toContain('standard input, line 8 (document 2)');
  expect(requests).toEqual([]);
});

test('a result that failed names file, line and field; the others are told all the same', async () => {
  const answer = () => ({
    dryRun: false,
    results: [
      {
        kind: 'Peer',
        name: 'a',
        result: 'failed',
        error: { code: 'prefixTaken', detail: 'It is taken.', field: 'spec.asn', reason: 'prefixTaken' },
      },
      { kind: 'Peer', name: 'b', result: 'unchanged' },
    ],
    paths: [],
  });
  const { code, out, err } = await runIn({ stdin: `${peer('a')}---\n${peer('b')}`, answer }, 'apply', '-f', '-');
  expect(code).toBe(4);
  expect(out).toBe('peer b unchanged\n');
  expect(err).toBe(
    'error: peer a (standard input, line 6 (document 1)): It is taken.\n  field: spec.asn\n  reason: prefixTaken\n',
  );
});

test('a dry run prints the path diff of each speaker', async () => {
  const path = (prefix: string, nextHop: string, reason: string) => ({ prefix, nextHop, reason });
  const answer = () => ({
    dryRun: true,
    results: [{ kind: 'Announcement', name: 'shop/web', result: 'changed' }],
    paths: [
      {
        speaker: 'n1',
        announce: [path('203.0.113.10/32', '10.0.1.12', 'healthy')],
        withdraw: [path('2001:db8::10/128', '2001:db8:1::11', 'nextHopRemoved')],
        change: [],
      },
      { speaker: 'n2', announce: [], withdraw: [], change: [] },
    ],
  });
  const { out, requests } = await runIn({ stdin: peer('a'), answer }, 'apply', '-f', '-', '--dry-run');
  expect(requests[0]?.query).toEqual({ dryRun: 'true' });
  expect(out.split('\n')).toEqual([
    'announcement shop/web changed (dry run)',
    'speaker n1',
    '     PREFIX            NEXT HOP        REASON',
    '  +  203.0.113.10/32   10.0.1.12       healthy',
    '  -  2001:db8::10/128  2001:db8:1::11  nextHopRemoved',
    'speaker n2: no path changes',
    '',
  ]);
});

test('a dry run says of what is not decided that it is not, rather than that it is there', async () => {
  const answer = () => ({
    dryRun: true,
    results: [{ kind: 'Announcement', name: 'shop/web', result: 'created' }],
    paths: [
      {
        speaker: 'n1',
        announce: [],
        withdraw: [],
        change: [],
        keep: [{ prefix: '2001:db8::10/128', nextHop: '2001:db8:1::11', reason: 'neverChecked' }],
      },
    ],
  });
  const { out } = await runIn({ stdin: peer('a'), answer }, 'apply', '-f', '-', '--dry-run');
  expect(out.split('\n').slice(3)).toEqual([
    '  ?  2001:db8::10/128  2001:db8:1::11  neverChecked',
    '?: not decided yet; a path that is there stays, one that is not there stays absent',
    '',
  ]);
});

test('a result without kind or name is told without holes', async () => {
  const failed = (kind: string, name: string) => ({
    kind,
    name,
    result: 'failed',
    error: { code: 'invalid', detail: 'It has no kind.' },
  });
  const answer = () => ({ dryRun: false, results: [failed('', 'x'), failed('', '')], paths: [] });
  const { err } = await runIn({ stdin: `${peer('a')}---\n${peer('b')}`, answer }, 'apply', '-f', '-');
  expect(err.split('\n').map((line) => line.split(' (')[0])).toEqual(['error: x', 'error: resource', '']);
});

test('what was applied before the server went away is still told', async () => {
  let calls = 0;
  const answer = (request: ApiRequest) => {
    calls += 1;
    if (calls === 2) throw new Error('gone');
    return created(request);
  };
  const stdin = Array.from({ length: 600 }, (_, index) => peer(`p${index}`)).join('---\n');
  const { code, out, err } = await runIn({ stdin, answer }, 'apply', '-f', '-', '-o', 'json');
  expect(code).toBe(70);
  expect(err).toContain('stopped: 100 of 600 applied, and of the next 100 some may be; apply again to finish\n');
  expect(JSON.parse(out).results.length).toBe(100);
});

test('a file that is not there is told by name', async () => {
  const { code, err } = await runIn({}, 'apply', '-f', join(folder, 'no.yaml'));
  expect(code).toBe(2);
  expect(err).toContain('no.yaml" can\'t be read: ENOENT: no such file or directory');
});

test('how far it has come is shown on a terminal only, and out of the way of results', async () => {
  const stdin = Array.from({ length: 1_203 }, (_, index) => peer(`p${index}`)).join('---\n');
  expect((await runIn({ stdin, answer: created }, 'apply', '-f', '-')).err).toBe('');
  const { err } = await runIn({ stdin, answer: created, terminal: true }, 'apply', '-f', '-');
  const shown = err.split('\r\u001b[K').filter((text) => text !== '');
  expect(shown.length).toBe(13);
  expect(shown[12]).toBe('applied 1,200 of 1,203');
  expect(err.endsWith('\r\u001b[K')).toBe(true);
});

test('Ctrl-C tells what has been applied', async () => {
  const controller = new AbortController();
  const answer = (request: ApiRequest) => {
    if (resourcesOf(request)[0]?.metadata.name !== 'p200') return created(request);
    controller.abort(new Interrupted('SIGINT'));
    throw controller.signal.reason;
  };
  const stdin = Array.from({ length: 250 }, (_, index) => peer(`p${index}`)).join('---\n');
  const { code, out, err } = await runIn({ stdin, answer, signal: controller.signal }, 'apply', '-f', '-');
  expect(code).toBe(130);
  expect(out.trimEnd().split('\n').length).toBe(200);
  expect(err).toBe('stopped: 200 of 250 applied, and of the next 50 some may be; apply again to finish\n');
});

test('a dry run without a server tells nothing of paths, since nothing is known', async () => {
  for (const words of [
    ['apply', '--dry-run'],
    ['diff'],
    ['apply', '--dry-run', '-o', 'json'],
    ['apply', '-o', 'yaml'],
  ]) {
    const { code, out, err } = await runIn({ stdin: peer('a') }, ...words, '-f', '-');
    expect({ code, out }).toEqual({ code: 69, out: '' });
    expect(err).toContain('nobody is there');
  }
});

test('a dry run shows what differs in an object that is there', async () => {
  const change = { field: 'spec.asn', before: 64512, after: 64513 };
  const answer = () => ({
    dryRun: true,
    results: [
      { kind: 'Peer', name: 'a', result: 'changed', changes: [change] },
      { kind: 'Peer', name: 'b', result: 'unchanged' },
    ],
    paths: [],
  });
  const { out } = await runIn({ stdin: `${peer('a')}---\n${peer('b')}`, answer }, 'apply', '-f', '-', '--dry-run');
  expect(out.split('\n').slice(0, 3)).toEqual([
    'peer a changed (dry run)',
    '  ~ spec.asn: 64512 \u2192 64513',
    'peer b unchanged (dry run)',
  ]);
});

describe('a rehearsal of more than one call', () => {
  const project = 'kind: Project\nmetadata: { name: shop }\nspec: { prefixes: [] }\n';
  const answer = (request: ApiRequest) => ({
    ...created(request),
    dryRun: true,
    paths: [
      {
        speaker: 'n1',
        announce: [{ prefix: '2001:db8::/64', nextHop: '2001:db8::1', reason: 'healthy' }],
        withdraw: [],
        change: [],
      },
    ],
  });
  const peers = (count: number) => Array.from({ length: count }, (_, at) => peer(`p${at}`));

  test('has the projects that stand before, counts them once, and keeps the order', async () => {
    const stdin = [peer('first'), project, ...peers(1_100)].join('---\n');
    const { code, out, requests } = await runIn({ stdin, answer }, 'diff', '-f', '-', '-o', 'json');
    expect(code).toBe(1);
    const names = requests.map((request) => resourcesOf(request).map(({ metadata }) => metadata.name));
    expect(names.map(({ length }) => length)).toEqual([500, 500, 104]);
    expect(names.map(([first]) => first)).toEqual(['first', 'shop', 'shop']);
    const whole: { readonly results: readonly { name: string }[]; paths: readonly { announce: unknown[] }[] } =
      JSON.parse(out);
    expect(whole.results.map(({ name }) => name)).toEqual([
      'first',
      'shop',
      ...Array.from({ length: 1_100 }, (_, at) => `p${at}`),
    ]);
    expect(whole.paths.map(({ announce }) => announce.length)).toEqual([1]);
  });

  test('is refused with a sentence when the projects leave no room', async () => {
    const stdin = [...Array.from({ length: 500 }, (_, at) => project.replace('shop', `p${at}`)), ...peers(1)].join(
      '---\n',
    );
    const { code, err, requests } = await runIn({ stdin, answer }, 'diff', '-f', '-');
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(err).toMatch(/line \d+ .*the 500 projects before it leave no room/);
  });
});
