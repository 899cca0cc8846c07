import { describe, expect, test } from 'vitest';
import { fakeShell, runIn, type Script } from '../../test/rig/shell.ts';
import type { ApiRequest } from '../client/transport.ts';
import { commands } from './commands.ts';
import { candidates, listedWords, separator } from './complete.ts';
import { scripts } from './completion.ts';
import { program } from './run.ts';

async function at(script: Script, ...words: readonly string[]) {
  const shell = fakeShell(script);
  const found = await candidates(
    words,
    { rows: commands, build: (row) => program([row], shell, () => {}, [row]) },
    shell,
  );
  return { values: found.map(({ value }) => value), requests: shell.requests, open: shell.open() };
}
const offline = async (...words: readonly string[]) => (await at({}, ...words)).values;

const metadata = (name: string, project?: string) => ({
  ...(project === undefined ? {} : { project }),
  name,
  uid: 'u',
  revision: 1,
  createdAt: 't',
  updatedAt: 't',
});
const answer = ({ endpoint, query }: ApiRequest) => {
  const apiVersion = 'corebgp/v1';
  if (endpoint === 'announcements.all') {
    const spec = { prefixes: ['2001:db8::1/128'], nextHops: [{ address: '2001:db8::2' }] };
    const all = ['shop', 'mail'].map((project) => ({
      apiVersion,
      kind: 'Announcement',
      metadata: metadata('web', project),
      spec,
    }));
    return {
      revision: 1,
      resources: all.filter(({ metadata: { project } }) => [undefined, project].includes(query['project'])),
    };
  }
  const spec = { address: '2001:db8::1', asn: 64512 };
  return { revision: 1, resources: [{ apiVersion, kind: 'Peer', metadata: metadata('rr1'), spec }] };
};

describe('without a server', () => {
  test('verbs are offered, but not those that are hidden', async () => {
    const shown = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
    expect(await offline('')).toEqual([...shown, 'help']);
    expect(await offline('un')).toEqual(['undrain', 'undelete']);
    expect(await offline('help', 'exp')).toEqual(['explain']);
    expect(await offline('--v')).toEqual(['--version']);
    expect(await offline('nonsense', '')).toEqual([]);
  });

  test('flags are offered once a dash was typed, and their words', async () => {
    expect(await offline('get', 'peers', '--o')).toEqual(['--output']);
    expect(await offline('get', 'peers', '-o', '')).toEqual(['table', 'json', 'yaml']);
    expect(await offline('get', 'peers', '--output=j')).toEqual(['--output=json']);
    expect(await offline('get', '--')).toContain('--help');
    expect(await offline('up', '--speaker-as')).toEqual(['--speaker-asn']);
  });

  test('files are left to the shell', async () => {
    expect(await offline('apply', '-f', 'web')).toEqual([':file']);
    expect(await offline('apply', '--file=web')).toEqual([':file']);
    expect(await offline('up', '--config', '')).toEqual([':file']);
  });

  test('kinds are offered whole, and short ones that were begun', async () => {
    expect(await offline('delete', '')).toEqual(['announcements', 'peers', 'projects', 'drains']);
    expect(await offline('get', 'announcement')).toEqual(['announcements']);
    expect(await offline('get', 'ck')).toEqual(['ck']);
    expect(await offline('drain', 'z')).toEqual(['zone']);
    expect(await offline('watch', 'announcements', 'pe')).toEqual(['peers']);
    expect(await offline('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('names are silently none', async () => {
    expect(await offline('get', 'peers', '')).toEqual([]);
    expect(await offline('get', 'peers', '--url', 'nonsense', '')).toEqual([]);
    expect(await offline('get', 'nonsense', '')).toEqual([]);
    expect((await runIn({}, 'complete', `:get${separator}peers${separator}`)).code).toBe(0);
  });
});

describe('with a server', () => {
  test('names are those of the kind, announcements with their project', async () => {
    expect((await at({ answer }, 'get', 'peer', '')).values).toEqual(['rr1']);
    expect((await at({ answer }, 'label', 'ann', 's')).values).toEqual(['shop/web']);
    expect((await at({ answer }, 'explain', '')).values).toEqual(['shop/web', 'mail/web']);
    expect((await at({ answer }, 'drain', 'announcement', '')).values.length).toBe(2);
    expect((await at({ answer }, 'drain', 'next-hop', '')).values).toEqual([]);
  });

  test('a project that was named filters, by flag and by what was typed', async () => {
    const flagged = await at({ answer }, 'get', 'ann', '--project', 'shop', '');
    expect(flagged.values).toEqual(['web']);
    const typed = await at({ answer }, 'get', 'ann', 'mail/');
    expect(typed.values).toEqual(['mail/web']);
    expect(typed.requests[0]?.query).toMatchObject({ project: 'mail' });
    expect(typed.open).toBe(0);
  });
});

const peer = (name: string) => ({
  apiVersion: 'corebgp/v1',
  kind: 'Peer',
  metadata: metadata(name),
  spec: { address: '2001:db8::1', asn: 64512 },
});

test('names come in lines, filtered by what was typed, and not more of them than anybody reads', async () => {
  const peers = Array.from({ length: 1_200 }, (_, at) => peer(`p${at}`));
  const many = () => ({ resources: peers });
  expect((await at({ answer: many }, 'get', 'peer', 'p119')).values).toHaveLength(11);
  const all = await at({ answer: many }, 'get', 'peer', '');
  expect(all.values).toHaveLength(500);
  expect(all.requests.map(({ endpoint }) => endpoint)).toEqual(['peers.all']);
});

test.each(['$(touch$IFS/tmp/x)', '`id`', 'a;b', 'a b', "a'b", 'a&b', 'a>b', '~root', '-rf', 'a\nb', 'a*'])(
  'a server that has an object called %j has nothing to offer',
  async (name) => {
    const hostile = () => ({ resources: [peer(name), peer('ok')] });
    expect((await at({ answer: hostile }, 'get', 'peer', '')).values).toEqual(['ok']);
    const project = (own: string) => ({
      ...peer(own),
      kind: 'Project',
      spec: { prefixes: [{ prefix: '2001:db8::/32' }], nextHops: ['2001:db8::/32'] },
    });
    const projects = () => ({ resources: [project(name), project('ok')] });
    expect((await at({ answer: projects }, 'get', 'ann', '--project', '')).values).toEqual(['ok']);
    expect((await at({ answer: projects }, 'get', 'ann', '--project=')).values).toEqual(['--project=ok']);
  },
);

test('only a list of words is taken for one', () => {
  expect(listedWords('an address, a project/name, or a name', '')).toEqual([]);
  expect(listedWords('only this one; an announcement as project/name', '')).toEqual([]);
  expect(listedWords('what to watch: a-b, c (default: all)', '')).toEqual(['a-b', 'c']);
});

test.each(Object.keys(scripts))('the script for %s is printed', async (name) => {
  const { code, out, err } = await runIn({}, 'completion', name);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('complete ":');
  expect(out).toContain(':file');
});

test('a shell without one is told which have', async () => {
  expect((await runIn({}, 'completion', 'tcsh')).err).toContain('bash, zsh, fish');
});
