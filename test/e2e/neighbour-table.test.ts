/** A declared announcement in a real router's table, v4 and v6: attributes, and every way in which its paths leave. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints } from '../../src/contract/endpoints.ts';
import type { BirdRoute } from '../../src/playground/bird-table.ts';
import { eventually, never } from '../rig/eventually.ts';
import { type HttpBackend, startBackend } from '../rig/http-backend.ts';
import { type NodeProcess, startNodeProcess } from '../rig/node-process.ts';
import { type BirdServer, startBird } from '../servers/bird.ts';
import { gobgpGenerations } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const v4 = '203.0.113.10/32';
const v6 = '2001:db8::10/128';
const everything = {
  kind: 'Project',
  metadata: { name: 'default' },
  spec: {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
    nextHops: ['127.0.0.0/8', '10.0.0.0/8', '::1/128', '2001:db8:1::/64'],
  },
};

describe.each(gobgpGenerations)('with GoBGP %i, a BIRD neighbour', (generation) => {
  let node: NodeProcess;
  let bird: BirdServer;
  let backends: readonly [HttpBackend, HttpBackend];

  beforeAll(async () => {
    const listenPort = await freePort('127.0.0.2');
    node = await startNodeProcess({ generation });
    bird = await startBird({
      asn: node.asn,
      listenPort,
      neighbors: [{ name: 'corebgp', address: node.speakerAddress, port: node.speakerPort, asn: node.asn }],
    });
    const first = await startBackend('127.0.0.11');
    backends = [first, await startBackend('127.0.0.12', first.port)];
    const peer = { address: '127.0.0.2', asn: node.asn, port: listenPort, multihop: 2, timers: { connectRetry: '1s' } };
    await node.apply(everything, { kind: 'Peer', metadata: { name: 'bird' }, spec: { ...peer, addPath: { send: 8 } } });
    await bird.established();
  });
  afterAll(async () => {
    await bird?.close();
    await node?.close();
    await Promise.all((backends ?? []).map((backend) => backend.die()));
  });

  const shows = (prefix: string, ...nextHops: string[]) =>
    bird.tableWhen((routes) => hops(routes, prefix).join() === nextHops.sort().join());
  const checked = () => ({
    kind: 'Announcement',
    metadata: { name: 'web' },
    spec: {
      prefixes: [v4],
      nextHops: backends.map(({ address }) => ({ address })),
      healthCheck: { type: 'http', port: backends[0].port, interval: '500ms', fastInterval: '100ms', timeout: '400ms' },
    },
  });
  const remove = (name: string) =>
    node.client.call(endpoints.announcements.delete, { params: { project: 'default', name } }, never);

  test('shows both next hops by add-path, and loses and regains one with its health', async () => {
    await node.apply(checked());
    await shows(v4, '127.0.0.11', '127.0.0.12');
    await backends[0].die();
    await shows(v4, '127.0.0.12');
    await backends[0].revive();
    await shows(v4, '127.0.0.11', '127.0.0.12');
    backends[1].answer(503);
    await shows(v4, '127.0.0.11');
    const dead = await node.client.call(
      endpoints.announcements.get,
      { params: { project: 'default', name: 'web' } },
      never,
    );
    expect(dead.status?.nextHops.find(({ address }) => address === '127.0.0.12')).toMatchObject({
      health: 'down',
      reason: 'statusMismatch',
      code: 503,
      path: 'withdraw',
      why: 'nextHopDown',
    });
    backends[1].answer(200);
    await shows(v4, '127.0.0.11', '127.0.0.12');
  });

  test('loses the last healthy next hop as well: nothing is announced that is known to be dead', async () => {
    await Promise.all(backends.map((backend) => backend.die()));
    await shows(v4);
    await Promise.all(backends.map((backend) => backend.revive()));
    await shows(v4, '127.0.0.11', '127.0.0.12');
  });

  test('loses what is drained and gets it back afterwards', async () => {
    const drain = (target: object) => node.apply({ kind: 'Drain', metadata: { name: 'd' }, spec: { target } });
    const undrain = () => node.client.call(endpoints.drains.delete, { params: { name: 'd' } }, never);
    await drain({ nextHop: '127.0.0.11' });
    await shows(v4, '127.0.0.12');
    await undrain();
    await shows(v4, '127.0.0.11', '127.0.0.12');
    const until = new Date(Date.now() + 2_000).toISOString();
    await node.apply({ kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '127.0.0.12' }, until } });
    await shows(v4, '127.0.0.11');
    // It ends by itself: within seconds, not at the updater's next tick.
    await bird.tableWhen((routes) => hops(routes, v4).length === 2, 7_000);
    await undrain();
    await drain({ announcement: 'default/web' });
    await shows(v4);
    await undrain();
    await shows(v4, '127.0.0.11', '127.0.0.12');
    await drain({ speaker: 'n1' });
    await shows(v4);
    await undrain();
    await shows(v4, '127.0.0.11', '127.0.0.12');
  });

  test('loses the last announcement when it is deleted', async () => {
    await remove('web');
    await shows(v4);
    expect((await bird.table(never)).length).toBe(0);
  });

  test('sees every attribute, IPv4 and IPv6, and never our mark', async () => {
    const attributes = {
      origin: 'egp',
      communities: ['64512:100', '65535:666'],
      largeCommunities: ['64512:1:2', '64512:4294967295:0'],
      med: 10,
      localPref: 150,
      asPathPrepend: 2,
    };
    await node.apply({
      kind: 'Announcement',
      metadata: { name: 'dual' },
      spec: {
        prefixes: [v4, v6],
        nextHops: [
          { address: '10.0.1.11', attributes: { localPref: 200 } },
          { address: '10.0.1.12' },
          { address: '2001:db8:1::11' },
          { address: '2001:db8:1::12', attributes: { med: 20 } },
        ],
        attributes,
      },
    });
    await shows(v4, '10.0.1.11', '10.0.1.12');
    const routes = await shows(v6, '2001:db8:1::11', '2001:db8:1::12');
    expect(routes).toHaveLength(4);
    for (const route of routes) {
      expect(route).toMatchObject({ origin: 'egp', asPath: [node.asn, node.asn] });
      expect(route.communities.toSorted()).toEqual(['64512:100', '65535:666']);
      expect(route.largeCommunities.toSorted()).toEqual(['64512:1:2', '64512:4294967295:0']);
    }
    const of = (nextHop: string) => routes.find((route) => route.nextHop === nextHop);
    expect(of('10.0.1.11')).toMatchObject({ localPref: 200, med: 10 });
    expect(of('10.0.1.12')).toMatchObject({ localPref: 150, med: 10 });
    expect(of('2001:db8:1::11')).toMatchObject({ localPref: 150, med: 10 });
    expect(of('2001:db8:1::12')).toMatchObject({ localPref: 150, med: 20 });
  });

  test('sees changed attributes without a withdrawal, and loses removed next hops and prefixes', async () => {
    const from = bird.events().length;
    const spec = { prefixes: [v4, v6], nextHops: [{ address: '10.0.1.11' }, { address: '2001:db8:1::11' }] };
    const replace = (changed: object) =>
      node.apply({ kind: 'Announcement', metadata: { name: 'dual' }, spec: changed });
    await replace({ ...spec, nextHops: [...spec.nextHops, { address: '10.0.1.12' }, { address: '2001:db8:1::12' }] });
    await bird.tableWhen((routes) => routes.length === 4 && routes.every((route) => route.asPath.length === 0));
    expect(
      bird
        .events()
        .slice(from)
        .filter(({ kind }) => kind === 'withdraw'),
    ).toEqual([]);
    await replace(spec);
    await shows(v4, '10.0.1.11');
    await shows(v6, '2001:db8:1::11');
    await replace({ ...spec, prefixes: [v6], nextHops: [{ address: '2001:db8:1::11' }] });
    await shows(v4);
    await shows(v6, '2001:db8:1::11');
    await remove('dual');
    await shows(v6);
  });

  test('checks IPv6 next hops like any other', async () => {
    const backend = await startBackend('::1');
    try {
      await node.apply({
        kind: 'Announcement',
        metadata: { name: 'six' },
        spec: {
          prefixes: [v6],
          nextHops: [{ address: '::1' }],
          healthCheck: { type: 'tcp', port: backend.port, interval: '500ms', fastInterval: '100ms', timeout: '400ms' },
        },
      });
      await eventually(async () => {
        const { status } = await node.client.call(
          endpoints.announcements.get,
          { params: { project: 'default', name: 'six' } },
          never,
        );
        expect(status).toMatchObject({ state: 'announced', nextHops: [{ health: 'up', path: 'announce' }] });
      }, 'the IPv6 next hop is up');
      await backend.die();
      await eventually(async () => {
        const { status } = await node.client.call(
          endpoints.announcements.get,
          { params: { project: 'default', name: 'six' } },
          never,
        );
        expect(status).toMatchObject({ nextHops: [{ health: 'down', reason: 'connectionRefused', path: 'withdraw' }] });
      }, 'the IPv6 next hop is down');
    } finally {
      await backend.die();
      await remove('six');
    }
  });
});

function hops(routes: readonly BirdRoute[], prefix: string): string[] {
  return routes
    .filter((route) => route.prefix === prefix)
    .map(({ nextHop }) => nextHop)
    .sort();
}
