/** The watch stream as mirrors see it, over HTTP and within the process; and the server without its store. */
import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { defaultCacheLimits } from '../../src/api/cache-limits.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { createMirror, type Mirror } from '../../src/client/mirror.ts';
import type { Transport } from '../../src/client/transport.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(...args: Parameters<typeof startApi>): Promise<ApiRig> {
  const rig = await startApi(...args);
  closing.push(() => rig.close());
  return rig;
}

function mirrorOver(transport: Transport): Mirror {
  const mirror = createMirror({
    transport,
    collections: ['announcements', 'projects', 'tombstones'],
    clock: systemClock,
    log: silentLog,
    random: () => 0.5,
  });
  closing.push(() => mirror.close());
  return mirror;
}

function http(rig: ApiRig): Transport {
  const transport = createHttpTransport({ url: rig.url, clock: systemClock });
  closing.push(() => transport.close());
  return transport;
}

const keysOf = (mirror: Mirror) => [...(mirror.snapshot()?.under('announcements').keys() ?? [])].sort();

describe.each([
  ['over HTTP', http],
  ['within the process', (rig: ApiRig): Transport => rig.api.direct],
])('a mirror %s', (_how, transportOf) => {
  test('follows creates, replaces and deletes, with their records', async () => {
    const rig = await start();
    await rig.send('POST', '/v1/projects', shop);
    await rig.send('POST', '/v1/announcements', announcement('before', ['203.0.113.1/32']));
    const mirror = mirrorOver(transportOf(rig));
    await mirror.synced(never);
    expect(keysOf(mirror)).toEqual(['announcements/shop/before']);
    await rig.send('POST', '/v1/announcements', announcement('after', ['2001:db8::1/128']));
    await rig.send('DELETE', '/v1/announcements/shop/before');
    await expect.poll(() => keysOf(mirror)).toEqual(['announcements/shop/after']);
    expect(mirror.snapshot()?.entries.get('announcements/shop/after')?.value).toMatchObject({
      kind: 'Announcement',
      metadata: { name: 'after' },
      spec: { prefixes: ['2001:db8::1/128'] },
    });
    expect(mirror.snapshot()?.entries.has('tombstones/prefixes/ipv4/203.0.113.1_32')).toBe(true);
  });

  test('is told that the stream is fresh while nothing changes', async () => {
    const rig = await start();
    const mirror = mirrorOver(transportOf(rig));
    await mirror.synced(never);
    const revision = mirror.snapshot()?.revision ?? 0;
    await expect.poll(() => mirror.snapshot()?.revision ?? 0, { timeout: 12_000 }).toBeGreaterThan(revision);
  });
});

test('a reader over HTTP that stops reading is cut, the others get everything', async () => {
  const queue = { messages: 50, size: 50_000_000 };
  const rig = await start({ limits: { ...defaultCacheLimits, queue } });
  await rig.send('POST', '/v1/projects', shop);
  const { hostname, port } = new URL(rig.url);
  const slow = request({ hostname, port, path: '/v1/watch?kinds=announcements' });
  closing.push(() => slow.destroy());
  const answer = new Promise<import('node:http').IncomingMessage>((resolve) => slow.on('response', resolve));
  slow.on('error', () => {}).end();
  (await answer).pause();
  const mirror = mirrorOver(http(rig));
  await mirror.synced(never);
  // More than the kernel's own buffers can hold.
  const padding = 'x'.repeat(1_000);
  const padded = (index: number) => {
    const body = announcement('big', ['203.0.113.1/32']);
    const more = Object.fromEntries(Array.from({ length: 60 }, (_, part) => [`p${part}`, padding]));
    return { ...body, metadata: { ...body.metadata, annotations: { ...more, n: String(index) } } };
  };
  let last = 0;
  for (let index = 0; index < 300; index += 1) {
    const { status, body } = await rig.send('PUT', '/v1/announcements/shop/big', padded(index));
    expect(status).toBe(200);
    last = body.metadata.revision;
  }
  await expect.poll(() => mirror.snapshot()?.entries.get('announcements/shop/big')?.modRevision).toBe(last);
  let text = '';
  const stream = (await answer).setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = text.slice(-1_000) + chunk;
  });
  stream.resume();
  await expect.poll(() => text.includes('"code":"limited"'), { timeout: 20_000 }).toBe(true);
});

