/** What leaves a speaker, judged by real neighbours (BIRD): marks, deny by default (RFC 8212), add-path, reflection. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PathAttributes } from '../../src/model/attributes.ts';
import { markMagic } from '../../src/model/mark.ts';
import type { Path } from '../../src/model/path.ts';
import type { PeerSpec } from '../../src/model/peer.ts';
import { openGobgpSpeaker } from '../../src/speaker/gobgp/speaker.ts';
import { clientTagOf } from '../../src/speaker/mark.ts';
import { type BirdServer, type BirdServerOptions, startBird } from '../servers/bird.ts';
import { gobgpGenerations, startGobgpd } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const signal = new AbortController().signal;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const attributes: PathAttributes = {
  origin: 'egp',
  asPath: [65_000],
  localPref: 250,
  med: 30,
  communities: [4_259_840_001],
  largeCommunities: ['65000:1:2'],
};
const own: readonly Path[] = [
  { prefix: '203.0.113.1/32', nextHop: '127.0.0.21', identifier: 1, attributes },
  { prefix: '203.0.113.1/32', nextHop: '127.0.0.22', identifier: 2, attributes },
  { prefix: '2001:db8::1/128', nextHop: '2001:db8:1::21', identifier: 1, attributes },
  { prefix: '2001:db8::1/128', nextHop: '2001:db8:1::22', identifier: 2, attributes },
];

describe.each(gobgpGenerations)('neighbours of a speaker over GoBGP %s', (generation) => {
  async function speakerWith(asn = 65_000) {
    const listenPort = await freePort();
    const daemon = await startGobgpd({ generation });
    cleanUps.push(() => daemon.close('SIGKILL'));
    const identity = { name: 'node-1', asn, routerId: '10.0.0.1', listenPort, listenAddresses: ['127.0.0.1'] };
    const speaker = openGobgpSpeaker(daemon.url, identity);
    cleanUps.push(() => speaker.close());
    await speaker.start(signal);
    await speaker.ensurePolicies(signal);
    return { daemon, identity, speaker, listenPort };
  }
  type Rig = Awaited<ReturnType<typeof speakerWith>>;

  /** A BIRD as neighbour: the session is up when it returns. */
  async function neighbor(
    { speaker, identity, listenPort }: Rig,
    name: string,
    localAddress: string,
    asn: number,
    spec: Partial<PeerSpec> = {},
    bird: Partial<BirdServerOptions['neighbors'][number]> & { staticRoutes?: BirdServerOptions['staticRoutes'] } = {},
  ): Promise<BirdServer> {
    const { staticRoutes, ...session } = bird;
    const server = await startBird({
      asn,
      localAddress,
      neighbors: [
        { name: 'speaker', address: '127.0.0.1', port: listenPort, asn: identity.asn, passive: true, ...session },
      ],
      ...(staticRoutes === undefined ? {} : { staticRoutes }),
    });
    cleanUps.push(() => server.close());
    const peer = {
      address: localAddress,
      asn,
      port: server.listenPort,
      sourceAddress: '127.0.0.1',
      multihop: 5,
      ...spec,
    };
    const { multihop, ...internal } = peer;
    const timers = { connectRetry: '1s' };
    await speaker.addPeer(
      name,
      { ...(asn === identity.asn ? internal : { ...internal, multihop }), timers },
      false,
      signal,
    );
    await server.established();
    return server;
  }

  it('get our paths with every attribute, both next hops by add-path, and no mark', async () => {
    const rig = await speakerWith();
    await rig.speaker.apply(
      own.map((path) => ({ op: 'announce', path })),
      signal,
    );
    const [internal, external, single] = await Promise.all([
      neighbor(rig, 'internal', '127.0.0.2', 65_000),
      neighbor(rig, 'external', '127.0.0.3', 65_003),
      neighbor(rig, 'single', '127.0.0.4', 65_000, { addPath: { send: 0 } }),
    ]);

    const routes = await internal.tableWhen((table) => table.length === 4);
    expect(routes.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort()).toEqual(
      own.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort(),
    );
    for (const route of routes) {
      expect(route).toMatchObject({
        origin: 'egp',
        asPath: [65_000],
        localPref: 250,
        med: 30,
        communities: ['65000:1'],
        largeCommunities: ['65000:1:2'],
      });
    }
    const outside = await external.tableWhen((table) => table.length === 4);
    for (const route of outside) {
      expect(route).toMatchObject({ asPath: [65_000, 65_000], med: 30, largeCommunities: ['65000:1:2'] });
    }
    expect(await single.tableWhen((table) => table.length === 2)).toHaveLength(2);
    const states = await rig.speaker.listPeers(signal);
    expect(states.find(({ name }) => name === 'internal')?.state).toMatchObject({
      session: 'established',
      addPathSend: true,
      routerId: expect.stringMatching(/^\d+\./),
    });

    const [first, second, ...others] = own;
    if (first === undefined || second === undefined) throw new Error('no paths');
    await rig.speaker.apply(
      [first, ...others].map((path) => ({ op: 'withdraw', path })),
      signal,
    );
    const left = await internal.tableWhen((table) => table.length === 1);
    expect(left).toMatchObject([{ prefix: second.prefix, nextHop: second.nextHop }]);
    await external.tableWhen((table) => table.length === 1);
    await rig.speaker.apply([{ op: 'withdraw', path: second }], signal);
    for (const bird of [internal, external, single]) await bird.tableWhen((table) => table.length === 0);
  });

  it('get nothing that carries no mark: no local path of others, no route of another neighbour', async () => {
    const rig = await speakerWith();
    const staticRoutes = [{ prefix: '198.18.1.0/24', nextHop: '127.0.0.3' }, { prefix: '2001:db8:18::/48' }];
    const routes = { export: 'all', nextHops: { ipv4: '192.0.2.3', ipv6: '2001:db8::3' } };
    const plainRoutes = [{ prefix: '198.18.2.0/24', nextHop: '127.0.0.3' }];
    const [sender, external, internal, plain] = await Promise.all([
      neighbor(rig, 'sender', '127.0.0.3', 65_003, {}, { ...routes, staticRoutes }),
      neighbor(rig, 'external', '127.0.0.4', 65_004),
      neighbor(rig, 'internal', '127.0.0.5', 65_000),
      neighbor(rig, 'plain', '127.0.0.6', 65_000, {}, { ...routes, staticRoutes: plainRoutes }),
    ]);
    await rig.daemon.cli('global', 'rib', 'add', '198.51.100.0/24', 'nexthop', '192.0.2.9');
    await rig.daemon.cli('global', 'rib', '-a', 'ipv6', 'add', '2001:db8:9::/48', 'nexthop', '2001:db8::9');
    await rig.speaker.apply(
      own.map((path) => ({ op: 'announce', path })),
      signal,
    );
    // Our own arrive last: what should not come would be here.
    for (const bird of [external, internal, sender, plain]) {
      const table = await bird.tableWhen((all) => all.filter(({ prefix }) => prefix.startsWith('203.')).length === 2);
      expect(table.filter(({ prefix, protocol }) => protocol === 'speaker' && !isOurs(prefix))).toEqual([]);
      expect(JSON.stringify(table)).not.toContain(String(markMagic));
    }
    // The eBGP route was refused at import; the iBGP one is in the RIB, and went nowhere.
    expect(await rig.daemon.cli('global', 'rib')).not.toContain('198.18.1.0');
    expect(await rig.daemon.cli('global', 'rib')).toContain('198.18.2.0');
    expect((await rig.speaker.list(signal)).foreign).toBe(2);
  });

  it('that are route-reflector clients get what other clients sent, without the tag; eBGP neighbours do not', async () => {
    const rig = await speakerWith();
    const routes = { export: 'all', nextHops: { ipv4: '192.0.2.3', ipv6: '2001:db8::3' } };
    const staticRoutes = [{ prefix: '198.18.1.0/24', nextHop: '127.0.0.3' }, { prefix: '2001:db8:18::/48' }];
    const client = { routeReflectorClient: true };
    const [receiver, external] = await Promise.all([
      neighbor(rig, 'receiver', '127.0.0.4', 65_000, client),
      neighbor(rig, 'external', '127.0.0.5', 65_005),
      neighbor(rig, 'sender', '127.0.0.3', 65_000, client, { ...routes, staticRoutes }),
    ]);
    const reflected = await receiver.tableWhen((all) => all.length === 2);
    expect(reflected.map(({ prefix }) => prefix).sort()).toEqual(['198.18.1.0/24', '2001:db8:18::/48']);
    expect(JSON.stringify(reflected)).not.toContain(String(markMagic));
    expect(await rig.daemon.cli('global', 'rib')).toContain(clientTagOf(rig.identity));
    await rig.speaker.apply([{ op: 'announce', path: own[0] ?? fail() }], signal);
    const outside = await external.tableWhen((all) => all.length > 0);
    expect(outside.map(({ prefix }) => prefix)).toEqual(['203.0.113.1/32']);
  });

  it('that stand in the configuration file of a GoBGP of others keep what they had, and get our paths without the mark', async () => {
    const [listenPort, birdPort] = [await freePort(), await freePort('127.0.0.7')];
    const bird = await startBird({
      asn: 65_007,
      localAddress: '127.0.0.7',
      listenPort: birdPort,
      neighbors: [{ name: 'speaker', address: '127.0.0.1', port: listenPort, asn: 65_000 }],
    });
    cleanUps.push(() => bird.close());
    const neighbors = [{ address: '127.0.0.7', asn: 65_007, port: birdPort, ebgpMultihop: 5 }];
    const bgp = { asn: 65_000, routerId: '10.0.0.1', listenPort, neighbors };
    const daemon = await startGobgpd({ generation, bgp });
    cleanUps.push(() => daemon.close('SIGKILL'));
    await daemon.cli('global', 'rib', 'add', '198.51.100.0/24', 'nexthop', '192.0.2.9');
    await bird.tableWhen((table) => table.some(({ prefix }) => prefix === '198.51.100.0/24'));

    const identity = { name: 'node-1', asn: 65_000, routerId: '10.0.0.1', listenPort, listenAddresses: ['127.0.0.1'] };
    const speaker = openGobgpSpeaker(daemon.url, identity);
    cleanUps.push(() => speaker.close());
    await speaker.ensurePolicies(signal);
    await speaker.apply([{ op: 'announce', path: own[0] ?? fail() }], signal);
    const table = await bird.tableWhen((routes) => routes.some(({ prefix }) => prefix === '203.0.113.1/32'));
    expect(table.map(({ prefix }) => prefix).sort()).toEqual(['198.51.100.0/24', '203.0.113.1/32']);
    expect(JSON.stringify(table)).not.toContain(String(markMagic));
    expect(bird.events().filter((event) => JSON.stringify(event).includes('withdraw'))).toEqual([]);
  });
});

function isOurs(prefix: string): boolean {
  return own.some((path) => path.prefix === prefix);
}

function fail(): never {
  throw new Error('missing');
}
