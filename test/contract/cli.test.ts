/** The command line against a real API server over HTTP: what a person types, what they see, and the exit code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCommandLine } from '../../src/cli/run.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { Interrupted } from '../../src/runtime/shutdown.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { fakeShell } from '../rig/shell.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
});
afterAll(() => rig.close());

interface Typed {
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Sees stdout as it grows. */
  readonly watchOut?: (out: string) => void;
}

/** `corebgp …` in a process of its own, all but the process. */
async function type({ stdin = '', signal = new AbortController().signal, watchOut }: Typed, ...words: string[]) {
  const fake = fakeShell({ stdin, signal, env: { COREBGP_URL: rig.url } });
  const code = await runCommandLine(words, {
    ...fake,
    stdout: {
      ...fake.stdout,
      write: (text) => {
        fake.stdout.write(text);
        watchOut?.(fake.out());
      },
    },
    clock: systemClock,
    connect: async (url, timeoutMs = 10_000) => createHttpTransport({ url, clock: systemClock, timeoutMs }),
  });
  return { code, out: fake.out(), err: fake.err() };
}
const corebgp = (...words: string[]) => type({}, ...words);
const apply = (...resources: readonly object[]) =>
  type({ stdin: resources.map((one) => JSON.stringify(one)).join('\n---\n') }, 'apply', '-f', '-');

const web = announcement('web', ['203.0.113.10/32', '2001:db8::10/128']);
const rr1 = { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '2001:db8:ff::1', asn: 64512 } };

