import { describe, expect, it } from 'vitest';
import { birdConfig } from './bird.ts';

const options = {
  folder: '/run/test',
  asn: 65000,
  routerId: '10.255.0.2',
  localAddress: '127.0.0.2',
  listenPort: 20179,
  neighbors: [{ name: 'speaker', address: '127.0.0.1', port: 20180, asn: 65000 }],
};
const configuration = (change: object = {}) => birdConfig({ ...options, ...change }, '/run/test/bird.log');

describe('birdConfig', () => {
  it('has no protocol that would touch the routes of this machine', () => {
    expect(configuration()).not.toContain('protocol kernel');
  });

  it('receives several paths of both families and sends nothing, unless told otherwise', () => {
    expect(configuration().match(/ipv[46] \{ add paths rx; import filter logged; export none;/g)).toHaveLength(2);
    const quiet = configuration({ neighbors: [{ ...options.neighbors[0], addPath: false, families: ['ipv6'] }] });
    expect(quiet).toContain('  ipv6 { add paths off;');
    expect(quiet).not.toContain('  ipv4 { add paths');
  });

  it('accepts its own AS in a path from an iBGP neighbour only', () => {
    expect(configuration()).toContain('allow local as');
    expect(configuration({ asn: 65001 })).not.toContain('allow local as');
  });

  it('keeps static routes of both families in protocols of their own', () => {
    const text = configuration({
      staticRoutes: [{ prefix: '198.51.100.0/24' }, { prefix: '2001:db8:e::/48', nextHop: '2001:db8::3' }],
    });
    expect(text).toContain('route 198.51.100.0/24 unreachable;');
    expect(text).toContain('route 2001:db8:e::/48 recursive 2001:db8::3;');
  });
});