test('a stream can be resumed with Last-Event-ID, and one too old is 410', async () => {
  const rig = await start({ limits: { ...defaultCacheLimits, recent: { revisions: 2, size: 1_000_000 } } });
  await rig.send('POST', '/v1/projects', shop);
  const old = (await rig.send('GET', '/v1/projects')).body.revision;
  for (let index = 1; index < 6; index += 1) {
    await rig.send('POST', '/v1/announcements', announcement(`a${index}`, [`203.0.113.${index}/32`]));
  }
  const gone = await rig.send('GET', `/v1/watch?kinds=announcements&since=${old}`);
  expect(gone.body).toMatchObject({ status: 410, code: 'compacted' });
  const bad = await rig.send('GET', '/v1/watch?kinds=anouncements');
  expect(bad.body).toMatchObject({ status: 400, field: 'kinds' });
  expect(bad.body.detail).toContain('"announcements"');
  const controller = new AbortController();
  const { revision } = (await rig.send('GET', '/v1/announcements')).body;
  const response = await fetch(`${rig.url}/v1/watch?kinds=announcements`, {
    headers: { 'last-event-id': String(revision - 1) },
    signal: controller.signal,
  });
  const reader = response.body?.getReader();
  let text = '';
  while (!text.includes('"synced"')) text += new TextDecoder().decode((await reader?.read())?.value);
  expect(text).toContain(`id: ${revision}\ndata: {"type":"changes"`);
  expect(text).toContain('"key":"announcements/shop/a5"');
  expect(text).not.toContain('"state"');
  controller.abort();
});

test('closing the server ends its streams and leaves nothing open', async () => {
  const rig = await startApi();
  const mirror = mirrorOver(http(rig));
  await mirror.synced(never);
  await rig.close();
  await expect.poll(() => mirror.connected()).toBe(false);
  expect(mirror.snapshot()).toBeDefined();
});

describe('without its store', () => {
  /** Every call fails once `down` is set. */
  function fragile(): { down: boolean; wrap(store: Store): Store } {
    const state = {
      down: false,
      wrap: (store: Store): Store => {
        const up = () => {
          if (state.down) throw new CoreBgpError('unavailable', 'The store is away (by the test).');
          return store;
        };
        return {
          get: async (...args) => up().get(...args),
          list: async (...args) => up().list(...args),
          commit: async (...args) => up().commit(...args),
          watch: async function* (...args) {
            for await (const revision of up().watch(...args)) {
              up();
              yield revision;
            }
          },
          grantLease: async (...args) => up().grantLease(...args),
          keepLeaseAlive: async (...args) => up().keepLeaseAlive(...args),
          revokeLease: async (...args) => up().revokeLease(...args),
          status: async (...args) => up().status(...args),
          close: () => store.close(),
        };
      },
    };
    return state;
  }

  test('writes are 503 with Retry-After, reads go on and say that they are stale, and all heals', async () => {
    const state = fragile();
    const rig = await start({}, state.wrap);
    await rig.send('POST', '/v1/projects', shop);
    expect((await rig.send('GET', '/readyz')).status).toBe(200);
    state.down = true;
    // A change behind the server's back makes the watch notice.
    await rig.store.commit([], [{ op: 'put', key: '/corebgp/v1/x/y', value: '1' }], never);
    const write = await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32']));
    expect(write.body).toMatchObject({ status: 503, code: 'unavailable' });
    expect(write.headers.get('retry-after')).toBe('1');
    await expect.poll(async () => (await rig.send('GET', '/v1/projects')).body.stale).toBe(true);
    const read = await rig.send('GET', '/v1/projects/shop');
    expect([read.status, read.headers.get('corebgp-stale')]).toEqual([200, 'true']);
    const ready = await rig.send('GET', '/readyz');
    expect([ready.status, ready.body.code]).toEqual([503, 'unavailable']);
    expect((await rig.send('GET', '/v1/watch?kinds=projects')).status).toBe(503);
    expect((await rig.send('GET', '/healthz')).status).toBe(200);
    state.down = false;
    await expect.poll(async () => (await rig.send('GET', '/readyz')).status, { timeout: 10_000 }).toBe(200);
    expect((await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32']))).status).toBe(201);
    expect((await rig.send('GET', '/v1/projects')).body.stale).toBeUndefined();
  });
});

test('metrics and the OpenAPI document are served', async () => {
  const rig = await start();
  await rig.send('GET', '/v1/peers');
  const { body, headers } = await rig.send('GET', '/metrics');
  expect(headers.get('content-type')).toContain('text/plain');
  expect(body).toContain('corebgp_api_requests_total{endpoint="peers.list",status="200"} 1');
  expect(body).toContain('corebgp_api_cache_fresh 1');
  expect(body).toMatch(/nodejs_eventloop_lag/);
  expect((await rig.send('GET', '/openapi.json')).body.openapi).toBe('3.1.0');
  expect((await rig.send('GET', '/v1/version')).body).toEqual({ version: '0.0.0' });
});
