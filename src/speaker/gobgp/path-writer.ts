/**
 * Paths to bytes, by hand: 100k of them are sent at a resync, where generated code would be the slowest part. Field
 * numbers are those of proto/gobgp; the test beside path-reader.ts holds the bytes against the generated code.
 */
import { attributesKey } from '../../model/attributes.ts';
import { asSequence, largeCommunityMessages, originNumber } from './codec-attributes.ts';
import type { AttributeName, PathEnvelope } from './path-envelope.ts';
import type { PathMessage } from './path-messages.ts';
import { createWireWriter, type WireWriter } from './wire-writer.ts';

const familyNumbers = { ipv4: 1, ipv6: 2 } as const;

/** An AddPathStreamRequest. */
export function pathsToBytes(paths: readonly PathMessage[], envelope: PathEnvelope): Uint8Array {
  const writer = createWireWriter();
  const written = new Map<string, Uint8Array>();
  if (envelope.globalTable !== 0) writer.uint(1, envelope.globalTable);
  for (const path of paths) {
    // Paths of one announcement carry the same attributes: they are written once and copied.
    const key = path.withdraw ? '' : attributesKey(path.attributes);
    const attributes = written.get(key) ?? attributesToBytes(path, envelope);
    written.set(key, attributes);
    writer.inside(3, () => writePath(writer, path, attributes, envelope));
  }
  return writer.finish();
}

function writePath(writer: WireWriter, path: PathMessage, attributes: Uint8Array, envelope: PathEnvelope): void {
  const family = (field: number): void =>
    writer.inside(field, () => {
      writer.uint(1, familyNumbers[path.family]);
      writer.uint(2, 1);
    });
  const prefix = (field: number): void =>
    envelope.writePrefix(writer, field, () => {
      writer.uint(1, path.length);
      writer.text(2, path.prefix);
    });
  prefix(1);
  if (path.withdraw) writer.uint(5, 1);
  family(9);
  writer.uint(18, path.identifier);
  if (path.family === 'ipv4' && !path.nextHop.includes(':')) {
    envelope.writeAttribute(writer, 'nextHop', () => writer.text(1, path.nextHop));
  } else {
    envelope.writeAttribute(writer, 'mpReach', () => {
      family(1);
      writer.text(2, path.nextHop);
      prefix(3);
    });
  }
  writer.raw(attributes);
}

/** All but the next hop. A withdrawal needs none of them. */
function attributesToBytes({ attributes, withdraw }: PathMessage, envelope: PathEnvelope): Uint8Array {
  const writer = createWireWriter();
  const { origin, asPath, med, localPref, communities, largeCommunities } = attributes;
  const attribute = (name: AttributeName, write: () => void): void => envelope.writeAttribute(writer, name, write);
  attribute('origin', () => writer.uint(1, originNumber(origin)));
  if (withdraw) return writer.finish();
  if (asPath.length > 0) {
    attribute('asPath', () =>
      writer.inside(1, () => {
        writer.uint(1, asSequence);
        writer.inside(2, () => asPath.forEach(writer.varint));
      }),
    );
  }
  if (med !== undefined) attribute('med', () => writer.uint(1, med));
  if (localPref !== undefined) attribute('localPref', () => writer.uint(1, localPref));
  if (communities.length > 0) {
    attribute('communities', () => writer.inside(1, () => communities.forEach(writer.varint)));
  }
  attribute('largeCommunities', () => {
    for (const { globalAdmin, localData1, localData2 } of largeCommunityMessages(largeCommunities)) {
      writer.inside(1, () => {
        writer.uint(1, globalAdmin);
        writer.uint(2, localData1);
        writer.uint(3, localData2);
      });
    }
  });
  return writer.finish();
}
