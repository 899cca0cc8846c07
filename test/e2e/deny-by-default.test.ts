/** What leaves a speaker and what doesn't (RFC 8212), whose paths are touched, and that a pass over the same state writes nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints } from '../../src/contract/endpoints.ts';
import { markMagic } from '../../src/model/mark.ts';
import { eventually, never } from '../rig/eventually.ts';
import { type GrpcProxy, isWritingCall, startGrpcProxy } from '../rig/grpc-proxy.ts';
import { type NodeProcess, startNodeProcess } from '../rig/node-process.ts';
import { type BirdServer, startBird } from '../servers/bird.ts';
import { type Gobgpd, gobgpGenerations, startGobgpd } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const own = ['203.0.113.10/32', '2001:db8::10/128'];
const learned = ['198.51.100.0/24', '2001:db8:ffff::/48'];
const foreign = '192.0.2.77/32';

/** Name, address and AS of the neighbours: one of our own AS, two of others. */
const neighbours = [
  { name: 'inside', address: '127.0.0.2', asn: 64_512 },
  { name: 'upstream', address: '127.0.0.3', asn: 65_001 },
  { name: 'exchange', address: '127.0.0.4', asn: 65_002 },
] as const;

describe.each(gobgpGenerations)('an external GoBGP %i between three neighbours', (generation) => {
  let gobgp: Gobgpd;
  let proxy: GrpcProxy;
  let node: NodeProcess;
  let birds: BirdServer[] = [];

  beforeAll(async () => {
    gobgp = await startGobgpd({ generation });
    proxy = await startGrpcProxy(gobgp.url);
    node = await startNodeProcess({ generation, flags: ['--speaker-supervise', 'false', '--speaker-url', proxy.url] });
    for (const { name, address, asn } of neighbours) {
      const listenPort = await freePort(address);
      const bird = await startBird({
        asn,
        localAddress: address,
        listenPort,
        neighbors: [
          {
            name: 'corebgp',
            address: node.speakerAddress,
            port: node.speakerPort,
            asn: node.asn,
            export: 'all',
            // GoBGP 3 drops what it learns with a next hop in 127/8.
            nextHops: { ipv4: '192.0.2.3', ipv6: '2001:db8::3' },
          },
        ],
        // Each of the outside sends routes of its own.
        staticRoutes: name === 'upstream' ? learned.map((prefix) => ({ prefix })) : [],
      });
      birds = [...birds, bird];
      const peer = {
        address,
        asn,
        port: listenPort,
        multihop: 4,
        timers: { connectRetry: '1s' },
        addPath: { send: 8 },
      };
      await node.apply({ kind: 'Peer', metadata: { name }, spec: peer });
    }
    await Promise.all(birds.map((bird) => bird.established()));
    await gobgp.cli('global', 'rib', 'add', foreign, 'nexthop', '10.9.9.9', 'identifier', '7');
    await node.apply(
      {
        kind: 'Project',
        metadata: { name: 'default' },
        spec: { prefixes: own.map((prefix) => ({ prefix })), nextHops: ['10.0.0.0/8', '2001:db8:1::/64'] },
      },
      {
        kind: 'Announcement',
        metadata: { name: 'dual' },
        spec: {
          prefixes: own,
          nextHops: ['10.0.1.11', '10.0.1.12', '2001:db8:1::11', '2001:db8:1::12'].map((address) => ({ address })),
        },
      },
    );
  });
  afterAll(async () => {
    await Promise.all(birds.map((bird) => bird.close()));
    await node?.close();
    await proxy?.close();
    await gobgp?.close('SIGKILL');
  });

  test('every neighbour gets our paths, both next hops, without our mark, and nothing else', async () => {
    for (const bird of birds) {
      const routes = await bird.tableWhen((seen) => seen.length >= 4);
      expect([...new Set(routes.map(({ prefix }) => prefix))].sort()).toEqual(own.toSorted());
      expect(routes).toHaveLength(4);
      for (const { largeCommunities, communities } of routes) {
        expect([...largeCommunities, ...communities].filter((text) => text.includes(String(markMagic)))).toEqual([]);
        expect(largeCommunities).toEqual([]);
      }
    }
  });

  test('what one neighbour sent went to no other, although it has arrived', async () => {
    await eventually(async () => {
      const received = JSON.parse(await gobgp.cli('neighbor', '127.0.0.3', 'adj-in', '-j'));
      expect(Object.keys(received)).toEqual([learned[0]]);
    }, 'the route of the upstream in the adj-RIB-in');
    for (const bird of birds) {
      const seen = bird.events().flatMap((event) => ('prefix' in event ? [event.prefix] : []));
      expect(seen.filter((prefix) => learned.includes(prefix) || prefix === foreign)).toEqual([]);
    }
  });

  test('a second pass over unchanged state makes no writing call: after a restart, and on the timer', async () => {
    const status = async () =>
      (await node.client.call(endpoints.speakers.get, { params: { name: 'n1' } }, never)).status;
    await eventually(async () => expect(await status()).toMatchObject({ paths: 4 }), 'the report');
    await node.end('SIGTERM');
    proxy.reset();
    await node.start();
    await eventually(() => expect(proxy.calls.get('ListPeer') ?? 0).toBeGreaterThan(0), 'the pass after the restart');
    await eventually(
      async () => expect(await status()).toMatchObject({ paths: 4, foreignPaths: 1 }),
      'the next report',
    );
    expect(writing(proxy)).toEqual([]);

    proxy.reset();
    await eventually(
      () => expect(proxy.calls.get('ListPath') ?? 0).toBeGreaterThan(1),
      'the pass of the timer',
      45_000,
    );
    await pause(500);
    expect(writing(proxy)).toEqual([]);
    // It can fail: a change is seen here as a writing call.
    await node.client.call(endpoints.announcements.delete, { params: { project: 'default', name: 'dual' } }, never);
    await eventually(() => expect(writing(proxy)).toEqual(['AddPathStream']), 'the withdrawal');
  });

  test('foreign paths are still there when all of ours are gone', async () => {
    for (const bird of birds) await bird.tableWhen((routes) => routes.length === 0);
    const rib: unknown = JSON.parse(await gobgp.cli('global', 'rib', '-a', 'ipv4', '-j'));
    expect(Object.keys(rib ?? {})).toContain(foreign);
  });
});

function writing(proxy: GrpcProxy): string[] {
  return [...proxy.calls.keys()].filter(isWritingCall);
}
