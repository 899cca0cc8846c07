/** Each limit that can be reached cheaply, reached: the code and the words of docs/reference/limits.md, and that all goes on afterwards. */
import { setMaxListeners } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPinLimits } from '../../src/api/pins.ts';
import { mostLeases } from '../../src/store/limits.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { eventually } from '../rig/eventually.ts';

// Many calls share it.
setMaxListeners(0, never);

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  expect((await rig.send('PUT', '/v1/projects/shop', shop)).status).toBe(200);
});
afterAll(async () => {
  await rig.close();
});

const refused = async (sent: ReturnType<ApiRig['send']>) => {
  const { status, body, headers } = await sent;
  return {
    status,
    code: body.code,
    detail: String(body.detail),
    field: body.field,
    retryAfter: headers.get('retry-after'),
  };
};
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const spec = (extra: object) => ({ ...announcement('wide', ['203.0.113.9/32']).spec, ...extra });
const put = (extra: object, metadata: object = {}) =>
  rig.send('PUT', '/v1/announcements/shop/wide', {
    kind: 'Announcement',
    metadata: { project: 'shop', name: 'wide', ...metadata },
    spec: spec(extra),
  });

test('a body beyond 256 KiB is too large, and a speaker report beyond 1 MiB', async () => {
  const large = { resources: [{ kind: 'Project', metadata: { name: 'x' }, why: 'x'.repeat(256 * 1024) }] };
  expect(await refused(rig.send('POST', '/v1/apply', large))).toMatchObject({
    status: 413,
    code: 'tooLarge',
    detail: 'The body is larger than 256 KiB; split it.',
  });
  const report = { name: 'n1', text: 'x'.repeat(1024 * 1024) };
  expect(await refused(rig.send('POST', '/v1/speakers/n1/report', report))).toMatchObject({
    status: 413,
    detail: 'The body is larger than 1024 KiB; split it.',
  });
});

test('a body nested deeper than 16 levels is refused before it is built', async () => {
  const deep = `{"resources":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;
  expect(await refused(rig.send('POST', '/v1/apply', deep))).toMatchObject({
    status: 400,
    code: 'invalid',
    detail: expect.stringContaining('nested deeper than 16 levels'),
  });
});

test('an announcement has at most 15 prefixes, 64 next hops and 64 communities', async () => {
  const prefixes = many(16, (index) => `203.0.113.${100 + index}/32`);
  expect(await refused(put({ prefixes }))).toMatchObject({ status: 400, code: 'invalid', field: 'spec.prefixes' });
  const nextHops = many(65, (index) => ({ address: `10.0.1.${1 + index}` }));
  expect(await refused(put({ nextHops }))).toMatchObject({
    status: 400,
    field: 'spec.nextHops',
    detail: expect.stringContaining('has 65 entries; at most 64 are allowed'),
  });
  const communities = many(65, (index) => `64512:${index}`);
  expect(await refused(put({ attributes: { communities } }))).toMatchObject({ field: 'spec.attributes.communities' });
});

test('an object has at most 64 labels and 64 annotations, each of at most 1,024 characters', async () => {
  for (const field of ['labels', 'annotations']) {
    const words = Object.fromEntries(many(65, (index) => [`word-${index}`, 'x']));
    expect(await refused(put({}, { [field]: words }))).toMatchObject({
      status: 400,
      code: 'invalid',
      field: `metadata.${field}`,
      detail: expect.stringContaining('at most 64'),
    });
    expect(await refused(put({}, { [field]: { long: 'x'.repeat(1_025) } }))).toMatchObject({
      field: `metadata.${field}.long`,
      detail: expect.stringContaining('at most 1024'),
    });
  }
});

test('apply takes at most 500 resources', async () => {
  const resources = many(501, (index) => ({ kind: 'Drain', metadata: { name: `d${index}` } }));
  expect(await refused(rig.send('POST', '/v1/apply', { resources }))).toMatchObject({
    status: 400,
    code: 'invalid',
    field: 'resources',
  });
});

test('a name has at most 63 characters', async () => {
  const name = 'n'.repeat(64);
  expect(await refused(rig.send('GET', `/v1/projects/${name}`))).toMatchObject({ status: 400, code: 'invalid' });
});

test('headers beyond 16 KiB are refused by the HTTP server itself', async () => {
  expect(await raw(rig.url, `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 /,
  );
});

test('one request too many is answered 429 with Retry-After; health and metrics are answered all the same', async () => {
  const small = await startApi({ mostInFlight: 3 });
  const held = many(3, () => slowBody(small.url));
  try {
    await eventually(async () => {
      const text = (await small.send('GET', '/metrics')).body;
      expect(text).toContain('corebgp_api_requests_in_flight 3');
    }, 'three requests in flight');
    expect(await refused(small.send('GET', '/v1/projects'))).toMatchObject({
      status: 429,
      code: 'limited',
      detail: 'The server is answering 3 requests already; try again in a second.',
      retryAfter: '1',
    });
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await small.send('GET', path)).status).toBe(200);
    expect((await small.send('GET', '/metrics')).body).toContain('corebgp_api_refusals_total{code="limited"} 1');
    // Who goes away gives his place back.
    for (const socket of held) socket.destroy();
    await eventually(async () => {
      expect((await small.send('GET', '/v1/projects')).status).toBe(200);
    }, 'room for a request');
  } finally {
    for (const socket of held) socket.destroy();
    await small.close();
  }
});

