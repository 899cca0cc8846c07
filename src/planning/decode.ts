/**
 * From stored values to typed records, one object at a time. Strict in types, tolerant of fields that a newer version
 * wrote. An object that can't be decoded is said to be so; it never throws and never hides another.
 */
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { type AttributesSpec, canonicalLargeCommunity, parseCommunity } from '../model/attributes.ts';
import { type DrainRecord, DrainSpec } from '../model/drain.ts';
import { ClaimRecord, VerdictRecord } from '../model/health.ts';
import { type PeerRecord, PeerSpec } from '../model/peer.ts';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../model/prefix.ts';
import { type ProjectRecord, ProjectSpec } from '../model/project.ts';
import { defaultProject, Metadata, recordKey } from '../model/resource.ts';
import { SpeakerStatusRecord } from '../model/speaker.ts';
import { PrefixTombstone, prefixTombstoneKey } from '../model/tombstone.ts';

export type Decoded<Item> =
  | { readonly ok: true; readonly record: Item }
  | { readonly ok: false; readonly problem: string };

const { revision: _, ...storedMetadata } = Metadata.properties;
const record = <Kind extends string, Spec extends TSchema>(kind: Kind, spec: Spec) =>
  Type.Object({ v: Type.Literal(1), kind: Type.Literal(kind), metadata: Type.Object(storedMetadata), spec });

const isAnnouncement = reader(record('Announcement', AnnouncementSpec));
const isProject = reader(record('Project', ProjectSpec));
const isPeer = reader(record('Peer', PeerSpec));
const isDrain = reader(record('Drain', DrainSpec));
/** What of a drain must be readable for it to be in effect. */
const isDrainTarget = reader(
  Type.Object({ spec: Type.Object({ target: DrainSpec.properties.target, until: Type.Optional(Type.Unknown()) }) }),
);
const isVerdict = reader(VerdictRecord);
const isClaim = reader(ClaimRecord);
const isPrefixTombstone = reader(PrefixTombstone);
const isSpeakerStatus = reader(SpeakerStatusRecord);

/** Also wrong: a key that isn't the record's own, and addresses, prefixes or communities that aren't canonical. */
export function decodeAnnouncement(key: string, value: unknown): Decoded<AnnouncementRecord> {
  if (!isAnnouncement.check(value)) return wrong(isAnnouncement.problem(value));
  const { metadata, spec } = value;
  if (recordKey('Announcement', metadata.name, metadata.project) !== key) return wrong(`its name does not fit its key`);
  for (const prefix of spec.prefixes) {
    const parsed = parsePrefix(prefix);
    if (!parsed.ok) return wrong(parsed.problem);
    if (formatPrefix(parsed.value) !== prefix) return wrong(`prefix "${prefix}" is not in canonical form`);
  }
  for (const { address } of spec.nextHops) {
    const parsed = parseAddress(address);
    if (!parsed.ok) return wrong(parsed.problem);
    if (formatAddress(parsed.value) !== address) return wrong(`next hop "${address}" is not in canonical form`);
  }
  if (new Set(spec.nextHops.map(({ address }) => address)).size < spec.nextHops.length) {
    return wrong('it has a next hop twice');
  }
  const unreadable = [spec.attributes, ...spec.nextHops.map(({ attributes }) => attributes)].find(hasBadCommunity);
  if (unreadable !== undefined) return wrong('it has a community that is out of range');
  return { ok: true, record: value };
}

/** Of a value that decodeAnnouncement took before, so that only its outside is looked at. */
export function wasAnnouncement(value: unknown): value is AnnouncementRecord {
  return typeof value === 'object' && value !== null && 'spec' in value;
}

export function decodeProject(key: string, value: unknown): Decoded<ProjectRecord> {
  if (!isProject.check(value)) return wrong(isProject.problem(value));
  if (recordKey('Project', value.metadata.name, undefined) !== key) return wrong('its name does not fit its key');
  const unreadable = [...value.spec.prefixes.map(({ prefix }) => prefix), ...value.spec.nextHops]
    .map(parsePrefix)
    .find((parsed) => !parsed.ok);
  if (unreadable !== undefined && !unreadable.ok) return wrong(unreadable.problem);
  return { ok: true, record: value };
}

export function decodePeer(key: string, value: unknown): Decoded<PeerRecord> {
  if (!isPeer.check(value)) return wrong(isPeer.problem(value));
  if (recordKey('Peer', value.metadata.name, undefined) !== key) return wrong('its name does not fit its key');
  return { ok: true, record: value };
}

/** What planning needs of a drain. */
export type PlannedDrain = Pick<DrainRecord['spec'], 'target' | 'until' | 'why'>;

/**
 * A drain whose target can be read is in effect, whatever else is wrong with it: to announce again what an operator has
 * taken out of service is worse than to leave it out.
 */
export function decodeDrain(value: unknown): Decoded<PlannedDrain> {
  if (isDrain.check(value)) return { ok: true, record: value.spec };
  if (isDrainTarget.check(value)) {
    const { target, until } = value.spec;
    return { ok: true, record: { target, ...(typeof until === 'string' ? { until } : {}) } };
  }
  return wrong(isDrain.problem(value));
}

export function decodeVerdict(value: unknown): Decoded<VerdictRecord> {
  return isVerdict.check(value) ? { ok: true, record: value } : wrong(isVerdict.problem(value));
}

export function decodeClaim(value: unknown): Decoded<ClaimRecord> {
  return isClaim.check(value) ? { ok: true, record: value } : wrong(isClaim.problem(value));
}

export function decodePrefixTombstone(key: string, value: unknown): Decoded<PrefixTombstone> {
  if (!isPrefixTombstone.check(value)) return wrong(isPrefixTombstone.problem(value));
  if (prefixTombstoneKey(value.prefix) !== key) return wrong('its prefix does not fit its key');
  return { ok: true, record: value };
}

export function decodeSpeakerStatus(value: unknown): Decoded<SpeakerStatusRecord> {
  return isSpeakerStatus.check(value) ? { ok: true, record: value } : wrong(isSpeakerStatus.problem(value));
}

/** `project/name`, as drains and tombstones name an announcement. */
export function announcementRef({ metadata }: Pick<AnnouncementRecord, 'metadata'>): string {
  return `${metadata.project ?? defaultProject}/${metadata.name}`;
}

function hasBadCommunity(attributes: AttributesSpec | undefined): boolean {
  return (
    (attributes?.communities ?? []).some((text) => parseCommunity(text) === undefined) ||
    (attributes?.largeCommunities ?? []).some((text) => canonicalLargeCommunity(text) === undefined)
  );
}

/** The schemas of requests refuse unknown fields; stored records may have them. */
function reader<Schema extends TSchema>(schema: Schema) {
  const validator = Compile(withoutClosedObjects(schema));
  return {
    check: (value: unknown): value is Static<Schema> => validator.Check(value),
    problem: (value: unknown): string => {
      const first = validator.Errors(value)[0];
      return first === undefined ? 'it cannot be read' : `${first.instancePath || 'it'} ${first.message}`;
    },
  };
}

/** The same schema, but fields that it doesn't name are let through. */
export function withoutClosedObjects(schema: TSchema): TSchema {
  const open = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(open);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part)
        .filter(([key, value]) => key !== 'additionalProperties' || value !== false)
        .map(([key, value]) => [key, open(value)]),
    );
  };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, open(value)]));
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
