/** diff, label, edit and wait against a real API server over HTTP. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { typing } from '../rig/typed.ts';

let rig: ApiRig;
let type: ReturnType<typeof typing>;
beforeAll(async () => {
  rig = await startApi();
  type = typing(rig.url);
});
afterAll(() => rig.close());

const corebgp = (...words: string[]) => type({}, ...words);
const yaml = (...resources: readonly object[]) => resources.map((one) => JSON.stringify(one)).join('\n---\n');
const web = announcement('web', ['203.0.113.10/32', '2001:db8::10/128']);
const rr1 = { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '2001:db8:ff::1', asn: 64512 } };

test('diff tells what apply would change, and nothing after it has', async () => {
  const stdin = yaml(shop, web, rr1);
  const before = await type({ stdin }, 'diff', '-f', '-');
  expect(before).toMatchObject({ code: 1, err: '' });
  expect(before.out).toContain('+ announcement shop/web\n');
  expect(await type({ stdin }, 'apply', '-f', '-')).toMatchObject({ code: 0 });
  expect(await type({ stdin }, 'diff', '-f', '-')).toEqual({ code: 0, out: '', err: '' });

  const next = structuredClone(web);
  next.spec.nextHops = [{ address: '10.0.1.7' }, { address: '2001:db8:1::1' }];
  const changed = await type({ stdin: yaml(next) }, 'diff', '-f', '-');
  expect(changed.code).toBe(1);
  expect(changed.out).toMatch(/^~ announcement shop\/web\n {2}.*spec\.nextHops\[0\].*10\.0\.1\.1/);
  expect(JSON.parse((await type({ stdin: yaml(next) }, 'diff', '-f', '-', '-o', 'json')).out)).toMatchObject({
    results: [{ name: 'shop/web', result: 'changed', changes: expect.any(Array) }],
  });
  const refused = await type({ stdin: yaml(announcement('x', ['198.51.100.1/32'])) }, 'diff', '-f', '-');
  expect(refused.code).toBe(2);
  expect((await corebgp('get', 'announcement', 'shop/web', '-o', 'yaml')).out).not.toContain('10.0.1.7');
});

test('a rehearsal of more than a call knows the project that is new in the same file', async () => {
  const project = {
    ...shop,
    metadata: { name: 'many' },
    spec: { ...shop.spec, prefixes: [{ prefix: '2001:db9::/32' }] },
  };
  const all = Array.from({ length: 520 }, (_, at) => ({
    kind: 'Announcement',
    metadata: { project: 'many', name: `a${at}` },
    spec: { prefixes: [`2001:db9::${(at + 1).toString(16)}/128`], nextHops: [{ address: '2001:db8:1::1' }] },
  }));
  const { code, out, err } = await type({ stdin: yaml(project, ...all) }, 'apply', '-f', '-', '--dry-run');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.match(/ created \(dry run\)$/gm)).toHaveLength(521);
  expect((await type({}, 'get', 'project', 'many')).code).toBe(3);
});

test('label sets and removes, and touches nothing else', async () => {
  expect(await corebgp('label', 'announcement', 'shop/web', 'team=edge', 'tier=1')).toEqual({
    code: 0,
    out: 'announcement shop/web labelled: team=edge tier=1\n',
    err: '',
  });
  expect((await corebgp('label', 'ann', 'shop/web', 'tier-')).out).toBe('announcement shop/web labelled: team=edge\n');
  expect((await corebgp('get', 'announcements', '--labels', 'team=edge')).out).toContain('web');
  expect(
    (
      await type(
        { stdin: yaml({ ...web, metadata: { ...web.metadata, labels: { team: 'edge' } } }) },
        'diff',
        '-f',
        '-',
      )
    ).code,
  ).toBe(0);
  expect((await corebgp('label', 'peer', 'rr1', 'role=rr', '-o', 'json')).out).toContain('"role": "rr"');
  expect((await corebgp('label', 'peer', 'none', 'a=1')).code).toBe(3);
});

test('edit writes what was changed, and nothing over a change in between', async () => {
  const change = (from: string, to: string) => (_line: string, file: string) => {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
    return Promise.resolve(0);
  };
  const edit = (editor: (line: string, file: string) => Promise<number>) =>
    type({ editor, terminal: true, env: { NO_COLOR: '1' } }, 'edit', 'ann', 'shop/web');
  expect(await edit(change('team: edge', 'team: core'))).toEqual({
    code: 0,
    out: 'announcement shop/web changed\n',
    err: '',
  });
  expect((await corebgp('get', 'announcements', '--labels', 'team=core')).out).toContain('web');

  let turn = 0;
  const mended = await edit((line, file) => {
    turn += 1;
    if (turn === 2) expect(readFileSync(file, 'utf8')).toMatch(/# error: announcement shop\/web .*line \d+/);
    return turn === 1 ? change('10.0.1.1', '010.0.1.1')(line, file) : change('010.0.1.1', '10.0.1.9')(line, file);
  });
  expect(mended).toMatchObject({ code: 0, out: 'announcement shop/web changed\n' });

  const late = await edit(async (line, file) => {
    await corebgp('label', 'ann', 'shop/web', 'team=other');
    return change('10.0.1.9', '10.0.1.8')(line, file);
  });
  expect(late).toMatchObject({ code: 4, out: '', err: expect.stringContaining('error: Changed meanwhile: ') });
  const [, file = ''] = /kept in (\S+)\.\n/.exec(late.err) ?? [];
  expect(readFileSync(file, 'utf8')).toContain('10.0.1.8');
  rmSync(dirname(file), { recursive: true });
  expect((await corebgp('get', 'ann', 'shop/web', '-o', 'yaml')).out).toContain('10.0.1.9');
});

test('wait ends when it is so, also while it waits, and otherwise when the time is over', async () => {
  expect(await corebgp('wait', 'announcement', 'shop/web', '--for', 'state=pending')).toMatchObject({
    code: 0,
    out: expect.stringContaining('announcement shop/web: pending'),
  });
  const late = corebgp('wait', 'peer', 'late', '--for', 'exists');
  const peer = { ...rr1, metadata: { name: 'late' }, spec: { address: '192.0.2.9', asn: 64512 } };
  expect((await type({ stdin: yaml(peer) }, 'apply', '-f', '-')).code).toBe(0);
  expect(await late).toMatchObject({ code: 0, out: 'peer late: no speaker reports a session with it\n' });
  const gone = corebgp('wait', 'peer', 'late', '--for', 'deleted');
  await corebgp('delete', 'peer', 'late');
  expect(await gone).toMatchObject({ code: 0, out: 'peer late: deleted\n' });
  const never = await corebgp('wait', 'ann', 'shop/web', '--for', 'state=announced', '--timeout', '2s');
  expect(never.code).toBe(75);
  expect(never.err).toMatch(
    /^error: Waited 2s for "state=announced" of announcement shop\/web; last seen: pending \(\w+\)/,
  );
});
