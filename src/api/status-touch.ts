/** Which objects a change of one stored record concerns: what makes the status view look at them again. */
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import type { Affected, Inputs } from '../planning/inputs.ts';
import { collectionOf } from './cached.ts';

/** `keys` are few; `prefixes` stand for the announcements that have them, and may be many. */
export type Touched =
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  | { readonly type: 'prefixes'; readonly prefixes: ReadonlySet<string> }
  /** A record of the users' that all announcements may depend on. */
  | { readonly type: 'all'; readonly keys: readonly string[] }
  | { readonly type: 'report'; readonly key: string }
  | { readonly type: 'nothing' };

const nothing: Touched = { type: 'nothing' };

export function touchedBy(key: string, affected: Affected): Touched {
  switch (collectionOf(key)) {
    case 'announcements':
    case 'peers':
      return { type: 'keys', keys: [key] };
    case 'projects':
    case 'drains':
      return { type: 'all', keys: [key] };
    case 'health':
    case 'claims':
      if (affected === 'all') return { type: 'all', keys: [] };
      return affected.size === 0 ? nothing : { type: 'prefixes', prefixes: affected };
    case 'speaker-status':
      return { type: 'report', key };
    default:
      return nothing;
  }
}

export interface ReportTouches {
  /** Whether every announcement may look different. */
  readonly all: boolean;
  /** Whether announcements that no speaker has applied so far may be applied now. */
  readonly applied: boolean;
  /** Prefixes whose exceptions differ. */
  readonly prefixes: ReadonlySet<string>;
  /** Names of peers whose session differs. */
  readonly peers: ReadonlySet<string>;
}

/** What of a report shows in the status of announcements and peers. Undefined = there is no report. */
export function touchedByReport(
  before: SpeakerStatusRecord | undefined,
  after: SpeakerStatusRecord | undefined,
): ReportTouches {
  const same =
    before !== undefined &&
    after !== undefined &&
    before.name === after.name &&
    before.zone === after.zone &&
    before.asn === after.asn &&
    before.appliedRevision <= after.appliedRevision;
  return {
    all: !same,
    applied: before?.appliedRevision !== after?.appliedRevision,
    prefixes: differing(
      (before?.exceptions ?? []).map((one) => [one.prefix, `${one.kind} ${one.nextHop} ${one.reason}`]),
      (after?.exceptions ?? []).map((one) => [one.prefix, `${one.kind} ${one.nextHop} ${one.reason}`]),
    ),
    peers: differing(
      (before?.peers ?? []).map((one) => [one.name, `${one.session} ${one.routerId ?? ''}`]),
      (after?.peers ?? []).map((one) => [one.name, `${one.session} ${one.routerId ?? ''}`]),
    ),
  };
}

type Facts = readonly (readonly [subject: string, fact: string])[];

function differing(before: Facts, after: Facts): ReadonlySet<string> {
  const text = ([subject, fact]: readonly [string, string]) => `${subject} ${fact}`;
  const was = new Set(before.map(text));
  const is = new Set(after.map(text));
  return new Set([
    ...before.filter((one) => !is.has(text(one))).map(([subject]) => subject),
    ...after.filter((one) => !was.has(text(one))).map(([subject]) => subject),
  ]);
}

/** Keys of the announcements that have any of the prefixes; live. */
export function* ownersOf(prefixes: Iterable<string>, inputs: Inputs): Iterable<string> {
  for (const prefix of prefixes) for (const { key } of inputs.owners(prefix)) yield key;
}
