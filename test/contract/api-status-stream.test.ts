/** The status view of the watch: what people see, over HTTP and within the process. */
import { afterEach, describe, expect, test } from 'vitest';
import { createHttpTransport } from '../../src/client/http.ts';
import { type StatusEvent, watchStatus } from '../../src/client/status-watch.ts';
import type { Transport } from '../../src/client/transport.ts';
import type { StatusCollection, WatchedObject } from '../../src/contract/stream.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

async function start(...args: Parameters<typeof startApi>): Promise<ApiRig> {
  const rig = await startApi(...args);
  closing.push(() => rig.close());
  expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
  return rig;
}

function http(rig: ApiRig): Transport {
  const transport = createHttpTransport({ url: rig.url, clock: systemClock });
  closing.push(() => transport.close());
  return transport;
}

/** Follows until the test ends. */
function follow(
  transport: Transport,
  collections: readonly StatusCollection[],
  only: { readonly project?: string; readonly name?: string } = {},
) {
  const controller = new AbortController();
  const objects = new Map<string, WatchedObject>();
  const events: StatusEvent[] = [];
  const run = async () => {
    const options = { transport, collections, ...only, clock: systemClock, random: () => 0.5 };
    for await (const event of watchStatus(options, controller.signal)) {
      events.push(event);
      if (event.type !== 'changes') continue;
      for (const one of event.put) objects.set(`${one.kind} ${one.metadata.name}`, one);
      for (const one of event.deleted) objects.delete(`${one.kind} ${one.name}`);
    }
  };
  const running = run().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  const stop = async () => {
    controller.abort();
    await running;
  };
  closing.push(stop);
  return {
    objects,
    events,
    stop,
    synced: () => expect.poll(() => events.some(({ type }) => type === 'synced')).toBe(true),
    // biome-ignore lint/suspicious/noExplicitAny: tests look into objects by path.
    get: (name: string): any => objects.get(name),
    /** Times that the object was handed out. */
    times: (name: string) =>
      events
        .flatMap((event) => (event.type === 'changes' ? event.put : []))
        .filter((one) => `${one.kind} ${one.metadata.name}` === name).length,
  };
}

const report = (appliedRevision: number, more: object = {}) => ({
  v: 1,
  name: 'rr1',
  node: 'n',
  zone: 'default',
  asn: 64_512,
  routerId: '10.0.0.1',
  appliedRevision,
  paths: 0,
  foreignPaths: 0,
  peers: [],
  exceptions: [],
  exceptionCount: 0,
  conditions: [],
  reportedAt: '2026-01-01T00:00:00Z',
  ...more,
});

