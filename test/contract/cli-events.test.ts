/** `corebgp events -f` against a real API server: what is there, then what happens, also after the server was away. */
import { afterEach, expect, test } from 'vitest';
import { runApi } from '../../src/api/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { Interrupted } from '../../src/runtime/shutdown.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { fakeShell } from '../rig/shell.ts';
import { typing } from '../rig/typed.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(): Promise<ApiRig> {
  const rig = await startApi();
  closing.push(() => rig.close());
  expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
  return rig;
}

/** Follows until stopped; what it has printed so far can be looked at. */
function follow(url: string, ...words: readonly string[]) {
  const controller = new AbortController();
  const { stdout, stderr } = fakeShell();
  let [out, err] = ['', ''];
  const shell = {
    stdout: {
      ...stdout,
      write: (text: string) => {
        out += text;
      },
    },
    stderr: {
      ...stderr,
      write: (text: string) => {
        err += text;
      },
    },
  };
  const running = typing(url)({ signal: controller.signal, shell }, 'events', '-f', ...words);
  const stop = async () => {
    controller.abort(new Interrupted('SIGINT'));
    return (await running).code;
  };
  closing.push(stop);
  return { out: () => out, err: () => err, stop };
}

/** A process that starts takes its time. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

test('what has happened comes first, then what happens, each once and only what was asked for', async () => {
  const rig = await start();
  await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32', '2001:db8::1/128']));
  await soon(async () => (await rig.send('GET', '/v1/events?object=shop/web')).body.events.length).toBeGreaterThan(0);
  const every = follow(rig.url);
  const one = follow(rig.url, '--object', 'shop/web', '-o', 'json');
  await soon(() => every.out()).toMatch(/created .*shop\/web/);
  await soon(() => lines(one.out()).length).toBe(1);
  await rig.send('POST', '/v1/announcements', announcement('other', ['2001:db8::2/128']));
  await rig.send('PATCH', '/v1/announcements/shop/web', { spec: { attributes: { med: 10 } } });
  await rig.send('DELETE', '/v1/announcements/shop/web');
  await soon(() => every.out()).toMatch(/deleted .*shop\/web/);
  await soon(() => lines(one.out()).length).toBe(3);
  const events = lines(one.out()).map((line) => JSON.parse(line));
  expect(events.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
    'created shop/web',
    'changed shop/web',
    'deleted shop/web',
  ]);
  const told = (await rig.send('GET', '/v1/events')).body.events;
  expect(lines(every.out())).toHaveLength(told.length);
  expect([await every.stop(), await one.stop()]).toEqual([130, 130]);
  expect([every.err(), one.err()]).toEqual(['', '']);
});

test('when the server was away it goes on where it was, and misses nothing that was written meanwhile', async () => {
  const rig = await start();
  await rig.send('POST', '/v1/announcements', announcement('before', ['2001:db8::9/128']));
  const seen = follow(rig.url, '-o', 'json');
  await soon(() => seen.out()).toContain('shop/before');
  const listen = new URL(rig.url).host;
  await rig.api.close();
  await soon(() => seen.err()).toContain('Connecting again');
  const options = { store: rig.store, clock: systemClock, log: silentLog, version: '0.0.0' };
  // Another server, which the reader doesn't know, tells what happens meanwhile.
  const other = await runApi(options, never);
  closing.push(() => other.close());
  const body = announcement('meanwhile', ['203.0.113.9/32']);
  await other.direct.call({ endpoint: 'announcements.create', params: {}, query: {}, headers: {}, body }, never);
  const again = await runApi({ ...options, listen }, never);
  closing.push(() => again.close());
  const ids = () => lines(seen.out()).map((line) => JSON.parse(line).id);
  await soon(() => seen.out()).toContain('shop/meanwhile');
  expect(new Set(ids()).size).toBe(ids().length);
  expect(await seen.stop()).toBe(130);
});
