/** Every reason word of a decision, a hold or a status, with what it means: one list for API, CLI, logs, metrics, docs and tests. */

export const reasons = {
  healthy: 'A live checker finds the next hop healthy.',
  unchecked: 'The announcement has no health check, so the next hop counts as healthy.',
  initialUp: 'The next hop has never been decided, and the check says that it then counts as up.',
  failOpen: 'Too few next hops are healthy, and onAllDown says to announce them all.',

  neverChecked: 'No checker has decided on the next hop yet; what is announced stays, what is not stays absent.',
  verdictStale: 'No live checker stands behind the last verdict; the path stays as it is.',
  verdictUnreadable: 'The stored verdict cannot be read; the path stays as it is.',
  suspect: 'The next hop fails only from some points of view; the path stays as it is.',
  heldAllDown: 'The next hop is down, but too few are healthy and onAllDown says to hold what is announced.',
  scopeUncertain: "It is not known whether the speaker's own zone has a healthy next hop; the path stays as it is.",
  projectUnknown: 'The project is missing or unreadable, so nothing new is announced for it and nothing is withdrawn.',

  nextHopDown: 'A live checker finds the next hop down.',
  drained: 'An operator has drained the next hop, its announcement, its zone or the speaker.',
  outOfScope: 'By its scope the announcement uses other next hops at this speaker.',
  notEntitled: 'The project does not permit this prefix or this next hop.',
  belowMinHealthy: 'Fewer next hops are healthy than minHealthy asks for, and onAllDown says to withdraw.',
  nextHopRemoved: 'The announcement no longer has this next hop.',
  prefixRemoved: 'The announcement no longer has this prefix.',
  deleted: 'The announcement was deleted.',
  identifierChanged: 'The same path is announced under another path identifier; this one is left over.',

  unexplained: 'A path of ours that no announcement and no tombstone accounts for; it is kept.',
  undecodable:
    'An announcement that cannot be read may own the path, or the evidence cannot be read; the path is kept.',
  prefixContested: 'Two announcements claim the prefix; the older one decides, paths of the other are kept.',
  noEvidence: 'The withdrawal came without sufficient evidence and was not made.',
  mirrorNotSynced: "The updater's copy of the store is not complete; nothing is withdrawn.",
  mirrorStale: "The updater's copy of the store is too old; nothing is withdrawn.",
  revisionWentBack: 'The store went back to an earlier revision; nothing is withdrawn until the updater is restarted.',
  storeChanged: 'The store is not the one seen before; nothing is withdrawn until the updater is restarted.',

  prefixNotInProject: "The prefix lies outside the project's prefixes.",
  prefixTooLong: 'The prefix is longer than maxLength of the project allows.',
  prefixTooShort: 'Default routes, and prefixes shorter than /8 (IPv4) or /16 (IPv6), are never announced.',
  nextHopNotInProject: "The next hop lies outside the project's nextHops.",
  nextHopSpecial:
    'The next hop is a loopback, link-local, multicast or otherwise special address, and no CIDR of the project names that range expressly.',

  declared: 'The announcement is stored as declared.',
  entitled: 'The project permits every prefix and next hop of the announcement.',
  applied: 'The speaker has applied every change that concerns the announcement.',
  sessionEstablished: 'The BGP session with the neighbour is up.',
  sessionDown: 'The BGP session with the neighbour is not up; it gets no paths from this speaker.',
  addPathNotNegotiated: 'The neighbour accepts only one path of a prefix, so it sees only the best of several.',

  speakerConfigMismatch:
    'The gobgpd runs with another AS number, router id or port than configured; it is not touched.',
  speakerShared: 'The gobgpd carries paths of another CoreBGP speaker; nothing is changed.',
  speakerUnresponsive:
    'The gobgpd accepts connections but does not answer; what it announces stays while its sessions do.',
  listenRefused: "The gobgpd can't listen on speaker.listenPort, so that BGP is not started.",

  prefixTaken: 'The prefix belongs to another announcement; a prefix has one owner.',
  peerAddressTaken: 'The address belongs to another peer, and a speaker has one session with an address.',
  inUse: 'Other objects need it, so it cannot be deleted.',
  projectDeleting: 'The project is being deleted, so nothing can be created in it.',

  noSpeaker: 'No speaker has reported yet.',
  notApplied: 'No speaker has applied the last change yet.',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof reasons;

export function isReason(word: string): word is Reason {
  return Object.hasOwn(reasons, word);
}

/** Why a path is withdrawn: the causes that evidence can be given for. */
export const withdrawalCauses = [
  'nextHopDown',
  'drained',
  'outOfScope',
  'notEntitled',
  'belowMinHealthy',
  'nextHopRemoved',
  'prefixRemoved',
  'deleted',
  'identifierChanged',
] as const satisfies readonly Reason[];
export type WithdrawalCause = (typeof withdrawalCauses)[number];

export const evidenceKinds = ['verdict', 'spec', 'drain', 'project', 'tombstone'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** One stored fact that justifies a withdrawal (rule 2): which record, at which revision. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** Key of the record: `health/…`, `announcements/shop/web`, `tombstones/prefixes/…`. */
  readonly key: string;
  /** Revision that last wrote the record. */
  readonly revision: number;
  /** Verdicts only: the claim it was published under. */
  readonly epoch?: number;
}
