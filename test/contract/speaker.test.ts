/** The speaker's contract against real GoBGP daemons of both generations: codecs, paths, foreign paths, peers, policies. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PathAttributes } from '../../src/model/attributes.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import type { Path } from '../../src/model/path.ts';
import { connectGobgp } from '../../src/speaker/gobgp/connection.ts';
import { openGobgpSpeaker } from '../../src/speaker/gobgp/speaker.ts';
import { markOf, peerKey } from '../../src/speaker/mark.ts';
import type { Speaker, SpeakerEvent, SpeakerIdentity } from '../../src/speaker/speaker.ts';
import { isWritingCall, startGrpcProxy } from '../rig/grpc-proxy.ts';
import { gobgpGenerations, startGobgpd } from '../servers/gobgpd.ts';

const signal = new AbortController().signal;
const identity: SpeakerIdentity = {
  name: 'node-1',
  asn: 65_000,
  routerId: '10.0.0.1',
  listenPort: -1,
  listenAddresses: [],
};
const bare: PathAttributes = { origin: 'igp', asPath: [], communities: [], largeCommunities: [] };
const full: PathAttributes = {
  origin: 'incomplete',
  asPath: [65_000, 65_000, 4_200_000_000],
  localPref: 0,
  med: 4_294_967_295,
  communities: [1, 4_259_840_001, 4_294_967_041],
  largeCommunities: ['0:0:1', '1:2:3', '4294967295:4294967295:4294967295'],
};

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function path(prefix: string, nextHop: string, identifier: number, attributes = bare): Path {
  return { prefix, nextHop, identifier, attributes };
}
const byPrefix = (a: Path, b: Path) => (a.prefix < b.prefix ? -1 : 1);
const announce = (...paths: readonly Path[]) => paths.map((one) => ({ op: 'announce', path: one }) as const);
const withdraw = (...paths: readonly Path[]) => paths.map((one) => ({ op: 'withdraw', path: one }) as const);

describe.each(gobgpGenerations)('a speaker over GoBGP %s', (generation) => {
  async function started(options: { readonly api?: 'tcp' | 'unix'; readonly start?: boolean } = {}) {
    const daemon = await startGobgpd({ generation, api: options.api ?? 'tcp' });
    let alive = true;
    cleanUps.push(() => (alive ? daemon.close('SIGKILL') : undefined));
    const speaker = open(daemon.url);
    if (options.start !== false) await speaker.start(signal);
    const kill = async () => {
      alive = false;
      await daemon.close('SIGKILL');
    };
    return { daemon, speaker, kill };
  }

  function open(url: string, who = identity): Speaker {
    const speaker = openGobgpSpeaker(url, who);
    cleanUps.push(() => speaker.close());
    return speaker;
  }

  it('says that BGP was not started, starts it, and knows the generation from the first call', async () => {
    const { speaker } = await started({ start: false, api: 'unix' });
    expect(speaker.generation()).toBeUndefined();
    expect(await speaker.global(signal)).toBeUndefined();
    expect(speaker.generation()).toBe(`v${generation}`);
    await expect(speaker.list(signal)).rejects.toThrow(CoreBgpError);
    await speaker.start(signal);
    expect(await speaker.global(signal)).toEqual({ asn: 65_000, routerId: '10.0.0.1', listenPort: -1 });
  });

  it('lists back every attribute as it was announced, IPv4 and IPv6', async () => {
    const { speaker } = await started();
    const paths = [
      path('203.0.113.1/32', '192.0.2.1', 1, full),
      path('203.0.113.2/32', '192.0.2.1', 2_147_483_647, { ...bare, origin: 'egp', communities: [7] }),
      path('203.0.113.4/30', '2001:db8::1', 5, bare),
      path('2001:db8:1::/48', '2001:db8::1', 1, full),
      path('2001:db8:2::1/128', '2001:db8::2', 3, { ...bare, largeCommunities: ['65000:1:1'], med: 0 }),
    ];
    await speaker.apply(announce(...paths), signal);
    const picture = await speaker.list(signal);
    expect([...picture.own].sort(byPrefix)).toEqual(paths.sort(byPrefix));
    expect({ ...picture, own: [] }).toEqual({ own: [], unreadable: [], otherMarks: [], foreign: 0 });
    expect(await speaker.count('ipv4', signal)).toBe(3);
    expect(await speaker.count('ipv6', signal)).toBe(2);
  });

  it.each([
    ['203.0.113.1/32', '192.0.2.1', '192.0.2.2'],
    ['2001:db8::1/128', '2001:db8:1::1', '2001:db8:1::2'],
  ])('keeps several next hops of %s apart by their identifiers', async (prefix, first, second) => {
    const { speaker } = await started();
    const [one, two] = [path(prefix, first, 11), path(prefix, second, 22)];
    await speaker.apply(announce(one, two), signal);
    expect((await speaker.list(signal)).own).toHaveLength(2);

    const replaced = { ...one, attributes: full };
    await speaker.apply(announce(replaced), signal);
    expect((await speaker.list(signal)).own).toEqual(expect.arrayContaining([replaced, two]));
    expect((await speaker.list(signal)).own).toHaveLength(2);

    await speaker.apply(withdraw(one), signal);
    expect((await speaker.list(signal)).own).toEqual([two]);
    await speaker.apply(withdraw(one), signal);
    expect((await speaker.list(signal)).own).toEqual([two]);
  });

  it('sends no withdrawal that lacks the prefix or the identifier', async () => {
    const { speaker } = await started();
    const whole = path('203.0.113.1/32', '192.0.2.1', 11);
    await speaker.apply(announce(whole), signal);
    for (const wrong of [{ identifier: 0 }, { identifier: Number.NaN }, { identifier: 2 ** 31 }, { prefix: '' }]) {
      await expect(speaker.apply(withdraw({ ...whole, ...wrong }), signal)).rejects.toThrow('is not sent');
    }
    expect((await speaker.list(signal)).own).toEqual([whole]);
  });

  it('counts paths of others and of other speakers, and never touches them', async () => {
    const { daemon, speaker } = await started();
    await daemon.cli('global', 'rib', 'add', '198.51.100.0/24', 'nexthop', '192.0.2.9');
    await daemon.cli('global', 'rib', '-a', 'ipv6', 'add', '2001:db8:9::/48', 'nexthop', '2001:db8::9');
    const other = open(daemon.url, { ...identity, name: 'node-2' });
    await other.apply(announce(path('203.0.113.1/32', '192.0.2.1', 1)), signal);
    const own = path('203.0.113.1/32', '192.0.2.2', 2);
    await speaker.apply(announce(own), signal);
    await speaker.ensurePolicies(signal);

    const picture = await speaker.list(signal);
    expect(picture.own).toEqual([own]);
    expect(picture.foreign).toBe(3);
    expect(picture.otherMarks).toEqual([markOf({ ...identity, name: 'node-2' }).split(':')[2]]);
    await speaker.apply(withdraw(own), signal);
    expect((await speaker.list(signal)).foreign).toBe(3);
    expect(await daemon.cli('global', 'rib')).toContain('198.51.100.0/24');
    expect(await daemon.cli('global', 'rib', '-a', 'ipv6')).toContain('2001:db8:9::/48');
  });

  it('calls a path of ours that it cannot read unreadable instead of leaving it out', async () => {
    const { daemon, speaker } = await started();
    const mark = markOf(identity);
    await daemon.cli('global', 'rib', 'add', '198.51.100.0/24', 'nexthop', '192.0.2.9', 'large-community', mark);
    const picture = await speaker.list(signal);
    expect(picture.own).toEqual([]);
    expect(picture.unreadable).toEqual(['198.51.100.0/24#0: it has no identifier']);
  });

  it('applies tens of thousands of operations in one go', async () => {
    const { speaker } = await started();
    const paths = Array.from({ length: 25_000 }, (_, index) =>
      path(`10.${index >> 8}.${index & 255}.0/24`, '192.0.2.1', (index % 1_000) + 1, full),
    );
    await speaker.apply(announce(...paths), signal);
    expect(await speaker.count('ipv4', signal)).toBe(25_000);
    expect((await speaker.list(signal)).own).toHaveLength(25_000);
    await speaker.apply(withdraw(...paths), signal);
    expect(await speaker.count('ipv4', signal)).toBe(0);
  });

  it('fails, rather than list nothing, when the daemon dies in the middle of a list', async () => {
    const { speaker, kill } = await started();
    const paths = Array.from({ length: 25_000 }, (_, index) =>
      path(`10.${index >> 8}.${index & 255}.0/24`, '192.0.2.1', 1),
    );
    await speaker.apply(announce(...paths), signal);
    const listing = speaker.list(signal);
    const [outcome] = await Promise.all([listing.then(() => 'listed', String), kill()]);
    expect(outcome).not.toBe('listed');
    await expect(speaker.list(signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(speaker.count('ipv4', signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(speaker.apply(announce(...paths), signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('reports path events, ours and others, and breaks within a second of the death of the daemon', async () => {
    const { daemon, speaker, kill } = await started();
    const seen: SpeakerEvent[] = [];
    const watching = (async () => {
      for await (const event of speaker.watch(signal)) seen.push(event);
    })();
    const broken = watching.then(
      () => 'ended',
      (error: unknown) => error,
    );
    await until(async () => {
      await speaker.apply(announce(path('203.0.113.1/32', '192.0.2.1', 1)), signal);
      await speaker.apply(withdraw(path('203.0.113.1/32', '192.0.2.1', 1)), signal);
      return seen.length > 0;
    });
    expect(seen[0]).toEqual({ type: 'path', prefix: '203.0.113.1/32', own: true });
    await daemon.cli('global', 'rib', '-a', 'ipv6', 'add', '2001:db8:9::/48', 'nexthop', '2001:db8::9');
    await until(() => seen.some((event) => event.type === 'path' && !event.own));
    expect(seen).toContainEqual({ type: 'path', prefix: '2001:db8:9::/48', own: false });

    const from = performance.now();
    await kill();
    expect(await broken).toMatchObject({ code: 'unavailable' });
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('ends a watch when its signal is aborted', async () => {
    const { speaker } = await started();
    const stop = new AbortController();
    const watching = (async () => {
      for await (const _ of speaker.watch(stop.signal)) stop.abort(new Error('enough'));
    })();
    const done = watching.catch((error: unknown) => error);
    await speaker.addPeer('p', { address: '127.0.0.2', asn: 65_001, passive: true }, false, signal);
    setTimeout(() => stop.abort(new Error('enough')), 300);
    expect(await done).toMatchObject({ message: 'enough' });
  });

  it('puts the policies in place once, and then writes nothing', async () => {
    const { daemon } = await started();
    const proxy = await startGrpcProxy(daemon.url);
    cleanUps.push(() => proxy.close());
    const speaker = open(proxy.url);
    const writes = () => [...proxy.calls].filter(([method]) => isWritingCall(method));
    await speaker.ensurePolicies(signal);
    await speaker.addPeer('client', { address: '127.0.0.3', asn: 65_000, routeReflectorClient: true }, false, signal);
    expect(writes().length).toBeGreaterThan(3);
    proxy.reset();
    await speaker.ensurePolicies(signal);
    await speaker.list(signal);
    await speaker.listPeers(signal);
    await speaker.apply([], signal);
    expect(proxy.calls.get('ListPolicy')).toBe(1);
    expect(writes()).toEqual([]);
    expect(await daemon.cli('global', 'policy')).toMatch(/Export policy:\s+Default: \S*REJECT/);
  });

  it('puts the policies back when somebody changed them', async () => {
    const { daemon, speaker } = await started();
    await speaker.ensurePolicies(signal);
    const wanted = await daemon.cli('global', 'policy');
    await daemon.cli('policy', 'neighbor', 'add', 'corebgp-peers', '127.0.0.77');
    await daemon.cli('global', 'policy', 'export', 'del');
    expect(await daemon.cli('global', 'policy')).not.toBe(wanted);
    await speaker.ensurePolicies(signal);
    expect(await daemon.cli('global', 'policy')).toBe(wanted);
    expect(await daemon.cli('policy', 'neighbor')).not.toContain('127.0.0.77');
  });

  it('leaves the policies and the default of others in place, behind its own', async () => {
    const daemon = await startGobgpd({
      generation,
      bgp: {
        asn: 65_000,
        routerId: '10.0.0.1',
        listenPort: -1,
        neighbors: [{ address: '127.0.0.9', asn: 65_009, port: 1790 }],
      },
    });
    cleanUps.push(() => daemon.close('SIGKILL'));
    await daemon.cli('policy', 'statement', 'add', 'theirs');
    await daemon.cli('policy', 'add', 'their-policy', 'theirs');
    await daemon.cli('global', 'policy', 'export', 'add', 'their-policy', 'default', 'accept');
    const speaker = open(daemon.url);
    await speaker.ensurePolicies(signal);
    const connection = connectGobgp(daemon.url);
    cleanUps.push(() => connection.close());
    const [assignment] = await connection.all((codec) => codec.listAssignment, 'export', signal);
    expect(assignment?.policies).toEqual([expect.stringMatching(/^corebgp-export-/), 'their-policy']);
    expect(assignment?.defaultAction).toBe('accept');

    expect(await speaker.listPeers(signal)).toEqual([]);
    await expect(speaker.addPeer('mine', { address: '127.0.0.9', asn: 65_009 }, false, signal)).rejects.toMatchObject({
      code: 'alreadyExists',
    });
    await expect(speaker.deletePeer('mine', '127.0.0.9', signal)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await daemon.cli('neighbor')).toContain('127.0.0.9');
  });

  it.each(['127.0.0.2', '::1'])(
    'adds, changes and deletes the peer %s, and the neighbour sets follow',
    async (address) => {
      const { daemon, speaker } = await started();
      await speaker.ensurePolicies(signal);
      const spec = {
        address,
        asn: 65_000,
        port: 1790,
        timers: { holdTime: '9s' },
        routeReflectorClient: true,
      } as const;
      await speaker.addPeer('bird:1', spec, true, signal);
      const [added] = await speaker.listPeers(signal);
      expect(added).toMatchObject({ name: 'bird:1', key: peerKey(spec), state: { address, asn: 65_000 } });
      expect(await daemon.cli('policy', 'neighbor')).toMatch(new RegExp(`corebgp-clients[^c]*${address}`));

      const { routeReflectorClient: _, ...changed } = { ...spec, addPath: { send: 4, receive: true } };
      await speaker.updatePeer('bird:1', changed, signal);
      expect(await speaker.listPeers(signal)).toMatchObject([{ name: 'bird:1', key: peerKey(changed) }]);
      expect(await daemon.cli('policy', 'neighbor')).not.toMatch(new RegExp(`corebgp-clients[^c]*${address}`));

      await speaker.deletePeer('bird:1', address, signal);
      await speaker.deletePeer('bird:1', address, signal);
      expect(await speaker.listPeers(signal)).toEqual([]);
      expect(await daemon.cli('policy', 'neighbor')).not.toContain(address);
    },
  );
});

async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
