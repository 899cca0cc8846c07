/**
 * Paths from bytes, by hand, as path-writer.ts: 100k of them are listed at a resync. What isn't asked for isn't read.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { PathContent, SeenPath } from './codec.ts';
import { largeCommunityText, pathContent, type WireAttribute } from './codec-attributes.ts';
import { isNoAddress } from './codec-peer.ts';
import type { PathEnvelope } from './path-envelope.ts';

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
function allIn(bytes: Uint8Array, wanted: number): Uint8Array[] {
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
