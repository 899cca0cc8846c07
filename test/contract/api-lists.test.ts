/** Lists over real HTTP and within the process: pages, lines, what they refuse, and records that can't be read. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { isUnreadable } from '../../src/contract/lists.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  await rig.close();
});

const lines = { accept: 'application/x-ndjson' };
const prefixOf = (index: number) => (index % 2 === 0 ? `203.0.113.${index}/32` : `2001:db8::${index.toString(16)}/128`);
const create = async (index: number, labels = {}) => {
  const one = announcement(`web-${index}`, [prefixOf(index)]);
  const { status } = await rig.send('POST', '/v1/announcements', { ...one, metadata: { ...one.metadata, labels } });
  expect(status).toBe(201);
};
const createAll = async (count: number) => {
  for (let index = 0; index < count; index += 1) await create(index);
};
const names = (body: { resources: { metadata: { name: string } }[] }) => body.resources.map((one) => one.metadata.name);
const put = (key: string, value: string) =>
  rig.store.commit([], [{ op: 'put', key: `/corebgp/v1/${key}`, value }], never);

function overHttp(url = rig.url): Client {
  const transport = createHttpTransport({ url, clock: systemClock });
  cleanUps.push(() => transport.close());
  return createClient(transport);
}
const clients = (): readonly Client[] => [overHttp(), createClient(rig.api.direct)];

async function all<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

test('pages show the revision of the first; the status of a record deleted since is computed from that record', async () => {
  await createAll(5);
  const first = await rig.send('GET', '/v1/announcements?limit=2');
  expect([names(first.body), first.body.remaining]).toEqual([['web-0', 'web-1'], 3]);
  expect((await rig.send('DELETE', '/v1/announcements/shop/web-2')).status).toBe(200);
  await create(9);
  const second = await rig.send('GET', `/v1/announcements?limit=2&continue=${first.body.continue}`);
  expect([names(second.body), second.body.remaining]).toEqual([['web-2', 'web-3'], 1]);
  expect(second.body.resources[0].status).toMatchObject({ state: 'pending', reason: 'noSpeaker' });
  const third = await rig.send('GET', `/v1/announcements?limit=2&continue=${second.body.continue}`);
  expect([names(third.body), third.body.continue, third.body.remaining]).toEqual([['web-4'], undefined, undefined]);
  expect(third.body.revision).toBe(first.body.revision);
  expect(names((await rig.send('GET', '/v1/announcements')).body)).toEqual([
    'web-0',
    'web-1',
    'web-3',
    'web-4',
    'web-9',
  ]);
});

test('a token is refused with another filter or collection, when it is none, and when it is no longer held', async () => {
  await createAll(3);
  const { body } = await rig.send('GET', '/v1/announcements?limit=1&project=shop');
  for (const path of [
    `announcements?limit=1&continue=${body.continue}`,
    `announcements?limit=1&project=yard&continue=${body.continue}`,
    `announcements?limit=1&project=shop&labels=a=b&continue=${body.continue}`,
    `projects?continue=${body.continue}`,
    'announcements?continue=x',
  ]) {
    const refused = await rig.send('GET', `/v1/${path}`);
    expect([refused.status, refused.body.code, refused.body.field], path).toEqual([400, 'invalid', 'continue']);
  }
  const gone = await rig.send('GET', `/v1/announcements?limit=1&project=shop&continue=${'0'.repeat(32)}-1`);
  expect([gone.status, gone.body.code, gone.body.field]).toEqual([410, 'compacted', 'continue']);
  expect(gone.body.detail).toContain('Begin again without continue');
  for (const limit of ['0', '501', 'all']) {
    const refused = await rig.send('GET', `/v1/announcements?limit=${limit}`);
    expect([refused.status, refused.body.field]).toEqual([400, 'limit']);
  }
});

test('thirty read on in pages to the end, while others look at first pages only and something is always written', async () => {
  await createAll(9);
  const done = new AbortController();
  const poll = async (path: string) => {
    while (!done.signal.aborted) expect((await rig.send('GET', path)).status).toBe(200);
  };
  const write = async () => {
    for (let turn = 0; !done.signal.aborted; turn += 1) {
      const spec = { scope: { site: `x${turn}` } };
      await rig.send('PUT', '/v1/drains/busy', { kind: 'Drain', metadata: { name: 'busy' }, spec });
    }
  };
  const others = [poll('/v1/announcements?limit=1'), poll('/v1/announcements?limit=2'), write()];
  const walk = async () => {
    const found: string[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const next: string = token === '' ? '' : `&continue=${token}`;
      const { status, body } = await rig.send('GET', `/v1/announcements?limit=2${next}`);
      expect({ status, detail: body.detail }).toEqual({ status: 200, detail: undefined });
      found.push(...names(body));
      token = body.continue;
    }
    expect(found).toHaveLength(9);
  };
  await Promise.all(Array.from({ length: 30 }, walk)).finally(() => done.abort());
  await Promise.all(others);
});

test('lines say the same as pages, in one answer with its revision, over every transport', async () => {
  await createAll(7);
  const first = await rig.send('GET', '/v1/announcements?limit=4');
  const second = await rig.send('GET', `/v1/announcements?limit=4&continue=${first.body.continue}`);
  const pages = [...first.body.resources, ...second.body.resources];
  const answer = await fetch(`${rig.url}/v1/announcements`, { headers: lines });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  expect(Number(answer.headers.get('corebgp-revision'))).toBeGreaterThanOrEqual(first.body.revision);
  expect(answer.headers.get('corebgp-total')).toBe('7');
  expect(answer.headers.get('x-request-id')).toMatch(/\w/);
  expect((await answer.text()).split('\n')).toEqual([...pages.map((one) => JSON.stringify(one)), '']);
  for (const client of clients()) {
    expect(await all(client.lines(endpoints.announcements.all, {}, never))).toEqual(pages);
    const one = { query: { project: 'none' } };
    expect(await all(client.lines(endpoints.announcements.all, one, never))).toEqual([]);
    for await (const slice of client.slices(endpoints.drains.all, {}, never)) {
      expect(slice).toMatchObject({ total: 0, stale: false, rows: [] });
      expect(slice.revision).toBeGreaterThanOrEqual(first.body.revision);
    }
  }
  const head = await fetch(`${rig.url}/v1/announcements`, { method: 'HEAD', headers: lines });
  expect([head.status, head.headers.get('corebgp-total')]).toEqual([200, '7']);
});

test('lines take no limit and no continue, and no form that does not exist', async () => {
  for (const [query, field] of [
    ['limit=5', 'limit'],
    ['continue=x', 'continue'],
    ['project=', 'project'],
    ['colour=red', 'colour'],
  ]) {
    const refused = await rig.send('GET', `/v1/announcements?${query}`, undefined, lines);
    expect([refused.status, refused.body.field]).toEqual([400, field]);
  }
  const html = await rig.send('GET', '/v1/announcements', undefined, { accept: 'text/html' });
  expect([html.status, html.body.code]).toEqual([406, 'notAcceptable']);
});

test('speakers and checkers are listed in the same two ways', async () => {
  const { lease } = (await rig.send('POST', '/v1/leases', { ttlMs: 60_000 })).body;
  for (const id of ['c-1', 'c-2']) {
    const record = { v: 1, id, zone: 'default', state: 'ready', version: '0' };
    expect((await rig.send('PUT', `/v1/checkers/default/${id}`, { lease, record })).status).toBe(200);
  }
  await put('checkers/default/odd', '{"v":7}');
  await put('speaker-status/odd', '{"v":7}');
  await expect.poll(async () => (await rig.send('GET', '/v1/speakers')).body.unreadable?.length).toBe(1);
  const first = await rig.send('GET', '/v1/checkers?limit=2');
  expect([first.body.resources.map(({ id }: { id: string }) => id), first.body.remaining]).toEqual([['c-1', 'c-2'], 1]);
  const second = await rig.send('GET', `/v1/checkers?limit=2&continue=${first.body.continue}`);
  expect(second.body).toMatchObject({ resources: [], unreadable: [{ kind: 'Checker', name: 'default/odd' }] });
  for (const client of clients()) {
    expect(await all(client.lines(endpoints.checkers.all, {}, never))).toMatchObject([
      { id: 'c-1' },
      { id: 'c-2' },
      { unreadable: true, name: 'default/odd' },
    ]);
    expect(await client.call(endpoints.speakers.list, {}, never)).toMatchObject({ unreadable: [{ name: 'odd' }] });
  }
});

test('a record that cannot be read, or does not fit, hides no other: it is listed as unreadable', async () => {
  await createAll(2);
  const metadata = { name: 'misfit', project: 'shop', uid: 'u', createdAt: 'c', updatedAt: 'u', labels: { a: 'b' } };
  const record = { v: 1, kind: 'Announcement', metadata, spec: { prefixes: 'all', nextHops: [] } };
  await put('announcements/shop/misfit', JSON.stringify(record));
  await put('announcements/shop/newer', JSON.stringify({ v: 2, kind: 'Announcement' }));
  const { revision } = await put('announcements/shop/torn', '{"v":');
  await expect.poll(async () => (await rig.send('GET', '/v1/announcements')).body.unreadable?.length).toBe(3);
  const unreadable = [
    { kind: 'Announcement', name: 'shop/misfit', message: expect.stringContaining('spec.prefixes') },
    { kind: 'Announcement', name: 'shop/newer', message: expect.stringContaining('apply it again, or delete it') },
    { kind: 'Announcement', name: 'shop/torn', revision },
  ];
  for (const client of clients()) {
    const page = await client.call(endpoints.announcements.list, {}, never);
    expect([names(page), page.unreadable]).toEqual([
      ['web-0', 'web-1'],
      unreadable.map((one) => expect.objectContaining(one)),
    ]);
    const rows = await all(client.lines(endpoints.announcements.all, {}, never));
    expect(rows.filter(isUnreadable)).toMatchObject(unreadable);
    expect(rows).toHaveLength(5);
    const other = await client.call(endpoints.announcements.list, { query: { labels: 'a=c' } }, never);
    expect(other.unreadable?.map(({ name }) => name)).toEqual(['shop/newer', 'shop/torn']);
  }
  const first = await rig.send('GET', '/v1/announcements?limit=1');
  expect(first.body).toMatchObject({ resources: [], unreadable: [{ name: 'shop/misfit' }], remaining: 4 });
});

test('a field of a newer version makes no record unreadable', async () => {
  await createAll(1);
  const { entry } = await rig.store.get('/corebgp/v1/announcements/shop/web-0', never);
  const record = JSON.parse(entry?.value ?? 'null');
  await put('announcements/shop/web-0', JSON.stringify({ ...record, spec: { ...record.spec, novelty: 1 } }));
  const found = async () => (await rig.send('GET', '/v1/announcements')).body;
  await expect.poll(async () => (await found()).resources[0].spec.novelty).toBe(1);
  expect((await found()).unreadable).toBeUndefined();
});

test('32 lists are answered in lines at a time, and a reader who goes gives his place back', async () => {
  await createAll(3);
  const request = { endpoint: 'announcements.all', params: {}, query: {}, headers: {} };
  const open = Array.from({ length: 32 }, () => rig.api.direct.lines(request, never));
  await Promise.all(open.map((one) => one.next()));
  const ask = () => fetch(`${rig.url}/v1/announcements`, { headers: lines });
  const refused = await ask();
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'limited' }]);
  expect((await rig.send('GET', '/v1/announcements')).status).toBe(200);
  await open[0]?.return();
  for (let times = 0; times < 3; times += 1) expect(await (await ask()).text()).toContain('web-2');
  for (const one of open) await one.return();
});

/** Passes bytes on, and cuts the connection after so many of the answer. */
async function cuttingAfter(bytes: number): Promise<{ readonly url: string; passed(): number }> {
  const { port } = new URL(rig.url);
  const sockets = new Set<Socket>();
  let passed = 0;
  const proxy: Server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, bytes - passed);
      passed += part.length;
      near.write(part, () => {
        if (passed === bytes) for (const socket of [near, far]) socket.destroy();
      });
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${own}`, passed: () => passed };
}

test('an answer in lines that is cut anywhere is an error, never a short list', async () => {
  await createAll(4);
  const read = async (url: string) => all(overHttp(url).lines(endpoints.announcements.all, {}, never));
  const whole = await cuttingAfter(Number.POSITIVE_INFINITY);
  expect(await read(whole.url)).toHaveLength(4);
  const bytes = whole.passed();
  for (const missing of [1, 5, 6, 100, Math.round(bytes / 2), bytes - 500, bytes - 10]) {
    const { url } = await cuttingAfter(bytes - missing);
    await expect(read(url), `${missing} of ${bytes} bytes missing`).rejects.toMatchObject({ code: 'unavailable' });
  }
});
