import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementOf, announcementSpecs, recordOf } from '../../test/rig/planning.ts';
import {
  decodeAnnouncement,
  decodeClaim,
  decodeDrain,
  decodePeer,
  decodePrefixTombstone,
  decodeProject,
  decodeSpeakerStatus,
  decodeVerdict,
} from './decode.ts';

const key = 'announcements/shop/web';
const spec = { prefixes: ['203.0.113.10/32'], nextHops: [{ address: '10.0.1.11' }] };

describe('decoding', () => {
  it('never throws, whatever is stored', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const decode of [decodeAnnouncement, decodeProject, decodePeer, decodePrefixTombstone]) {
          expect(decode(key, value).ok).toBe(false);
        }
        for (const decode of [decodeDrain, decodeVerdict, decodeClaim, decodeSpeakerStatus]) {
          expect(decode(value).ok).toBe(false);
        }
      }),
    );
  });

  it('takes every announcement that can be written', () => {
    fc.assert(
      fc.property(announcementSpecs, (drawn) => {
        const record = announcementOf(drawn);
        expect(decodeAnnouncement(key, JSON.parse(JSON.stringify(record)))).toEqual({ ok: true, record });
      }),
    );
  });

  it('bears fields that a newer version wrote, at every level, and keeps them', () => {
    const record = { ...announcementOf(spec), later: 1 };
    const newer = {
      ...record,
      metadata: { ...record.metadata, later: 1 },
      spec: {
        ...spec,
        later: 1,
        nextHops: [{ address: '10.0.1.11', later: 1 }],
        healthCheck: { type: 'tcp', port: 1, later: 1 },
      },
    };
    expect(decodeAnnouncement(key, newer)).toEqual({ ok: true, record: newer });
  });

  it.each([
    ['another version', { ...announcementOf(spec), v: 2 }, 'v'],
    ['another kind', { ...announcementOf(spec), kind: 'Project' }, 'kind'],
    ['another name', announcementOf(spec, 'other'), 'key'],
    [
      'a check of an unknown type',
      announcementOf({ ...spec, healthCheck: { type: 'grpc', port: 1 } as never }),
      'healthCheck',
    ],
    ['a scope of an unknown word', announcementOf({ ...spec, scope: 'galaxy' as never }), 'scope'],
    ['host bits', announcementOf({ ...spec, prefixes: ['203.0.113.10/24'] }), 'host bits'],
    ['a prefix not canonical', announcementOf({ ...spec, prefixes: ['2001:DB8::/32'] }), 'canonical'],
    ['a next hop not canonical', announcementOf({ ...spec, nextHops: [{ address: '2001:DB8::1' }] }), 'canonical'],
    ['no address', announcementOf({ ...spec, nextHops: [{ address: 'web' }] }), 'not an IP'],
    [
      'a next hop twice',
      announcementOf({ ...spec, nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.11' }] }),
      'twice',
    ],
    ['a community out of range', announcementOf({ ...spec, attributes: { communities: ['65536:1'] } }), 'community'],
    ['no next hops', announcementOf({ ...spec, nextHops: [] }), 'nextHops'],
  ])('refuses an announcement with %s, and says so', (_, value, words) => {
    const decoded = decodeAnnouncement(key, value);
    expect(!decoded.ok && decoded.problem).toContain(words);
  });

  it('refuses a project with a prefix that cannot be read', () => {
    const project = recordOf('Project', 'shop', { prefixes: [{ prefix: '1.2.3.4/8' }], nextHops: [] });
    expect(decodeProject('projects/shop', project)).toMatchObject({ ok: false });
  });

  it('keeps a drain in effect as long as its target can be read', () => {
    const target = { nextHop: '10.0.1.11' };
    expect(decodeDrain({ spec: { target, until: 'tomorrow', why: 7 } })).toEqual({
      ok: true,
      record: { target, until: 'tomorrow' },
    });
    expect(decodeDrain(recordOf('Drain', 'd', { target: { planet: 'x' } })).ok).toBe(false);
  });

  it('refuses a tombstone of another prefix than its key says', () => {
    const tombstone = { v: 1, prefix: '203.0.113.10/32', owner: 'shop/web', cause: 'deleted', at: 'then' };
    expect(decodePrefixTombstone('tombstones/prefixes/ipv4/203.0.113.10_32', tombstone).ok).toBe(true);
    expect(decodePrefixTombstone('tombstones/prefixes/ipv4/203.0.113.11_32', tombstone).ok).toBe(false);
  });
});
