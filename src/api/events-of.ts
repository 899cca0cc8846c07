/**
 * From one store revision to what happened in it, for people. Pure: who sees the same revision on the same state finds
 * the same events in the same order, whichever server it is and whenever it began to look.
 */

import { isDeepStrictEqual } from 'node:util';
import { fits } from '../contract/refusal.ts';
import { CheckerRecord } from '../model/checker.ts';
import type { EventRecord } from '../model/event.ts';
import { healthKey, type VerdictRecord } from '../model/health.ts';
import type { ResourceRecord } from '../model/resource.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { decodeObjectTombstone, objectTombstoneKey } from '../model/tombstone.ts';
import { announcementRef, decodeSpeakerStatus, decodeVerdict } from '../planning/decode.ts';
import type { Inputs } from '../planning/inputs.ts';
import { isReason, reasons } from '../planning/reasons.ts';
import { tasksOf } from '../planning/tasks.ts';
import { type CachedChange, type CacheRevision, changeKey, collectionOf } from './cached.ts';
import { watchedRef } from './status-objects.ts';
import { contentOf, isRecord, refOf } from './stored-objects.ts';

export interface EventSource {
  /** The value stored under the key before the revision; undefined when there was none. */
  before(key: string): unknown;
  /** As they are with the revision. */
  readonly inputs: Pick<Inputs, 'announcements' | 'announcementsOf'>;
}

/** An event, without what is the same for all of its kind. */
type Told = Omit<EventRecord, 'v' | 'at'> & { readonly at?: string | undefined };

/** Announcements that one event names beside the first. */
const mostOthers = 9;

/** @param seenAt when the server saw the revision, RFC 3339: for what no record dates. */
export function eventsOf(revision: CacheRevision, source: EventSource, seenAt: string): readonly EventRecord[] {
  return revision.changes
    .flatMap((change) => toldBy(change, revision, source))
    .map(({ at = seenAt, ...rest }) => ({ v: 1, at, ...rest }));
}

function toldBy(change: CachedChange, revision: CacheRevision, source: EventSource): readonly Told[] {
  const key = changeKey(change);
  const value = change.op === 'put' ? change.entry.value : undefined;
  switch (collectionOf(key)) {
    case 'announcements':
    case 'drains':
    case 'peers':
    case 'projects':
      return objectEvents(change, revision, source);
    case 'health':
      return verdictEvents(key, source, value);
    case 'speaker-status':
      return value === undefined ? [] : reportEvents(decodedReport(source.before(key)), decodedReport(value));
    case 'checkers':
      return checkerEvents(change, source);
    default:
      return [];
  }
}

function objectEvents(change: CachedChange, { changes }: CacheRevision, { before }: EventSource): readonly Told[] {
  const key = changeKey(change);
  const ref = watchedRef(key);
  if (ref === undefined) return [];
  const object = refOf(ref);
  const about = ref.kind;
  const stone = changes.find((one) => changeKey(one) === objectTombstoneKey(key));
  if (change.op === 'delete') {
    const at = stone?.op === 'put' ? decodeObjectTombstone(stone.entry.value)?.at : undefined;
    return [{ at, kind: 'deleted', about, object, reason: 'deleted', message: `${about} ${object} was deleted.` }];
  }
  const { createRevision, modRevision, value } = change.entry;
  const record = isRecord(ref.kind, value) ? value : undefined;
  const former = before(key);
  // The mark of a deletion comes and goes, and changes nothing that users have written.
  if (record !== undefined && isRecord(ref.kind, former) && isSame(former, record)) return [];
  const at = record?.metadata.updatedAt;
  const isNew = createRevision === modRevision;
  // A restored object takes its tombstone away.
  const kind = isNew ? (stone?.op === 'delete' ? 'undeleted' : 'created') : 'changed';
  const word = { undeleted: 'restored', created: 'created', changed: 'changed' }[kind];
  const what = summaryOf(record?.spec);
  return [
    {
      at,
      kind,
      about,
      object,
      reason: 'declared',
      message: `${about} ${object} was ${word}${what === '' ? '' : `: ${what}`}.`,
    },
  ];
}

function isSame(former: ResourceRecord<unknown>, record: ResourceRecord<unknown>): boolean {
  return former.metadata.uid === record.metadata.uid && isDeepStrictEqual(contentOf(former), contentOf(record));
}

/** A few words of a spec that was validated when it was written, perhaps by a newer version. */
function summaryOf(spec: unknown): string {
  const { prefixes, nextHops, target, address, asn } = Object(spec);
  if (Array.isArray(prefixes) && prefixes.every((prefix) => typeof prefix === 'string')) {
    const hops = Array.isArray(nextHops) ? nextHops.map((hop) => String(Object(hop).address)) : [];
    return `${some(prefixes)} via ${some(hops)}`;
  }
  if (typeof target === 'object' && target !== null) return Object.entries(target).flat().join(' ');
  return typeof address === 'string' ? `${address} AS${asn}` : '';
}

function some(words: readonly string[]): string {
  return words.length > 4 ? `${words.slice(0, 4).join(', ')} and ${words.length - 4} more` : words.join(', ');
}