describe.each([
  ['over HTTP', http],
  ['within the process', (rig: ApiRig): Transport => rig.api.direct],
])('the status view %s', (_how, transportOf) => {
  test('shows what get answers, and follows creates, changes and deletes', async () => {
    const rig = await start();
    await rig.send('POST', '/v1/announcements', announcement('four', ['203.0.113.1/32']));
    const seen = follow(transportOf(rig), ['announcements', 'projects']);
    await seen.synced();
    expect([...seen.objects.keys()].sort()).toEqual(['Announcement four', 'Project shop']);
    expect(seen.get('Announcement four')).toEqual((await rig.send('GET', '/v1/announcements/shop/four')).body);
    expect(seen.get('Project shop')).toEqual((await rig.send('GET', '/v1/projects/shop')).body);
    await rig.send('POST', '/v1/announcements', announcement('six', ['2001:db8::1/128']));
    await expect.poll(() => seen.get('Announcement six')?.status.state).toBe('pending');
    const { body: changed } = await rig.send(
      'PUT',
      '/v1/announcements/shop/six',
      announcement('six', ['2001:db8::2/128']),
    );
    await expect.poll(() => seen.get('Announcement six')?.metadata.revision).toBe(changed.metadata.revision);
    await rig.send('DELETE', '/v1/announcements/shop/four');
    await expect.poll(() => [...seen.objects.keys()].sort()).toEqual(['Announcement six', 'Project shop']);
  });

  test('follows what speakers report, and only what looks different', async () => {
    const rig = await start();
    const peer = { kind: 'Peer', metadata: { name: 'p1' }, spec: { address: '10.0.0.9', asn: 64_513 } };
    await rig.send('POST', '/v1/peers', peer);
    const { body } = await rig.send(
      'POST',
      '/v1/announcements',
      announcement('web', ['203.0.113.1/32', '2001:db8::1/128']),
    );
    const seen = follow(transportOf(rig), ['announcements', 'peers']);
    await seen.synced();
    const send = (...args: Parameters<typeof report>) => rig.send('POST', '/v1/speakers/rr1/report', report(...args));
    const session = (state: string) => ({ name: 'p1', address: '10.0.0.9', asn: 64_513, session: state });
    const { revision } = body.metadata;
    await send(revision - 1);
    await expect.poll(() => seen.get('Announcement web').status.reason).toBe('notApplied');
    await send(revision, { peers: [session('established')] });
    await expect.poll(() => seen.get('Announcement web').status.state).toBe('announced');
    await expect.poll(() => seen.get('Peer p1').status.speakers[0]?.session).toBe('established');
    const times = seen.times('Announcement web');
    await send(revision + 1);
    await send(revision + 2, {
      exceptions: [{ prefix: '203.0.113.9/32', nextHop: '10.0.1.1', kind: 'held', reason: 'x' }],
    });
    await expect.poll(() => seen.get('Peer p1').status.speakers).toEqual([]);
    expect(seen.times('Announcement web')).toBe(times);
    const held = { prefix: '2001:db8::1/128', nextHop: '2001:db8:1::1', kind: 'held', reason: 'mirrorStale' };
    await send(revision + 3, { exceptions: [held] });
    await expect
      .poll(() => seen.get('Announcement web').status)
      .toMatchObject({ state: 'held', reason: 'mirrorStale' });
    expect(seen.get('Announcement web')).toEqual((await rig.send('GET', '/v1/announcements/shop/web')).body);
  });

  test('a drain shows when it begins, when it ends by time, and when it is deleted', async () => {
    const rig = await start();
    await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.1/32']));
    const seen = follow(transportOf(rig), ['announcements', 'drains']);
    await seen.synced();
    const why = () => seen.get('Announcement web').status.nextHops[0].why;
    expect(why()).toBe('unchecked');
    const drain = (until?: string) => ({
      kind: 'Drain',
      metadata: { name: 'd' },
      spec: { target: { nextHop: '10.0.1.1' }, ...(until === undefined ? {} : { until }) },
    });
    await rig.send('PUT', '/v1/drains/d', drain(new Date(Date.now() + 1_500).toISOString()));
    await expect.poll(why).toBe('drained');
    expect(seen.objects.has('Drain d')).toBe(true);
    await expect.poll(why, { timeout: 10_000 }).toBe('unchecked');
    await rig.send('PUT', '/v1/drains/d', drain());
    await expect.poll(why).toBe('drained');
    await rig.send('DELETE', '/v1/drains/d');
    await expect.poll(why).toBe('unchecked');
    expect(seen.objects.has('Drain d')).toBe(false);
  });

  test('may be of one project, or of one object', async () => {
    const rig = await start();
    const other = { ...shop, metadata: { name: 'other' } };
    await rig.send('POST', '/v1/projects', other);
    await rig.send('POST', '/v1/announcements', announcement('a', ['203.0.113.1/32']));
    await rig.send('POST', '/v1/announcements', announcement('b', ['203.0.113.2/32']));
    const foreign = announcement('c', ['203.0.113.3/32']);
    await rig.send('POST', '/v1/announcements', { ...foreign, metadata: { project: 'other', name: 'c' } });
    const ofShop = follow(transportOf(rig), ['announcements'], { project: 'shop' });
    const one = follow(transportOf(rig), ['announcements'], { project: 'shop', name: 'b' });
    const later = follow(transportOf(rig), ['projects'], { name: 'later' });
    for (const seen of [ofShop, one, later]) await seen.synced();
    await rig.send('POST', '/v1/projects', { ...shop, metadata: { name: 'later' } });
    await expect.poll(() => [...later.objects.keys()]).toEqual(['Project later']);
    expect([...ofShop.objects.keys()].sort()).toEqual(['Announcement a', 'Announcement b']);
    expect([...one.objects.keys()]).toEqual(['Announcement b']);
    await rig.send('DELETE', '/v1/announcements/shop/b');
    await expect.poll(() => one.objects.size + ofShop.objects.size).toBe(1);
  });

  test('says that it is fresh, and a server that is closed is waited for', async () => {
    const rig = await startApi();
    const seen = follow(transportOf(rig), ['announcements']);
    await seen.synced();
    await rig.close();
    await expect.poll(() => seen.events.at(-1)?.type).toBe('broken');
  });
});

test('what cannot be asked for is refused, with the field', async () => {
  const rig = await start();
  const refused = async (query: string) => (await rig.send('GET', `/v1/watch?${query}`)).body;
  const cases = [
    ['view=status&kinds=announcements&since=3', 'since'],
    ['view=status&kinds=health', 'kinds'],
    ['view=status&kinds=announcements,peers&project=shop', 'project'],
    ['view=status&kinds=announcements,peers&name=web', 'name'],
    ['view=status&kinds=announcements&name=web', 'project'],
    ['view=status&kinds=peers&project=shop', 'project'],
    ['view=status&kinds=peers&name=UPPER', 'name'],
    ['view=state&kinds=peers', 'view'],
    ['kinds=peers&name=a', 'name'],
  ] as const;
  for (const [query, field] of cases) expect(await refused(query), query).toMatchObject({ status: 400, field });
  const resumed = await fetch(`${rig.url}/v1/watch?view=status&kinds=peers`, { headers: { 'last-event-id': '1' } });
  expect(resumed.status).toBe(200);
  await resumed.body?.cancel();
});

test('a bookmark says that the stream is fresh', async () => {
  const rig = await start();
  const query = { view: 'status', kinds: 'peers' };
  const controller = new AbortController();
  for await (const message of rig.api.direct.stream(
    { endpoint: 'watch', params: {}, query, headers: {} },
    controller.signal,
  )) {
    if (message.type === 'bookmark') break;
    expect(message.type).toBe('synced');
  }
});
