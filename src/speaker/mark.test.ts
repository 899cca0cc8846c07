import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReservedLargeCommunity } from '../model/mark.ts';
import { clientTagOf, markOf, nameHash, nameHashIn, peerDescription, peerKey, readPeerDescription } from './mark.ts';

describe('the mark', () => {
  it('lies in the reserved namespace and tells the speaker', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4_294_967_295 }), (name, asn) => {
        const mark = markOf({ name, asn });
        expect(isReservedLargeCommunity(mark)).toBe(true);
        expect(nameHashIn(mark)).toBe(String(nameHash(name)));
        expect(nameHash(name)).toBeGreaterThan(0);
        expect(nameHash(name)).toBeLessThan(2 ** 31);
        expect(mark).not.toBe(clientTagOf({ asn }));
      }),
    );
  });

  it('never changes: it names live paths', () => {
    expect(markOf({ name: 'edge1', asn: 64_512 })).toBe('64512:3221234503:1516070212');
  });

  it('is not seen in communities of others', () => {
    expect(isReservedLargeCommunity('64512:1:2')).toBe(false);
    expect(nameHashIn('64512:1:2')).toBeUndefined();
  });
});

describe('the description of a peer', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((name) => !/[\n\r\u2028\u2029]/.test(name)),
        (name) => {
          const key = peerKey({ address: '192.0.2.1', asn: 65_000 });
          expect(readPeerDescription(peerDescription({ name, key }))).toEqual({ name, key });
        },
      ),
    );
  });

  it('is nobody of ours otherwise', () => {
    for (const text of ['', 'a customer', 'corebgp:', 'corebgp:x', 'corebgp:x:zz', ' corebgp:x:0123456789ab']) {
      expect(readPeerDescription(text)).toBeUndefined();
    }
  });
});

describe('the key of a peer', () => {
  const spec = { address: '2001:db8::1', asn: 65_000 };

  it('is the same for the same configuration, however it is written', () => {
    expect(peerKey({ ...spec, port: 179, timers: { holdTime: '30s', keepalive: '10s' } })).toBe(peerKey(spec));
    expect(peerKey({ ...spec, addPath: { send: 64, receive: false } })).toBe(peerKey(spec));
    expect(peerKey({ ...spec, speakers: ['edge1'] })).toBe(peerKey(spec));
    // As in the descriptions of peers that were added by earlier versions.
    expect(peerKey({ address: '192.0.2.1', asn: 65_000 })).toBe('8facd92abe16');
    expect(peerKey({ address: '2001:db8::1', asn: 65_000 })).toBe('88512c2314f6');
  });

  it('differs with every field that reaches the daemon', () => {
    const others = [
      { ...spec, asn: 65_001 },
      { ...spec, address: '192.0.2.1' },
      { ...spec, port: 180 },
      { ...spec, passive: true },
      { ...spec, sourceAddress: '2001:db8::2' },
      { ...spec, multihop: 3 },
      { ...spec, timers: { holdTime: '90s' } },
      { ...spec, timers: { keepalive: '1s' } },
      { ...spec, timers: { connectRetry: '1s' } },
      { ...spec, addPath: { send: 0 } },
      { ...spec, addPath: { receive: true } },
      { ...spec, routeReflectorClient: true },
    ];
    expect(new Set([spec, ...others].map(peerKey)).size).toBe(others.length + 1);
  });
});
