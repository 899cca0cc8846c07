/**
 * The last gate before a withdrawal: it passes only with evidence that fits its cause, over a mirror that can be trusted
 * (rules 1, 2). What is held is kept and shown; adds never come here.
 */
import type { Withdrawal } from './diff.ts';
import type { Evidence, EvidenceKind, Reason, WithdrawalCause } from './reasons.ts';

/** How far what decisions were made from can be trusted. */
export interface MirrorCondition {
  /** The store revision that the decisions were made at. */
  readonly revision: number;
  readonly synced: boolean;
  /** No proof of freshness for longer than allowed. */
  readonly stale: boolean;
  /** The store's revision is below one seen before. */
  readonly revisionWentBack: boolean;
  /** The store's identity is not the one seen before. */
  readonly storeChanged: boolean;
  /** Keys of records that can't be decoded. */
  readonly undecodable: { has(key: string): boolean };
}

export interface HeldWithdrawal {
  readonly withdrawal: Withdrawal;
  readonly reason: Reason;
}

export interface GuardResult {
  readonly allowed: readonly Withdrawal[];
  readonly held: readonly HeldWithdrawal[];
}

export type Guard = (withdrawals: readonly Withdrawal[], mirror: MirrorCondition) => GuardResult;

export function guard(withdrawals: readonly Withdrawal[], mirror: MirrorCondition): GuardResult {
  const distrust = distrustOf(mirror);
  const allowed: Withdrawal[] = [];
  const held: HeldWithdrawal[] = [];
  for (const withdrawal of withdrawals) {
    const reason = distrust ?? objection(withdrawal, mirror);
    if (reason === undefined) allowed.push(withdrawal);
    else held.push({ withdrawal, reason });
  }
  return { allowed, held };
}

/** Why nothing at all may be withdrawn, the gravest first. */
function distrustOf({ synced, stale, revisionWentBack, storeChanged }: MirrorCondition): Reason | undefined {
  if (storeChanged) return 'storeChanged';
  if (revisionWentBack) return 'revisionWentBack';
  if (!synced) return 'mirrorNotSynced';
  return stale ? 'mirrorStale' : undefined;
}

/** What proves a cause: at least one record of one of these kinds. */
const proofs: Record<WithdrawalCause, readonly EvidenceKind[]> = {
  nextHopDown: ['verdict'],
  drained: ['drain'],
  outOfScope: ['spec'],
  notEntitled: ['project'],
  belowMinHealthy: ['spec'],
  nextHopRemoved: ['spec'],
  identifierChanged: ['spec'],
  prefixRemoved: ['tombstone'],
  deleted: ['tombstone'],
};

/** The collection that a record of each kind lives in. */
const homes: Record<EvidenceKind, string> = {
  verdict: 'health/',
  spec: 'announcements/',
  drain: 'drains/',
  project: 'projects/',
  tombstone: 'tombstones/',
};

function objection({ cause, evidence }: Withdrawal, mirror: MirrorCondition): Reason | undefined {
  if (!evidence.some(({ kind }) => proofs[cause].includes(kind))) return 'noEvidence';
  if (!evidence.every((item) => isConsistent(item, mirror.revision))) return 'noEvidence';
  return evidence.some(({ key }) => mirror.undecodable.has(key)) ? 'undecodable' : undefined;
}

/** Evidence from the future, without a revision, or a verdict without its claim proves nothing. */
function isConsistent({ kind, key, revision, epoch }: Evidence, mirrorRevision: number): boolean {
  if (!key.startsWith(homes[kind]) || !isRevision(revision) || revision > mirrorRevision) return false;
  return kind !== 'verdict' || (epoch !== undefined && isRevision(epoch) && epoch <= revision);
}

function isRevision(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
