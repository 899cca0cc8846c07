/** `corebgp undelete`, `get deleted` and `history` against a real API server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCommandLine } from '../../src/cli/run.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { fakeShell } from '../rig/shell.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
  const web = announcement('web', ['203.0.113.10/32', '2001:db8::10/128']);
  await rig.send('POST', '/v1/announcements', web);
  await rig.send('PATCH', '/v1/announcements/shop/web', { spec: { attributes: { med: 10 } } });
  await rig.send('PATCH', '/v1/announcements/shop/web', {
    metadata: { labels: { team: 'edge' } },
    spec: { attributes: { med: 20 } },
  });
});
afterAll(() => rig.close());

async function corebgp(...words: string[]) {
  const fake = fakeShell({ env: { COREBGP_URL: rig.url } });
  const code = await runCommandLine(words, {
    ...fake,
    clock: systemClock,
    connect: async (url, timeoutMs = 10_000) => createHttpTransport({ url, clock: systemClock, timeoutMs }),
  });
  return { code, out: fake.out(), err: fake.err() };
}

test('history tells when, at which revision and what, newest first', async () => {
  const { code, out, err } = await corebgp('history', 'announcement', 'shop/web');
  expect([code, err]).toEqual([0, '']);
  const lines = out.split('\n');
  expect(lines[0]).toBe('announcement shop/web');
  expect(lines[1]).toMatch(/^WHEN +REVISION +WHAT +CHANGE$/);
  expect(lines[2]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +\d+ +changed +\+ metadata\.labels\.team: "edge"$/);
  expect(lines[3]).toMatch(/^ +~ spec\.attributes\.med: 10 → 20$/);
  expect(lines[4]).toMatch(/changed +\+ spec\.attributes: \{"med":10\}$/);
  expect(lines[5]).toMatch(/created +-$/);
});

test.each([['203.0.113.10/32'], ['203.0.113.10'], ['2001:db8::10/128'], ['2001:db8::10']])(
  'history of %s is that of its announcement',
  async (prefix) => {
    const { code, out } = await corebgp('history', prefix, '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ project: 'shop', name: 'web', exists: true });
  },
);

test('what was deleted is listed, its history is told, and undelete restores it', async () => {
  expect((await corebgp('get', 'deleted')).err).toContain('no deleted');
  await corebgp('delete', 'announcement', 'shop/web');
  const listed = await corebgp('get', 'deleted');
  expect(listed.out).toMatch(/^KIND +NAME +DELETED +KEPT UNTIL +REVISION\nannouncement +shop\/web +\d+s +\d{4}-/);
  expect(JSON.parse((await corebgp('get', 'deleted', '-o', 'json')).out).resources).toHaveLength(1);
  const gone = await corebgp('history', 'announcement', 'web', '--project', 'shop');
  expect(gone.out).toMatch(/^announcement shop\/web \(deleted\)\n/);
  expect(await corebgp('undelete', 'ann', 'shop/web')).toEqual({
    code: 0,
    out: 'announcement shop/web restored\n',
    err: '',
  });
  const again = await corebgp('undelete', 'ann', 'shop/web');
  expect([again.code, again.out]).toEqual([4, '']);
  expect(again.err).toContain('exists');
  expect((await corebgp('undelete', 'peer', 'nobody')).err).toContain('7 days');
  const yaml = await corebgp('history', 'announcement', 'shop/web', '-o', 'yaml');
  expect(parse(yaml.out).versions[0].action).toBe('undeleted');
});

test('every kind is restored, and printed as asked', async () => {
  await rig.send('PUT', '/v1/peers/rr1', {
    kind: 'Peer',
    metadata: { name: 'rr1' },
    spec: { address: '2001:db8:ff::1', asn: 64512 },
  });
  await rig.send('PUT', '/v1/drains/d', {
    kind: 'Drain',
    metadata: { name: 'd' },
    spec: { target: { nextHop: '10.0.1.1' } },
  });
  await rig.send('PUT', '/v1/projects/p', { ...shop, metadata: { name: 'p' } });
  for (const [kind, name] of [
    ['peer', 'rr1'],
    ['drain', 'd'],
    ['project', 'p'],
  ] as const) {
    await corebgp('delete', kind, name);
    const { code, out } = await corebgp('undelete', kind, name, '-o', 'json');
    expect([code, JSON.parse(out).metadata.name]).toEqual([0, name]);
    expect((await corebgp('history', kind, name)).out).toContain('undeleted');
  }
});

test('what is no prefix and names no object is refused with what to write', async () => {
  const { code, err } = await corebgp('history', 'shop/web');
  expect(code).toBe(2);
  expect(err).toContain('corebgp history announcement shop/web');
  expect((await corebgp('history', '203.0.113.10/24')).err).toContain('host bits');
  expect((await corebgp('history', 'speaker', 'n1')).code).toBe(2);
  expect((await corebgp('history', '203.0.113.99')).err).toContain('No announcement has');
});

test('get deleted shows what was deleted last first, whatever it is called', async () => {
  await rig.send('DELETE', '/v1/peers/rr1');
  await rig.send('DELETE', '/v1/announcements/shop/web');
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rig.send('PUT', '/v1/peers/a', {
    kind: 'Peer',
    metadata: { name: 'a' },
    spec: { address: '10.0.0.9', asn: 1 },
  });
  await rig.send('DELETE', '/v1/peers/a');
  const { out } = await corebgp('get', 'deleted');
  expect(out.split('\n')[1]).toMatch(/^peer +a /);
  const listed = JSON.parse((await corebgp('get', 'deleted', '-o', 'json')).out).resources;
  expect(listed[0]).toMatchObject({ kind: 'Announcement', name: 'web' });
});
