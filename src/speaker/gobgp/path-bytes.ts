/**
 * Paths to and from bytes, by hand: 100k of them are sent and listed at a resync, where generated code would be the
 * slowest part. Field numbers are those of proto/gobgp; the contract test holds both against the real daemons.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { attributesKey } from '../../model/attributes.ts';
import type { PathContent, SeenPath } from './codec.ts';
import {
  asSequence,
  largeCommunityMessages,
  largeCommunityText,
  originNumber,
  pathContent,
  type WireAttribute,
} from './codec-attributes.ts';
import { isNoAddress } from './codec-peer.ts';
import type { PathMessage } from './path-messages.ts';
import { createWireWriter, type WireWriter } from './wire-writer.ts';

/** Field numbers of the attributes in 4.x's `Attribute`; 3.x names their types instead. */
export const attributeNumbers = {
  origin: 2,
  asPath: 3,
  nextHop: 4,
  med: 5,
  localPref: 6,
  communities: 9,
  mpReach: 12,
  largeCommunities: 21,
} as const;
export type AttributeName = keyof typeof attributeNumbers;
export const attributeNames = [
  'origin',
  'asPath',
  'nextHop',
  'med',
  'localPref',
  'communities',
  'mpReach',
  'largeCommunities',
] as const satisfies readonly AttributeName[];

/** How a generation wraps a prefix and an attribute. */
export interface PathEnvelope {
  readonly globalTable: number;
  writePrefix(writer: WireWriter, field: number, write: () => void): void;
  writeAttribute(writer: WireWriter, name: AttributeName, write: () => void): void;
  /** The bytes of an IPAddressPrefix; undefined for any other kind of route. */
  readPrefix(bytes: Uint8Array): Uint8Array | undefined;
  readAttribute(bytes: Uint8Array): { readonly name: AttributeName | undefined; readonly value: Uint8Array };
}

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

export interface PathReader {
  /** The paths of a ListPathResponse. */
  listed(bytes: Uint8Array): readonly SeenPath[];
  /** The paths of a WatchEventResponse; undefined when it is of another kind. */
  reported(bytes: Uint8Array): readonly SeenPath[] | undefined;
}

/** Paths with the same attributes share one object: that is memory too, and comparing them is quick. */
const mostShared = 10_000;

export function createPathReader(envelope: PathEnvelope): PathReader {
  const shared = new Map<string, SharedAttributes>();

  function attributesOf(raws: readonly Uint8Array[]): SharedAttributes {
    let key = '';
    for (const raw of raws)
      key += `${raw.length}:${Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const read = readAttributes(raws, envelope);
    if (shared.size >= mostShared) shared.clear();
    shared.set(key, read);
    return read;
  }

  function path(bytes: Uint8Array): SeenPath {
    let prefix = '';
    let identifier = 0;
    let neighborIp = '';
    let withdrawn = false;
    let nextHop: string | undefined;
    const others: Uint8Array[] = [];
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      switch (field) {
        case 1:
          prefix = prefixText(envelope.readPrefix(reader.bytes()));
          break;
        case 2: {
          const raw = reader.bytes();
          const { name, value } = envelope.readAttribute(raw);
          if (name === 'nextHop') nextHop = textIn(value, 1);
          else if (name === 'mpReach') nextHop = textIn(value, 2);
          else others.push(raw);
          break;
        }
        case 5:
          withdrawn = reader.bool();
          break;
        case 15:
          neighborIp = reader.string();
          break;
        case 18:
          identifier = reader.uint32();
          break;
        default:
          reader.skip(wireType);
      }
    }
    const attributes = attributesOf(others);
    return {
      prefix,
      identifier,
      local: isNoAddress(neighborIp),
      withdrawn,
      largeCommunities: attributes.largeCommunities,
      content: () => withNextHop(attributes.content, nextHop),
    };
  }

  return {
    listed(bytes) {
      const destination = fieldIn(bytes, 1);
      return destination === undefined ? [] : allIn(destination, 2).map(path);
    },
    reported(bytes) {
      const table = fieldIn(bytes, 3);
      return table === undefined ? undefined : allIn(table, 2).map(path);
    },
  };
}

interface SharedAttributes {
  readonly largeCommunities: readonly string[];
  /** Its next hop is empty: that is the path's own. */
  readonly content: PathContent | { readonly problem: string };
}

function readAttributes(raws: readonly Uint8Array[], envelope: PathEnvelope): SharedAttributes {
  const attributes = raws.map((raw) => readAttribute(raw, envelope));
  const large = attributes.find((attribute) => attribute.is === 'largeCommunities');
  return {
    largeCommunities: large?.communities.map(largeCommunityText) ?? [],
    content: pathContent([{ is: 'nextHop', nextHop: '' }, ...attributes]),
  };
}

function withNextHop(content: SharedAttributes['content'], nextHop: string | undefined): SharedAttributes['content'] {
  if ('problem' in content) return content;
  return nextHop === undefined ? { problem: 'it has no next hop' } : { nextHop, attributes: content.attributes };
}

function readAttribute(raw: Uint8Array, envelope: PathEnvelope): WireAttribute {
  const { name, value } = envelope.readAttribute(raw);
  switch (name) {
    case 'origin':
      return { is: 'origin', origin: numberIn(value, 1) };
    case 'med':
      return { is: 'med', med: numberIn(value, 1) };
    case 'localPref':
      return { is: 'localPref', localPref: numberIn(value, 1) };
    case 'communities':
      return { is: 'communities', communities: numbersIn(value, 1) };
    case 'asPath': {
      const segments = allIn(value, 1).map((segment) => ({
        type: numberIn(segment, 1),
        numbers: numbersIn(segment, 2),
      }));
      return { is: 'asPath', segments };
    }
    case 'largeCommunities': {
      const communities = allIn(value, 1).map((community) => ({
        globalAdmin: numberIn(community, 1),
        localData1: numberIn(community, 2),
        localData2: numberIn(community, 3),
      }));
      return { is: 'largeCommunities', communities };
    }
    default:
      return {
        is: 'unknown',
        name:
          name ??
          Buffer.from(raw)
            .toString('latin1', 0, 80)
            .replace(/[^ -~]/g, '.'),
      };
  }
}

function prefixText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : `${textIn(bytes, 2) ?? ''}/${numberIn(bytes, 1)}`;
}

/** The length-delimited fields of that number, in their order. */
export function allIn(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType);
  }
  return found;
}

export function fieldIn(bytes: Uint8Array, wanted: number): Uint8Array | undefined {
  return allIn(bytes, wanted).at(-1);
}

export function textIn(bytes: Uint8Array, wanted: number): string | undefined {
  const [text] = allIn(bytes, wanted);
  return text === undefined ? undefined : Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8');
}

/** An absent number is 0 (proto3). */
function numberIn(bytes: Uint8Array, wanted: number): number {
  return numbersIn(bytes, wanted).at(-1) ?? 0;
}

/** Repeated unsigned numbers, packed or not. */
function numbersIn(bytes: Uint8Array, wanted: number): number[] {
  const found: number[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== wanted) reader.skip(wireType);
    else if (wireType === WireType.Varint) found.push(reader.uint32());
    else {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) found.push(reader.uint32());
    }
  }
  return found;
}
