import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as wire3 from '../../gen/gobgp/v3/gobgp_pb.ts';
import * as wire4 from '../../gen/gobgp/v4/gobgp_pb.ts';
import { origins, sortLargeCommunities } from '../../model/attributes.ts';
import type { Path } from '../../model/path.ts';
import { markOf } from '../mark.ts';
import { pathMessage } from './path-messages.ts';
import { codecV3 } from './v3.ts';
import { codecV4 } from './v4.ts';

const mark = markOf({ name: 'node-1', asn: 65_000 });
const uint32 = fc.nat(0xff_ff_ff_ff);
const largeCommunity = fc.tuple(uint32, uint32, uint32).map((parts) => parts.join(':'));
const attributes = fc
  .record(
    {
      origin: fc.constantFrom(...origins),
      asPath: fc.array(uint32, { maxLength: 20 }),
      communities: fc.uniqueArray(uint32, { maxLength: 64 }).map((all) => all.sort((a, b) => a - b)),
      largeCommunities: fc.uniqueArray(largeCommunity, { maxLength: 64 }).map(sortLargeCommunities),
      localPref: uint32,
      med: uint32,
    },
    { requiredKeys: ['origin', 'asPath', 'communities', 'largeCommunities'] },
  )
  .map((record) => ({ ...record }));
const place = fc.constantFrom(
  { prefix: '203.0.113.7/32', nextHop: '192.0.2.1' },
  { prefix: '0.0.0.0/0', nextHop: '2001:db8::1' },
  { prefix: '2001:db8::7/128', nextHop: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' },
  { prefix: '::/0', nextHop: '2001:db8::1' },
);
const path: fc.Arbitrary<Path> = fc
  .record({ place, identifier: fc.integer({ min: 1, max: 2 ** 31 - 1 }), attributes })
  .map(({ place: at, ...rest }) => ({ ...at, ...rest }));

/** The daemon's side, by generated code: what was sent comes back as a listing. */
const generations = [
  { codec: codecV3, wire: wire3 },
  { codec: codecV4, wire: wire4 },
] as const;

function listing(wire: (typeof generations)[number]['wire'], sent: Uint8Array) {
  if (wire === wire3) {
    const { tableType, paths } = fromBinary(wire3.AddPathStreamRequestSchema, sent);
    const destination = { prefix: '', paths };
    const response = create(wire3.ListPathResponseSchema, { destination });
    return { tableType, paths, response: toBinary(wire3.ListPathResponseSchema, response) };
  }
  const { tableType, paths } = fromBinary(wire4.AddPathStreamRequestSchema, sent);
  const response = create(wire4.ListPathResponseSchema, { destination: { prefix: '', paths } });
  return { tableType, paths, response: toBinary(wire4.ListPathResponseSchema, response) };
}

describe.each(generations)('paths as bytes of GoBGP $codec.generation', ({ codec, wire }) => {
  it('are read by the generated code, and read back as they were', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 8 }), (paths) => {
        const messages = paths.map((one) => pathMessage({ op: 'announce', path: one }, mark));
        const { tableType, paths: parsed, response } = listing(wire, codec.addPathStream.encode(messages));
        expect(tableType).toBe(codec.generation === 'v3' ? 0 : 1);
        expect(parsed.map(({ identifier, isWithdraw, $unknown }) => ({ identifier, isWithdraw, $unknown }))).toEqual(
          paths.map(({ identifier }) => ({ identifier, isWithdraw: false, $unknown: undefined })),
        );
        const seen = codec.listPath.decode(response);
        expect(seen.map(({ prefix, identifier, local }) => ({ prefix, identifier, local }))).toEqual(
          paths.map(({ prefix, identifier }) => ({ prefix, identifier, local: true })),
        );
        expect(seen.map((one) => one.content())).toEqual(
          paths.map(({ nextHop, attributes: given }) => ({
            nextHop,
            attributes: { ...given, largeCommunities: sortLargeCommunities([...given.largeCommunities, mark]) },
          })),
        );
      }),
    );
  });

  it('that are withdrawn say so, with prefix and identifier', () => {
    fc.assert(
      fc.property(path, (one) => {
        const sent = codec.addPathStream.encode([pathMessage({ op: 'withdraw', path: one }, mark)]);
        const { paths, response } = listing(wire, sent);
        expect(paths).toMatchObject([{ isWithdraw: true, identifier: one.identifier }]);
        expect(codec.listPath.decode(response)).toMatchObject([
          { prefix: one.prefix, identifier: one.identifier, withdrawn: true },
        ]);
      }),
    );
  });
});

describe('a path that CoreBGP did not write', () => {
  const prefix = { prefixLen: 24, prefix: '198.51.100.0' };

  it('has a problem instead of content: an AS set, no next hop, an attribute of another kind', () => {
    const decode = (pattrs: readonly { readonly attr: NonNullable<unknown> }[]) => {
      const nlri = { nlri: { case: 'prefix', value: prefix } } as const;
      const response = create(wire4.ListPathResponseSchema, {
        destination: { paths: [{ nlri, pattrs: pattrs as wire4.Attribute[], identifier: 1 }] },
      });
      return codecV4.listPath.decode(toBinary(wire4.ListPathResponseSchema, response))[0]?.content();
    };
    const origin = { attr: { case: 'origin', value: { origin: 0 } } };
    const nextHop = { attr: { case: 'nextHop', value: { nextHop: '192.0.2.1' } } };
    const asSet = { attr: { case: 'asPath', value: { segments: [{ type: 1, numbers: [1] }] } } };
    expect(decode([origin, nextHop])).toMatchObject({ nextHop: '192.0.2.1' });
    expect(decode([origin])).toEqual({ problem: 'it has no next hop' });
    expect(decode([nextHop])).toEqual({ problem: 'it has no ORIGIN that is known' });
    expect(decode([origin, nextHop, asSet])).toEqual({ problem: 'its AS_PATH holds a set' });
    expect(decode([origin, nextHop, { attr: { case: undefined } }])).toHaveProperty('problem');
  });
});
