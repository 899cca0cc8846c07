/** What differs between the generations about a path's bytes: how prefix and attributes are wrapped. */
import type { WireWriter } from './wire-writer.ts';

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
