import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { runIn, type Script } from '../../test/rig/shell.ts';
import type { ApiRequest } from '../client/transport.ts';
import { CoreBgpError } from '../model/errors.ts';
import { Interrupted } from '../runtime/shutdown.ts';

const stored = {
  apiVersion: 'corebgp/v1',
  kind: 'Announcement',
  metadata: { project: 'shop', name: 'web', uid: 'u', revision: 7, createdAt: 't', updatedAt: 't' },
  spec: { prefixes: ['203.0.113.10/32', '2001:db8::10/128'], nextHops: [{ address: '10.0.1.11' }] },
  status: { state: 'pending', nextHops: [], speakers: [] },
};

type Turn = (text: string) => string;

/** Each turn of the editor makes one text of another; what it was shown is kept. */
async function editing(
  turns: readonly Turn[],
  results: readonly (object | Error)[],
  { words = [], ...more }: Partial<Script> & { readonly words?: readonly string[] } = {},
) {
  const seen: string[] = [];
  let file = '';
  let calls = 0;
  const editor = async (_line: string, name: string) => {
    file = name;
    const text = readFileSync(name, 'utf8');
    const turn = turns[seen.length];
    seen.push(text);
    if (turn !== undefined) writeFileSync(name, turn(text));
    return 0;
  };
  const answer = ({ endpoint }: ApiRequest) => {
    if (endpoint === 'announcements.get') return stored;
    const result = results[calls];
    calls += 1;
    if (result instanceof Error) throw result;
    return { dryRun: false, results: [{ kind: 'Announcement', name: 'shop/web', ...result }], paths: [] };
  };
  const ended = await runIn(
    { terminal: true, env: { NO_COLOR: '1' }, editor, answer, ...more },
    'edit',
    'ann',
    'shop/web',
    ...words,
  );
  const left = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (left !== undefined) rmSync(dirname(file), { recursive: true });
  return { ...ended, seen, file, left, applied: ended.requests.filter(({ endpoint }) => endpoint === 'apply') };
}

const better: Turn = (text) => text.replace('10.0.1.11', '10.0.1.12');
const refused = {
  result: 'failed',
  error: { code: 'invalid', detail: 'No good address.', field: 'spec.nextHops[0].address' },
};

