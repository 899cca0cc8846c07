// The judges themselves: what BIRD's table and update log say of a real GoBGP, of both generations.
import { afterEach, describe, expect, it } from 'vitest';
import { nextHopChanges } from '../../src/playground/bird-log.ts';
import { type BirdServer, startBird } from '../servers/bird.ts';
import { type Gobgpd, gobgpGenerations, startGobgpd } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0).reverse()) await server.close();
});

function keep<T extends { close(): Promise<void> }>(server: T): T {
  open.push(server);
  return server;
}

async function internalPair(
  generation: 3 | 4,
  api: 'tcp' | 'unix' = 'tcp',
): Promise<{ gobgp: Gobgpd; bird: BirdServer }> {
  const [gobgpPort, birdPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.2')];
  const gobgp = keep(
    await startGobgpd({
      generation,
      api,
      bgp: {
        asn: 65000,
        routerId: '10.255.0.1',
        listenPort: gobgpPort,
        neighbors: [{ address: '127.0.0.2', asn: 65000, port: birdPort, addPathSend: 8 }],
      },
    }),
  );
  const bird = keep(
    await startBird({
      listenPort: birdPort,
      neighbors: [{ name: 'speaker', address: '127.0.0.1', port: gobgpPort, asn: 65000 }],
    }),
  );
  await bird.established();
  return { gobgp, bird };
}

describe.each(gobgpGenerations)('BIRD beside GoBGP %i', (generation) => {
  it('shows two next hops of one prefix with all their attributes, IPv4 and IPv6', async () => {
    const { gobgp, bird } = await internalPair(generation);
    const add = (...words: string[]) => gobgp.cli('global', 'rib', 'add', ...words);
    await add(
      '203.0.113.10/32',
      'nexthop',
      '10.0.1.11',
      'identifier',
      '11',
      'origin',
      'igp',
      'med',
      '5',
      'local-pref',
      '200',
    );
    await add(
      '203.0.113.10/32',
      'nexthop',
      '10.0.1.12',
      'identifier',
      '12',
      'origin',
      'egp',
      'aspath',
      '64999 64999',
      'community',
      '65000:1,65000:2',
      'large-community',
      '65000:1:4294967295,65000:2:0',
    );
    await add('-a', 'ipv6', '2001:db8:a::10/128', 'nexthop', '2001:db8::1', 'identifier', '1');
    await add('-a', 'ipv6', '2001:db8:a::10/128', 'nexthop', '2001:db8::2', 'identifier', '2', 'med', '0');
    const routes = await bird.tableWhen((seen) => seen.length === 4);
    const by = (nextHop: string) => routes.find((route) => route.nextHop === nextHop);
    expect(by('10.0.1.11')).toMatchObject({
      table: 'master4',
      prefix: '203.0.113.10/32',
      protocol: 'speaker',
      origin: 'igp',
      med: 5,
      localPref: 200,
      asPath: [],
      communities: [],
    });
    expect(by('10.0.1.12')).toMatchObject({
      prefix: '203.0.113.10/32',
      origin: 'egp',
      localPref: 100,
      asPath: [64999, 64999],
      communities: ['65000:1', '65000:2'],
      largeCommunities: ['65000:1:4294967295', '65000:2:0'],
    });
    expect(by('10.0.1.12')).not.toHaveProperty('med');
    expect(by('2001:db8::1')).toMatchObject({ table: 'master6', prefix: '2001:db8:a::10/128' });
    expect(by('2001:db8::2')).toMatchObject({ prefix: '2001:db8:a::10/128', med: 0 });
    expect(await bird.sessions(AbortSignal.timeout(5000))).toEqual([
      {
        name: 'speaker',
        state: 'Established',
        neighborAddress: '127.0.0.1',
        neighborId: '10.255.0.1',
        addPathReceive: ['ipv4', 'ipv6'],
      },
    ]);
  });

  it('a path that has the AS of its iBGP neighbour in front is sent by GoBGP 3 and kept back by GoBGP 4', async () => {
    const { gobgp, bird } = await internalPair(generation);
    const add = (...words: string[]) => gobgp.cli('global', 'rib', 'add', '203.0.113.10/32', ...words);
    await add('nexthop', '10.0.1.11', 'identifier', '11', 'aspath', '65000 65000');
    await add('nexthop', '10.0.1.12', 'identifier', '12');
    const routes = await bird.tableWhen((seen) => seen.some(({ nextHop }) => nextHop === '10.0.1.12'));
    expect(routes.some(({ nextHop }) => nextHop === '10.0.1.11')).toBe(generation === 3);
  });

  it('logs each announcement and withdrawal with its next hop, and nothing for the sibling that stays', async () => {
    const { gobgp, bird } = await internalPair(generation, 'unix');
    const rib = (verb: 'add' | 'del', prefix: string, nextHop: string, identifier: string) =>
      gobgp.cli(
        'global',
        'rib',
        verb,
        '-a',
        prefix.includes(':') ? 'ipv6' : 'ipv4',
        prefix,
        'nexthop',
        nextHop,
        'identifier',
        identifier,
      );
    for (const [prefix, first, second] of [
      ['203.0.113.10/32', '10.0.1.11', '10.0.1.12'],
      ['2001:db8:a::10/128', '2001:db8::1', '2001:db8::2'],
    ] as const) {
      const said = () =>
        bird
          .events()
          .flatMap((event) => ('prefix' in event && event.prefix === prefix ? [`${event.kind} ${event.nextHop}`] : []));
      const holds = (count: number) =>
        bird.tableWhen((routes) => routes.filter((route) => route.prefix === prefix).length === count);
      await rib('add', prefix, first, '1');
      await rib('add', prefix, second, '2');
      await holds(2);
      await rib('del', prefix, first, '1');
      await holds(1);
      expect(said()).toEqual([`announce ${first}`, `announce ${second}`, `withdraw ${first}`]);
      await rib('del', prefix, second, '2');
      await holds(0);
      expect(said().at(-1)).toBe(`withdraw ${second}`);
    }
  });

  it('logs the loss of the session and of every route it brought', async () => {
    const { gobgp, bird } = await internalPair(generation);
    await gobgp.cli('global', 'rib', 'add', '203.0.113.10/32', 'nexthop', '10.0.1.11', 'identifier', '11');
    await bird.tableWhen((routes) => routes.length === 1);
    await gobgp.close('SIGTERM');
    await bird.tableWhen((routes) => routes.length === 0);
    expect(bird.events().map((event) => event.kind)).toEqual(['up', 'announce', 'down', 'withdraw']);
  });

  it('keeps the routes of a killed GoBGP in graceful restart, and logs that the session ended but no loss', async () => {
    const [gobgpPort, birdPort] = [await freePort(), await freePort('127.0.0.2')];
    const first = keep(
      await startGobgpd({
        generation,
        bgp: {
          asn: 65000,
          routerId: '10.255.0.1',
          listenPort: gobgpPort,
          neighbors: [{ address: '127.0.0.2', asn: 65000, port: birdPort, addPathSend: 8, gracefulRestart: 20 }],
        },
      }),
    );
    const add = (gobgp: Gobgpd, last: string) =>
      gobgp.cli('global', 'rib', 'add', '203.0.113.10/32', 'nexthop', `10.0.1.${last}`, 'identifier', last);
    const bird = keep(
      await startBird({
        listenPort: birdPort,
        neighbors: [{ name: 'speaker', address: '127.0.0.1', port: gobgpPort, asn: 65000 }],
      }),
    );
    await bird.established();
    for (const last of ['11', '12', '13']) await add(first, last);
    await bird.tableWhen((routes) => routes.length === 3);
    await first.close('SIGKILL');
    const downs = () => bird.events().filter(({ kind }) => kind === 'down').length;
    await bird.tableWhen(() => downs() === 1);
    expect(await bird.tableWhen((routes) => routes.length === 3)).toHaveLength(3);
    expect(nextHopChanges(bird.events()).filter(({ kind }) => kind === 'lost')).toEqual([]);
  });

  it('brings up eBGP over loopback addresses when both sides are multihop, with two neighbours of different AS', async () => {
    const [gobgpPort, eastPort, westPort] = [
      await freePort(),
      await freePort('127.0.0.3'),
      await freePort('127.0.0.4'),
    ];
    const neighbor = (address: string, asn: number, port: number) => ({ address, asn, port, ebgpMultihop: 2 });
    keep(
      await startGobgpd({
        generation,
        bgp: {
          asn: 65000,
          routerId: '10.255.0.1',
          listenPort: gobgpPort,
          neighbors: [neighbor('127.0.0.3', 65003, eastPort), neighbor('127.0.0.4', 65004, westPort)],
        },
      }),
    );
    const toSpeaker = { name: 'speaker', address: '127.0.0.1', port: gobgpPort, asn: 65000 };
    const east = keep(
      await startBird({
        asn: 65003,
        localAddress: '127.0.0.3',
        listenPort: eastPort,
        neighbors: [
          { ...toSpeaker, export: 'where source = RTS_STATIC', nextHops: { ipv4: '192.0.2.3', ipv6: '2001:db8::3' } },
        ],
        staticRoutes: [{ prefix: '198.51.100.0/24' }, { prefix: '2001:db8:e::/48' }],
      }),
    );
    const west = keep(
      await startBird({ asn: 65004, localAddress: '127.0.0.4', listenPort: westPort, neighbors: [toSpeaker] }),
    );
    await Promise.all([east.established(), west.established()]);
    // A GoBGP without policies passes on what it learns; the tests of CoreBGP's policies show that theirs does not.
    const routes = await west.tableWhen((seen) => seen.length > 0);
    expect(routes[0]).toMatchObject({ prefix: '198.51.100.0/24', asPath: [65000, 65003] });
  });

  it('brings up eBGP over ::1 beside one over 127.0.0.3, and passes IPv6 routes from one to the other', async () => {
    const [gobgpPort, eastPort, westPort] = [await freePort(), await freePort('127.0.0.3'), await freePort('::1')];
    const neighbor = (address: string, asn: number, port: number) => ({ address, asn, port, ebgpMultihop: 2 });
    keep(
      await startGobgpd({
        generation,
        bgp: {
          asn: 65000,
          routerId: '10.255.0.1',
          listenPort: gobgpPort,
          neighbors: [neighbor('127.0.0.3', 65003, eastPort), neighbor('::1', 65004, westPort)],
        },
      }),
    );
    const toSpeaker = { name: 'speaker', port: gobgpPort, asn: 65000 };
    const east = keep(
      await startBird({
        asn: 65003,
        localAddress: '127.0.0.3',
        listenPort: eastPort,
        neighbors: [
          {
            ...toSpeaker,
            address: '127.0.0.1',
            export: 'where source = RTS_STATIC',
            nextHops: { ipv6: '2001:db8::3' },
          },
        ],
        staticRoutes: [{ prefix: '2001:db8:e::/48' }],
      }),
    );
    const west = keep(
      await startBird({
        asn: 65004,
        localAddress: '::1',
        routerId: '10.255.0.4',
        listenPort: westPort,
        neighbors: [{ ...toSpeaker, address: '::1', passive: true }],
      }),
    );
    await Promise.all([east.established(), west.established()]);
    const routes = await west.tableWhen((seen) => seen.length > 0);
    expect(routes[0]).toMatchObject({ table: 'master6', prefix: '2001:db8:e::/48', asPath: [65000, 65003] });
  });
});
