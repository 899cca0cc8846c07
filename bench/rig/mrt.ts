/** Writes an MRT file (RFC 6396, TABLE_DUMP_V2) of IPv4 routes, for `gobgp mrt inject`. */
import type { Path } from '../../src/model/path.ts';

const tableDumpV2 = 13;
const peerIndexTable = 1;
const ribIpv4Unicast = 2;

/** @param paths IPv4, one for each prefix. The peer they came from is 192.0.2.9 in the AS. */
export function mrtFile(paths: readonly Path[], asn: number): Buffer {
  const peer = Buffer.concat([octets('192.0.2.9'), number(0, 2), number(1, 2), number(2, 1)]);
  const index = record(peerIndexTable, Buffer.concat([peer, octets('192.0.2.9'), octets('192.0.2.9'), number(asn, 4)]));
  return Buffer.concat([index, ...paths.map((path, sequence) => record(ribIpv4Unicast, route(path, sequence, asn)))]);
}

function route({ prefix, nextHop }: Path, sequence: number, asn: number): Buffer {
  const [network = '', length = ''] = prefix.split('/');
  const attributes = Buffer.concat([
    Buffer.from([0x40, 1, 1, 0]),
    Buffer.from([0x40, 2, 6, 2, 1]),
    number(asn, 4),
    Buffer.from([0x40, 3, 4]),
    octets(nextHop),
  ]);
  return Buffer.concat([
    number(sequence, 4),
    number(Number(length), 1),
    octets(network).subarray(0, Math.ceil(Number(length) / 8)),
    // One entry, of the first peer, originated at time 0.
    number(1, 2),
    number(0, 2),
    number(0, 4),
    number(attributes.length, 2),
    attributes,
  ]);
}

function record(subtype: number, body: Buffer): Buffer {
  return Buffer.concat([number(0, 4), number(tableDumpV2, 2), number(subtype, 2), number(body.length, 4), body]);
}

function octets(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