function verdictEvents(key: string, { before, inputs }: EventSource, value: unknown): readonly Told[] {
  const was = decodedVerdict(before(key));
  const is = decodedVerdict(value);
  if (is === undefined || was?.state === is.state) return [];
  const taskId = key.slice(healthKey('').length);
  const concerned = inputs.announcementsOf(taskId).flatMap((one) => inputs.announcements.get(one)?.record ?? []);
  const [first] = concerned;
  const task = first && tasksOf(first).find((one) => one.taskId === taskId);
  // Nobody asks for it any more.
  if (first === undefined || task === undefined) return [];
  // In an order that does not depend on what the server saw before.
  const [object = '', ...rest] = concerned.map(announcementRef).sort();
  const others = rest.slice(0, mostOthers);
  const more = rest.length - others.length;
  const kind = ({ up: 'nextHopUp', down: 'nextHopDown', suspect: 'nextHopSuspect' } as const)[is.state];
  const code = is.code === undefined ? '' : ` ${is.code}`;
  const then = was === undefined ? 'was undecided' : `was ${was.state}`;
  const of = `${[object, ...others].join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    {
      at: is.since,
      kind,
      about: 'Announcement',
      object,
      ...(others.length === 0 ? {} : { others }),
      nextHop: task.target,
      reason: is.reason,
      message: `Next hop ${task.target} is ${is.state} (${is.reason}${code}), ${then}; of ${of}.`,
    },
  ];
}

function reportEvents(was: SpeakerStatusRecord | undefined, is: SpeakerStatusRecord | undefined): readonly Told[] {
  if (is === undefined) return [];
  const speaker = { at: is.reportedAt, about: 'Speaker', object: is.name } as const;
  return [
    ...peerEvents(was, is),
    ...difference(is.conditions, was?.conditions ?? []).map(
      ({ reason, message }): Told => ({ ...speaker, kind: 'condition', reason, message: `${is.name}: ${message}` }),
    ),
    ...difference(was?.conditions ?? [], is.conditions).map(
      ({ reason }): Told => ({
        ...speaker,
        kind: 'conditionGone',
        reason,
        message: `${is.name}: no longer: ${isReason(reason) ? reasons[reason] : reason}`,
      }),
    ),
    ...pathEvents(was, is),
  ];
}

function difference<One extends { readonly reason: string }>(
  of: readonly One[],
  without: readonly One[],
): readonly One[] {
  return of.filter(
    ({ reason }, index) =>
      !without.some((one) => one.reason === reason) && of.findIndex((one) => one.reason === reason) === index,
  );
}

function peerEvents(was: SpeakerStatusRecord | undefined, is: SpeakerStatusRecord): readonly Told[] {
  return is.peers.flatMap(({ name, address, session }): readonly Told[] => {
    const before = was?.peers.find((peer) => peer.name === name)?.session;
    const isUp = session === 'established';
    // What can't be asked is neither up nor down; the speaker's condition tells of it.
    if (session === 'unknown' || (before === 'established') === isUp) return [];
    if (!isUp && before === undefined) return [];
    return [
      {
        at: is.reportedAt,
        kind: isUp ? 'peerUp' : 'peerDown',
        about: 'Peer',
        object: name,
        others: [is.name],
        reason: isUp ? 'sessionEstablished' : 'sessionDown',
        message: `The session of ${is.name} with ${name} (${address}) is ${session}, was ${before ?? 'not there'}.`,
      },
    ];
  });
}

function pathEvents(was: SpeakerStatusRecord | undefined, is: SpeakerStatusRecord): readonly Told[] {
  const { changes } = is;
  if (changes === undefined) return [];
  // Another updater, or the same one started anew, counts from the beginning.
  const known = was?.changes?.since === changes.since ? was.changes.count : 0;
  const fresh = changes.last.filter(({ seq }) => seq > known);
  const missing = changes.count - known - fresh.length;
  const words = {
    announce: ['pathAnnounced', 'announced'],
    change: ['pathChanged', 'changed'],
    withdraw: ['pathWithdrawn', 'withdrew'],
  } as const;
  const left: readonly Told[] =
    missing <= 0
      ? []
      : [
          {
            at: fresh[0]?.at ?? is.reportedAt,
            kind: 'leftOut',
            about: 'Speaker',
            object: is.name,
            reason: 'limited',
            message: `${is.name} changed ${missing} paths that are not listed one by one.`,
            count: missing,
          },
        ];
  return [
    ...left,
    ...fresh.map(({ at, action, prefix, nextHop, reason }): Told => {
      const [kind, word] = words[action];
      const why = isReason(reason) ? reasons[reason] : reason;
      const message = `${is.name} ${word} ${prefix} via ${nextHop}: ${why}`;
      return { at, kind, about: 'Speaker', object: is.name, prefix, nextHop, reason, message };
    }),
  ];
}

function checkerEvents(change: CachedChange, { before }: EventSource): readonly Told[] {
  const key = changeKey(change);
  if (change.op === 'put' && change.entry.createRevision !== change.entry.modRevision) return [];
  const [, zone = '', object = ''] = key.split('/');
  const about = 'Checker';
  if (change.op === 'put') {
    const message = `Checker ${object} of zone ${zone} has joined.`;
    return [{ kind: 'checkerJoined', about, object, reason: 'joined', message }];
  }
  const last = before(key);
  const state = isChecker(last) ? `; it was ${last.state}` : '';
  const message = `Checker ${object} of zone ${zone} has left${state}.`;
  return [{ kind: 'checkerLeft', about, object, reason: 'left', message }];
}

function decodedVerdict(value: unknown): VerdictRecord | undefined {
  const decoded = decodeVerdict(value);
  return decoded.ok ? decoded.record : undefined;
}

function decodedReport(value: unknown): SpeakerStatusRecord | undefined {
  const decoded = decodeSpeakerStatus(value);
  return decoded.ok ? decoded.record : undefined;
}

function isChecker(value: unknown): value is CheckerRecord {
  return fits(CheckerRecord, value);
}