describe('what a person does in a day', () => {
  test('apply creates, says nothing changed the second time, and refuses what is not permitted', async () => {
    expect(await apply(shop, web, rr1)).toEqual({
      code: 0,
      out: 'project shop created\nannouncement shop/web created\npeer rr1 created\n',
      err: '',
    });
    expect((await apply(shop, web, rr1)).out).toBe(
      'project shop unchanged\nannouncement shop/web unchanged\npeer rr1 unchanged\n',
    );
    const taken = await apply(announcement('api', ['203.0.113.10/32']), announcement('dns', ['203.0.113.53/32']));
    expect(taken.code).toBe(4);
    expect(taken.out).toBe('announcement shop/dns created\n');
    expect(taken.err).toContain('belongs to announcement "shop/web"');
    const foreign = await apply(announcement('x', ['198.51.100.1/32']));
    expect(foreign.code).toBe(2);
    expect(foreign.err).toMatch(
      /^error: announcement shop\/x \(standard input, entry|^error: announcement shop\/x \(standard input/,
    );
    expect(foreign.err).toContain('field: spec.prefixes[0]');
  });

  test('a misspelt field is told by line, with the right one', async () => {
    const stdin = 'kind: Peer\nmetadata: { name: rr2 }\nspec:\n  address: 192.0.2.1\n  asn: 64512\n  pasive: true\n';
    const { code, err } = await type({ stdin }, 'apply', '-f', '-');
    expect(code).toBe(2);
    expect(err).toContain('line 6');
    expect(err).toContain('passive');
  });

  test('a dry run changes nothing', async () => {
    const stdin = JSON.stringify(announcement('dry', ['203.0.113.99/32']));
    const { code, out } = await type({ stdin }, 'apply', '-f', '-', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('announcement shop/dry created (dry run)');
    expect((await corebgp('get', 'announcement', 'shop/dry')).code).toBe(3);
  });

  test('get shows tables', async () => {
    const { out } = await corebgp('get', 'announcements');
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head?.split(/\s{2,}/)).toEqual([
      'PROJECT',
      'NAME',
      'PREFIXES',
      'STATE',
      'HEALTHY',
      'PATHS',
      'REASON',
      'AGE',
    ]);
    expect(rows.map((row) => row.split(/\s{2,}/).slice(0, 4))).toEqual([
      ['shop', 'dns', '203.0.113.53/32', 'pending'],
      ['shop', 'web', '203.0.113.10/32,2001:db8::10/128', 'pending'],
    ]);
    expect((await corebgp('get', 'peers')).out).toMatch(/^rr1 +2001:db8:ff::1 +64512/m);
    expect((await corebgp('get', 'projects')).out).toMatch(/^shop +203\.0\.113\.0\/24,2001:db8::\/32/m);
    expect(await corebgp('get', 'speakers')).toEqual({ code: 0, out: '', err: 'no speakers\n' });
    expect((await corebgp('get', 'announcements', '--project', 'other')).err).toBe('no announcements\n');
    expect((await corebgp('get', 'announcements', '--labels', 'team=edge')).err).toBe('no announcements\n');
  });

  test('get, edit, apply goes round; a change in between makes it a conflict', async () => {
    const { out } = await corebgp('get', 'announcement', 'shop/web', '-o', 'yaml');
    const edited = out.replace('10.0.1.1', '10.0.1.7');
    expect(await type({ stdin: edited }, 'apply', '-f', '-')).toMatchObject({
      code: 0,
      out: 'announcement shop/web changed\n',
    });
    const late = await type({ stdin: out }, 'apply', '-f', '-');
    expect(late.code).toBe(4);
    expect((await corebgp('get', 'ann', 'web', '--project', 'shop', '-o', 'json')).out).toContain('10.0.1.7');
  });

  test('lists go round too, as JSON and as YAML', async () => {
    const json = (await corebgp('get', 'announcements', '-o', 'json')).out;
    expect((await type({ stdin: json }, 'apply', '-f', '-')).out).toMatch(/dns unchanged\n.*web unchanged\n$/);
    const yaml = (await corebgp('get', 'announcements', '-o', 'yaml')).out;
    expect(parseAllDocuments(yaml).length).toBe(2);
    expect((await type({ stdin: yaml }, 'apply', '-f', '-')).code).toBe(0);
  });

  test('explain answers by name, by prefix and by next hop', async () => {
    for (const subject of ['shop/web', '203.0.113.10', '2001:db8::10', '2001:db8::10/128', '10.0.1.7']) {
      const { code, out } = await corebgp('explain', subject);
      expect(code).toBe(0);
      expect(out).toMatch(/^shop\/web: pending\nSTEP +SUBJECT +REASON +MEANING\n/);
    }
    expect((await corebgp('explain', '192.0.2.200')).out).toContain('no announcement has a prefix with 192.0.2.200');
    expect((await corebgp('explain', 'shop/none')).code).toBe(3);
  });

  test('drain and undrain by the same words', async () => {
    for (const [what, which, isKnown] of [
      ['next-hop', '10.0.1.7', true],
      ['next-hop', '2001:db8:1::1', true],
      ['announcement', 'shop/web', true],
      ['zone', 'eu-1a', false],
      ['speaker', 'n1', false],
    ] as const) {
      const drained = await corebgp('drain', what, which, '--why', 'a test', '--until', '2h');
      const warning = `warning: nothing that is known now matches ${what} ${which}; is it written correctly?\n`;
      expect(drained).toMatchObject({ code: 0, err: isKnown ? '' : warning });
      expect((await corebgp('get', 'drains')).out).toContain(`${what} ${which}`);
      expect((await corebgp('undrain', what, which)).out).toMatch(/^drain \S+ deleted\n$/);
      expect((await corebgp('undrain', what, which)).code).toBe(3);
    }
    const bad = await corebgp('drain', 'zone', 'z', '--until', 'tomorrow');
    expect(bad.code).toBe(2);
    expect(bad.err).toContain('until');
  });

  test('delete takes one object by name, and an unknown one is an error', async () => {
    expect(await corebgp('delete', 'peer', 'rr1')).toEqual({ code: 0, out: 'peer rr1 deleted\n', err: '' });
    expect((await corebgp('delete', 'announcement', 'shop/dns')).out).toBe('announcement shop/dns deleted\n');
    expect((await corebgp('delete', 'announcement', 'shop/dns')).code).toBe(3);
    const json = await corebgp('delete', 'peer', 'rr1', '-o', 'json');
    expect(JSON.parse(json.err)).toMatchObject({ status: 404, code: 'notFound' });
  });
});

test('watch prints a change while it happens, and ends with Ctrl-C', async () => {
  const controller = new AbortController();
  const stop = () => controller.abort(new Interrupted('SIGINT'));
  let done = false;
  const watching = type(
    {
      signal: controller.signal,
      watchOut: (out) => {
        if (/added +peers\/late/.test(out)) stop();
      },
    },
    ...['watch', 'peers'],
  ).finally(() => {
    done = true;
  });
  // It shows only what comes after it has synced, which it doesn't tell: change until it has seen one.
  while (!done) {
    await apply({ ...rr1, metadata: { name: 'late' } });
    await corebgp('delete', 'peer', 'late');
  }
  expect(await watching).toMatchObject({ code: 130, err: '' });
});

test('six hundred objects from one file all arrive', async () => {
  const many = Array.from({ length: 600 }, (_, index) =>
    announcement(`many-${index}`, [`2001:db8:7::${(index + 1).toString(16)}/128`], {
      attributes: { communities: Array.from({ length: 12 }, (_, low) => `64512:${low}`) },
    }),
  );
  const { code, out } = await apply(shop, ...many);
  expect(code).toBe(0);
  expect(out.match(/^announcement .* created\n/gm)?.length).toBe(600);
  const listed: { resources: { metadata: { name: string } }[] } = JSON.parse(
    (await corebgp('get', 'ann', '-o', 'json')).out,
  );
  expect(listed.resources.filter(({ metadata }) => metadata.name.startsWith('many-')).length).toBe(600);
});

test('the versions of both sides', async () => {
  expect((await corebgp('version', '--server')).out).toMatch(/^corebgp \S+\nserver 0\.0\.0\n$/);
});

test('a server that is not there is told with what to do, and exit code 69', async () => {
  const { code, err } = await corebgp('get', 'announcements', '--url', 'http://127.0.0.1:9');
  expect(code).toBe(69);
  expect(err).toContain('http://127.0.0.1:9');
  expect(err).toContain('corebgp up');
});