test('what was edited is applied at the revision that was seen', async () => {
  const { code, out, err, seen, applied, left } = await editing([better], [{ result: 'changed', revision: 8 }]);
  expect({ code, out, err }).toEqual({ code: 0, out: 'announcement shop/web changed\n', err: '' });
  expect(seen[0]).toMatch(/^# announcement shop\/web at revision 7\.\n/);
  expect(seen[0]).not.toContain('status');
  expect(applied).toMatchObject([
    {
      body: {
        resources: [
          { metadata: { project: 'shop', name: 'web', revision: 7 }, spec: { nextHops: [{ address: '10.0.1.12' }] } },
        ],
      },
    },
  ]);
  expect(left).toBeUndefined();
});

test.each([
  ['unchanged', (text: string) => text],
  ['emptied', () => ''],
  ['without its comment', (text: string) => text.replace(/^#.*\n/gm, '')],
])('nothing is written when the text is %s', async (_, turn) => {
  const { code, out, applied, left } = await editing([turn], []);
  expect({ code, out, applied, left }).toEqual({
    code: 0,
    out: 'announcement shop/web unchanged\n',
    applied: [],
    left: undefined,
  });
});

test('what is refused is shown again with the reason on top, and can be put right', async () => {
  const { code, seen, applied } = await editing(
    [better, (text) => text.replace('10.0.1.12', '10.0.1.13')],
    [refused, { result: 'changed' }],
  );
  expect(code).toBe(0);
  expect(seen[1]).toMatch(
    /^# announcement shop\/web at revision 7\.\n# error: announcement shop\/web \(the text, line \d+.*\): No good address\.\n# {3}field: spec\.nextHops\[0\]\.address\n/,
  );
  expect(seen[1]).toContain('10.0.1.12');
  expect(seen[1]?.match(/at revision 7/g)?.length).toBe(1);
  expect(JSON.stringify(applied[1]?.body)).toContain('10.0.1.13');
});

test.each([
  ['broken YAML', (text: string) => `${text}\n  }{`],
  ['another name', (text: string) => text.replace('name: web', 'name: api')],
  ['another project', (text: string) => text.replace('project: shop', 'project: other')],
  ['a second document', (text: string) => `${text}---\n${text}`],
])('%s is not sent', async (_, turn) => {
  const { seen, applied } = await editing([turn, () => ''], []);
  expect(seen[1]).toContain('# error: ');
  expect(applied).toEqual([]);
});

test('who leaves a refused text as it is keeps it in a file that is named', async () => {
  const { code, err, file, left } = await editing([better], [refused, refused]);
  expect(code).toBe(2);
  expect(err).toContain(`Your text is kept in ${file}.`);
  expect(left).toContain('10.0.1.12');
});

test.each([
  [
    { result: 'failed', error: { code: 'conflict', detail: 'It is at revision 9.' } },
    4,
    'Changed meanwhile: It is at revision 9.',
  ],
  [
    new CoreBgpError('unavailable', 'It went away.'),
    69,
    'It went away. It may have been written: look with "corebgp get announcements shop/web" or "corebgp history".',
  ],
  [new CoreBgpError('limited', 'Too many.'), 75, 'Too many.'],
])('a change meanwhile, or a server that is gone, keeps the text: %#', async (result, exit, says) => {
  const { code, err, file, left, seen } = await editing([better], [result]);
  expect(code).toBe(exit);
  expect(err).toContain(`error: ${says} Your text is kept in ${file}.`);
  expect(left).toContain('10.0.1.12');
  expect(seen.length).toBe(1);
});

test('Ctrl-C while it is edited writes nothing and keeps the text', async () => {
  const controller = new AbortController();
  const turn: Turn = (text) => {
    controller.abort(new Interrupted('SIGINT'));
    return better(text);
  };
  const { code, err, file, left, applied } = await editing([turn], [], { signal: controller.signal });
  expect({ code, applied }).toEqual({ code: 130, applied: [] });
  expect(err).toBe(`stopped: nothing was written, your text is kept in ${file}\n`);
  expect(left).toContain('10.0.1.12');
});

test('Ctrl-C while it is being written says that it may have been', async () => {
  const controller = new AbortController();
  const reason = new Interrupted('SIGINT');
  const answer = ({ endpoint }: ApiRequest) => {
    if (endpoint === 'announcements.get') return stored;
    controller.abort(reason);
    throw reason;
  };
  const { code, err, file, left } = await editing([better], [], { signal: controller.signal, answer });
  expect(code).toBe(130);
  expect(err).toBe(
    `stopped: It may have been written: look with "corebgp get announcements shop/web" or "corebgp history". Your text is kept in ${file}\n`,
  );
  expect(left).toContain('10.0.1.12');
});

test.each([
  [[], 'announcement shop/web changed\n', ''],
  [['-o', 'json'], '', 'note: announcement shop/web changed, but'],
])('what was written was written, though it cannot be read again: %j', async (words, out, err) => {
  let reads = 0;
  const answer = ({ endpoint }: ApiRequest) => {
    if (endpoint === 'apply') {
      return { dryRun: false, results: [{ kind: 'Announcement', name: 'shop/web', result: 'changed' }], paths: [] };
    }
    reads += 1;
    if (reads > 1) throw new CoreBgpError('unavailable', 'It went away.');
    return stored;
  };
  const ended = await editing([better], [], { answer, words });
  expect(ended).toMatchObject({ code: 0, out, left: undefined });
  expect(ended.err.startsWith(err)).toBe(true);
  expect(ended.err.includes('It went away')).toBe(err !== '');
});

test.each([
  ['nothing was changed', '', true],
  ['the editor has saved something beside it', '.swp', false],
])('an editor that had to end, %s', async (_, beside, gone) => {
  const controller = new AbortController();
  let file = '';
  const editor = async (_line: string, name: string, signal: AbortSignal) => {
    file = name;
    if (beside !== '') writeFileSync(name + beside, 'x');
    controller.abort(new Interrupted('SIGTERM'));
    return signal.aborted ? 143 : 0;
  };
  const ended = await runIn(
    { terminal: true, editor, answer: () => stored, signal: controller.signal },
    'edit',
    'ann',
    'shop/web',
  );
  expect(ended.code).toBe(143);
  expect(ended.err).toBe(gone ? '' : `stopped: nothing was written, your text is kept in ${file}\n`);
  expect(existsSync(file)).toBe(!gone);
  rmSync(dirname(file), { recursive: true, force: true });
});

test('the editor is $VISUAL, else $EDITOR, else vi; one that fails is told', async () => {
  for (const [env, line] of [
    [{ VISUAL: 'code --wait', EDITOR: 'nano' }, 'code --wait'],
    [{ VISUAL: ' ', EDITOR: 'nano' }, 'nano'],
    [{}, 'vi'],
  ] as const) {
    const { code, err, left } = await editing([], [], { env, editor: async (given) => (given === line ? 127 : 1) });
    expect({ code, left }).toEqual({ code: 2, left: undefined });
    expect(err).toBe(
      `error: The editor "${line}" ended with code 127; nothing was written. Set EDITOR to one that is installed.\n`,
    );
  }
});

test('without a terminal it says what to do instead', async () => {
  const { code, err, requests } = await runIn({ answer: () => stored }, 'edit', 'ann', 'shop/web');
  expect({ code, requests }).toEqual({ code: 2, requests: [] });
  expect(err).toContain('corebgp get announcements shop/web -o yaml');
});