test('one connection too many is closed unanswered, and counted', async () => {
  const small = await startApi({ mostConnections: 2 });
  const first = await fetch(`${small.url}/healthz`);
  expect(first.status).toBe(200);
  const sockets = many(4, () => slowBody(small.url));
  try {
    await eventually(() => {
      expect(sockets.filter((socket) => socket.closed).length).toBeGreaterThanOrEqual(2);
    }, 'connections closed');
    for (const socket of sockets) socket.destroy();
    await eventually(async () => {
      expect((await small.send('GET', '/metrics')).body).toMatch(/corebgp_api_connections_refused_total [2-9]/);
    }, 'refused connections in the metrics');
  } finally {
    for (const socket of sockets) socket.destroy();
    await small.close();
  }
});

test('one watch stream too many is answered 429', async () => {
  const small = await startApi({
    limits: {
      streams: 1,
      queue: { messages: 10_000, size: 1 << 20 },
      recent: { revisions: 20_000, size: 1 << 20 },
    },
  });
  const controller = new AbortController();
  try {
    const first = await fetch(`${small.url}/v1/watch?kinds=projects`, { signal: controller.signal });
    expect(first.status).toBe(200);
    expect(await refused(small.send('GET', '/v1/watch?kinds=projects'))).toMatchObject({
      status: 429,
      code: 'limited',
      detail: expect.stringContaining('1 watch streams open already'),
    });
  } finally {
    controller.abort();
    await small.close();
  }
});

test('a store has at most 10,000 leases; the next is limited until one is revoked', async () => {
  const leases: string[] = [];
  for (let granted = 0; granted < mostLeases; granted += 1_000) {
    const some = await Promise.all(many(1_000, () => rig.store.grantLease(600_000, never).catch(() => undefined)));
    for (const one of some) if (one !== undefined) leases.push(one.lease);
  }
  // The server's own heartbeat holds one of them.
  expect(leases.length).toBe(mostLeases - 1);
  expect(await refused(rig.send('POST', '/v1/leases', { ttlMs: 60_000 }))).toMatchObject({
    status: 429,
    code: 'limited',
    detail: expect.stringContaining('10000 leases'),
    retryAfter: '5',
  });
  await Promise.all(leases.map((lease) => rig.store.revokeLease(lease, never)));
  expect((await rig.send('POST', '/v1/leases', { ttlMs: 60_000 })).status).toBe(201);
});

test('a page has at most 500 objects', async () => {
  for (const limit of [0, 501]) {
    expect(await refused(rig.send('GET', `/v1/projects?limit=${limit}`))).toMatchObject({
      status: 400,
      code: 'invalid',
      field: 'limit',
    });
  }
  expect(await refused(rig.send('GET', '/v1/events?limit=501'))).toMatchObject({ code: 'invalid', field: 'limit' });
});

test('sixteen lists are held while they are read on; the seventeenth is limited, and told of the other way', async () => {
  for (const name of ['other', 'third']) {
    expect((await rig.send('PUT', `/v1/projects/${name}`, { ...shop, metadata: { name } })).status).toBe(200);
  }
  for (const index of many(defaultPinLimits.pins, (at) => at)) {
    // Each shows something new, or they would share what is held.
    await rig.send('PUT', '/v1/projects/other', {
      ...shop,
      metadata: { name: 'other', labels: { turn: `t${index}` } },
    });
    const first = await rig.send('GET', '/v1/projects?limit=1');
    const { status, body } = await rig.send('GET', `/v1/projects?limit=1&continue=${first.body.continue}`);
    expect({ status, remaining: body.remaining }).toEqual({ status: 200, remaining: 1 });
  }
  await rig.send('PUT', '/v1/projects/other', { ...shop, metadata: { name: 'other' } });
  expect((await rig.send('GET', '/metrics')).body).toContain('corebgp_api_lists_open{form="pages"} 16');
  expect(await refused(rig.send('GET', '/v1/projects?limit=1'))).toMatchObject({
    status: 429,
    code: 'limited',
    detail: expect.stringContaining('application/x-ndjson'),
    retryAfter: '5',
  });
  const lines = await fetch(`${rig.url}/v1/projects`, { headers: { accept: 'application/x-ndjson' } });
  expect(lines.headers.get('corebgp-total')).toBe('3');
  expect((await lines.text()).trim().split('\n')).toHaveLength(3);
});

test('a lease lives 2 s to 10 min', async () => {
  for (const ttlMs of [1_999, 600_001]) {
    expect(await refused(rig.send('POST', '/v1/leases', { ttlMs }))).toMatchObject({ code: 'invalid', field: 'ttlMs' });
  }
});

/** A request whose body never ends. */
function slowBody(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    `POST /v1/apply HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  );
  return socket;
}

async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
