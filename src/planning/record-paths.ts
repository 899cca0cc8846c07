/** What an announcement's record alone says of its paths, attributes and identifiers: worked out once for each record. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import type { PathAttributes } from '../model/attributes.ts';
import { familyOf } from '../model/prefix.ts';
import { identifiersOf } from './identifier.ts';
import { pathAttributes } from './path-attributes.ts';

const knownAttributes = new WeakMap<AnnouncementRecord, { asn: number; carried: readonly PathAttributes[] }>();

/** What a path over each next hop carries, by the index of the next hop; those without attributes of their own share one object. */
export function attributesOf(record: AnnouncementRecord, asn: number): readonly PathAttributes[] {
  const remembered = knownAttributes.get(record);
  if (remembered?.asn === asn) return remembered.carried;
  const shared = pathAttributes(record.spec.attributes, undefined, asn);
  const carried = record.spec.nextHops.map(({ attributes }) =>
    attributes === undefined ? shared : pathAttributes(record.spec.attributes, attributes, asn),
  );
  knownAttributes.set(record, { asn, carried });
  return carried;
}

const knownIdentifiers = new WeakMap<AnnouncementRecord, Map<string, ReadonlyMap<string, number>>>();

/** Identifiers of the prefix's paths, by next hop of its family. */
export function identifiersFor(record: AnnouncementRecord, prefix: string): ReadonlyMap<string, number> {
  const byPrefix = knownIdentifiers.get(record) ?? new Map<string, ReadonlyMap<string, number>>();
  knownIdentifiers.set(record, byPrefix);
  const remembered = byPrefix.get(prefix);
  if (remembered !== undefined) return remembered;
  const family = familyOf(prefix);
  const nextHops = record.spec.nextHops.map(({ address }) => address).filter((address) => familyOf(address) === family);
  const identifiers = identifiersOf(prefix, nextHops);
  byPrefix.set(prefix, identifiers);
  return identifiers;
}
