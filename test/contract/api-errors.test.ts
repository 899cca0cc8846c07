/** What the API says when it refuses: the shape of errors, and that each names what is wrong and what to do. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
  await rig.send('POST', '/v1/announcements', announcement('owner', ['203.0.113.1/32']));
});
afterAll(() => rig.close());

const post = (body: unknown, headers?: Record<string, string>) => rig.send('POST', '/v1/announcements', body, headers);

test('an error is a problem of RFC 9457, with the code and the field', async () => {
  const { status, headers, body } = await post(announcement('x', ['203.0.113.7/24']));
  expect(status).toBe(400);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
  expect(body).toMatchObject({
    type: 'urn:corebgp:error:invalid',
    title: 'Invalid input',
    status: 400,
    code: 'invalid',
    field: 'spec.prefixes[0]',
  });
  expect(body.detail).toContain('203.0.113.0/24');
});

test('the caller may name the request', async () => {
  const { headers } = await rig.send('GET', '/healthz', undefined, { 'x-request-id': 'mine-1' });
  expect(headers.get('x-request-id')).toBe('mine-1');
});

describe('a request is refused with 400 and the name of what is wrong', () => {
  test.each([
    ['an unknown field', { ...announcement('x', ['203.0.113.2/32']), spek: {} }, 'spek', /did you mean "spec"/],
    ['a wrong kind', { ...announcement('x', ['203.0.113.2/32']), kind: 'Peer' }, 'kind', /"Announcement"/],
    ['no spec', { kind: 'Announcement', metadata: { name: 'x' } }, 'spec', /missing/],
    [
      'families that do not fit',
      {
        ...announcement('x', ['2001:db8::2/128']),
        spec: { prefixes: ['2001:db8::2/128'], nextHops: [{ address: '10.0.1.1' }] },
      },
      'spec.prefixes[0]',
      /IPv6|ipv6/,
    ],
  ])('%s', async (_what, body, field, detail) => {
    const answer = await post(body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, 'invalid', field]);
    expect(answer.body.detail).toMatch(detail);
  });

  test.each([
    ['?color=red', 'color', /unknown/],
    ['?project=', 'project', /empty/],
    ['?project=a&project=b', 'project', /twice/],
    ['?labels=team', 'labels', /team=edge/],
    ['?project=A', 'project', /lower-case/],
  ])('the query %s', async (query, field, detail) => {
    const { status, body } = await rig.send('GET', `/v1/announcements${query}`);
    expect([status, body.code, body.field]).toEqual([400, 'invalid', field]);
    expect(body.detail).toMatch(detail);
  });

  test('broken JSON, deep JSON, no body, and a body where none belongs', async () => {
    expect((await post('{"kind":')).body.detail).toMatch(/not valid JSON/);
    expect((await post('['.repeat(40))).body.detail).toMatch(/16 levels/);
    expect((await rig.send('POST', '/v1/announcements')).body.detail).toMatch(/needs a JSON body/);
    expect((await rig.send('DELETE', '/v1/peers/x', {})).body.detail).toMatch(/takes no body/);
  });

  test('an If-Match that is no revision', async () => {
    const body = announcement('owner', ['203.0.113.1/32']);
    const { status, body: problem } = await rig.send('PUT', '/v1/announcements/shop/owner', body, { 'if-match': 'x' });
    expect([status, problem.field]).toEqual([400, 'If-Match']);
  });

  test('a name in the body that is not the one in the path', async () => {
    const { status, body } = await rig.send(
      'PUT',
      '/v1/announcements/shop/other',
      announcement('x', ['203.0.113.2/32']),
    );
    expect([status, body.field]).toEqual([400, 'metadata.name']);
  });

  test('a project for a kind that has none', async () => {
    const peer = { kind: 'Peer', metadata: { name: 'p', project: 'shop' }, spec: { address: '192.0.2.1', asn: 1 } };
    expect((await rig.send('POST', '/v1/peers', peer)).body).toMatchObject({ status: 400, field: 'metadata.project' });
  });
});

test('a body above 256 KiB is 413, one that is not JSON 415', async () => {
  const large = { ...announcement('x', ['203.0.113.2/32']), status: 'x'.repeat(300_000) };
  expect((await post(large)).body).toMatchObject({ status: 413, code: 'tooLarge' });
  expect((await post('a=b', { 'content-type': 'text/plain' })).body).toMatchObject({
    status: 415,
    code: 'unsupportedMediaType',
  });
});

test.each([['203.0.113'], ['2001:db8:1111:2222:3333:4444:5555']])(
  'the largest report of a speaker is taken, up to 1 MiB (%s…)',
  async (start) => {
    const [prefix, nextHop] = start.includes(':')
      ? [`${start}:6666/128`, `${start}:7777`]
      : [`${start}.1/32`, `${start}.2`];
    const exception = { prefix, nextHop, kind: 'unexplained', reason: 'announcementUndecodable' };
    const peer = { name: 'p'.repeat(63), address: nextHop, asn: 4_200_000_000, session: 'established' };
    const status = {
      v: 1,
      name: 'large',
      node: 'n1',
      zone: 'default',
      asn: 64512,
      routerId: '192.0.2.1',
      appliedRevision: 1,
      paths: 0,
      foreignPaths: 0,
      peers: Array.from({ length: 1_500 }, () => peer),
      exceptions: Array.from({ length: 1_000 }, () => exception),
      exceptionCount: 1_000,
      conditions: [],
      reportedAt: '2026-01-01T00:00:00Z',
    };
    expect(JSON.stringify(status).length).toBeGreaterThan(256 * 1024);
    expect((await rig.send('POST', '/v1/speakers/large/report', status)).status).toBe(200);
    const larger = { ...status, node: 'x'.repeat(1024 * 1024) };
    const { body } = await rig.send('POST', '/v1/speakers/large/report', larger);
    expect(body).toMatchObject({ status: 413, code: 'tooLarge' });
    expect(body.detail).toContain('1024 KiB');
  },
);

test('more connections than allowed are closed unanswered, and those that are open go on', async () => {
  const small = await startApi({ mostConnections: 2 });
  const sockets: Socket[] = [];
  const open = async () => {
    const { hostname, port } = new URL(small.url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket: Socket) => {
    const answered = once(socket, 'data');
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    return String(await answered);
  };
  try {
    const first = await open();
    const second = await open();
    expect(await ask(first)).toContain('200 OK');
    expect(await ask(second)).toContain('200 OK');
    const third = await open();
    third.resume();
    await once(third, 'close');
    expect(third.bytesRead).toBe(0);
    expect(await ask(first)).toContain('200 OK');
    second.destroy();
    await expect
      .poll(async () => {
        const next = await open();
        return await Promise.race([ask(next).catch(() => ''), once(next, 'close').then(() => '')]);
      })
      .toContain('200 OK');
  } finally {
    for (const socket of sockets) socket.destroy();
    await small.close();
  }
});

test('an unknown path is 404 with the nearest one, a wrong method 405 with the right ones', async () => {
  const unknown = await rig.send('GET', '/v1/anouncements/shop/web');
  expect(unknown.body).toMatchObject({ status: 404, code: 'notFound' });
  expect(unknown.body.detail).toContain('/v1/announcements/{project}/{name}');
  const wrong = await rig.send('POST', '/v1/announcements/shop/web');
  expect(wrong.body).toMatchObject({ status: 405, code: 'methodNotAllowed' });
  expect(wrong.headers.get('allow')).toBe('GET, PUT, DELETE, PATCH');
});

test('what the project does not permit is 422 with the reason, and how to permit it', async () => {
  const prefix = (await post(announcement('x', ['198.51.100.1/32']))).body;
  expect(prefix).toMatchObject({ status: 422, reason: 'prefixNotInProject', field: 'spec.prefixes[0]' });
  expect(prefix.detail).toContain('corebgp get project shop');
  const six = (await post(announcement('x', ['2001:db9::1/128']))).body;
  expect(six).toMatchObject({ status: 422, reason: 'prefixNotInProject' });
  const nextHop = announcement('x', ['203.0.113.2/32']);
  nextHop.spec.nextHops = [{ address: '10.9.0.1' }];
  expect((await post(nextHop)).body).toMatchObject({
    status: 422,
    reason: 'nextHopNotInProject',
    field: 'spec.nextHops[0].address',
  });
});

test('a prefix has one owner, who is named; an object is created once', async () => {
  const taken = await post(announcement('thief', ['203.0.113.1/32']));
  expect(taken.body).toMatchObject({ status: 409, code: 'prefixTaken' });
  expect(taken.body.detail).toContain('shop/owner');
  expect((await post(announcement('owner', ['203.0.113.1/32']))).body).toMatchObject({
    status: 409,
    code: 'alreadyExists',
  });
});

test('a project that has announcements stays, and says which', async () => {
  const { status, body } = await rig.send('DELETE', '/v1/projects/shop');
  expect([status, body.code]).toEqual([409, 'inUse']);
  expect(body.detail).toContain('shop/owner');
});

test('preconditions: If-None-Match, and the revision in the metadata', async () => {
  const body = announcement('owner', ['203.0.113.1/32']);
  const exists = await rig.send('PUT', '/v1/announcements/shop/owner', body, { 'if-none-match': '*' });
  expect(exists.body).toMatchObject({ status: 412, code: 'conflict' });
  const { revision } = (await rig.send('GET', '/v1/announcements/shop/owner')).body.metadata;
  const stale = { ...body, metadata: { ...body.metadata, revision: revision - 1 } };
  expect((await rig.send('PUT', '/v1/announcements/shop/owner', stale)).body.code).toBe('conflict');
  const gone = await rig.send('DELETE', '/v1/announcements/shop/owner', undefined, { 'if-match': `"${revision - 1}"` });
  expect(gone.body.code).toBe('conflict');
  expect((await rig.send('DELETE', '/v1/announcements/shop/nobody')).body.code).toBe('notFound');
});

test('a page of another site can neither read by a name of its own nor write', async () => {
  const evil = await new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(rig.url);
    const outgoing = request({ hostname, port, path: '/v1/announcements', headers: { host: 'evil.example' } });
    outgoing.on('response', (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject);
    outgoing.end();
  });
  expect(evil).toBe(403);
  const written = await post(announcement('x', ['203.0.113.2/32']), { origin: 'https://evil.example' });
  expect(written.body).toMatchObject({ status: 403, code: 'forbidden' });
});

test('HEAD answers like GET without a body', async () => {
  const { status, headers, body } = await rig.send('HEAD', '/v1/announcements/shop/owner');
  expect([status, body]).toEqual([200, '']);
  expect(headers.get('etag')).toMatch(/^"\d+"$/);
});
