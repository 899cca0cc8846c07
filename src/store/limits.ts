/** What the store refuses before it does anything: every adapter and the oracle ask the same questions. */
import { CoreBgpError } from '../model/errors.ts';
import { checkKey, checkPrefix } from './keys.ts';
import { type Condition, commitLimit, type Operation } from './store.ts';

/** Most bytes of keys and values in one commit (etcd's default request limit is 1.5 MiB). */
export const maxCommitBytes = 1 << 20;

/** Shortest and longest life of a lease, in milliseconds. A shorter wish is raised to the shortest. */
const minLeaseMs = 2_000;
const maxLeaseMs = 86_400_000;

/** Leases of one store; a checker holds one, an API server another. */
export const mostLeases = 10_000;

const leaseText = /^[!-~]{1,64}$/;

function invalid(detail: string, field: string): CoreBgpError {
  return new CoreBgpError('invalid', detail, { field });
}

/** @throws CoreBgpError `invalid` */
export function checkCommit(conditions: readonly Condition[], operations: readonly Operation[]): void {
  checkCount(conditions.length, 'conditions');
  checkCount(operations.length, 'operations');
  for (const condition of conditions) {
    checkKey(condition.key);
    const revision = 'createRevision' in condition ? condition.createRevision : condition.modRevision;
    checkRevision(revision, 0, 'conditions');
  }
  const seen = new Set<string>();
  let bytes = 0;
  for (const operation of operations) {
    checkKey(operation.key);
    if (seen.has(operation.key)) {
      throw invalid(`The key ${operation.key} appears twice in one commit; merge the operations.`, 'operations');
    }
    seen.add(operation.key);
    bytes += operation.key.length + (operation.op === 'put' ? Buffer.byteLength(operation.value) : 0);
  }
  if (bytes > maxCommitBytes) {
    throw invalid(`A commit has at most ${maxCommitBytes} bytes, this one ${bytes}; split it.`, 'operations');
  }
}

function checkCount(count: number, field: string): void {
  if (count > commitLimit) {
    throw invalid(`A commit has at most ${commitLimit} ${field}, this one ${count}; split it.`, field);
  }
}

/** @throws CoreBgpError `invalid` unless it is a whole number, at least `least`. */
export function checkRevision(revision: number, least: number, field: string): void {
  if (!Number.isSafeInteger(revision) || revision < least) {
    throw invalid(`A revision here is a whole number from ${least} on, not ${revision}.`, field);
  }
}

export interface Page {
  readonly after?: string;
  readonly limit?: number;
  readonly at?: number;
}

/** @throws CoreBgpError `invalid` */
export function checkPage(prefix: string, page: Page): void {
  checkPrefix(prefix);
  if (page.after !== undefined) checkPrefix(page.after);
  if (page.at !== undefined) checkRevision(page.at, 0, 'at');
  if (page.limit !== undefined && !(Number.isSafeInteger(page.limit) && page.limit > 0)) {
    throw invalid(`The limit of a list is a whole number from 1 on, not ${page.limit}.`, 'limit');
  }
}

/** @throws CoreBgpError `invalid` when `at` lies behind the store's own revision. */
export function checkPast(at: number, revision: number): void {
  if (at > revision) throw invalid(`The store is at revision ${revision}; it cannot list revision ${at} yet.`, 'at');
}

/**
 * The life a lease really gets, in milliseconds.
 * @throws CoreBgpError `invalid`
 */
export function leaseLife(ttlMs: number): number {
  if (!Number.isFinite(ttlMs) || ttlMs <= 0 || ttlMs > maxLeaseMs) {
    throw invalid(`A lease lives up to ${maxLeaseMs} ms, not ${ttlMs}.`, 'ttlMs');
  }
  return Math.max(minLeaseMs, Math.ceil(ttlMs));
}

/** @throws CoreBgpError `limited` when no further lease may be granted. */
export function checkLeases(count: number): void {
  if (count < mostLeases) return;
  throw new CoreBgpError(
    'limited',
    `The store has ${mostLeases} leases, its most; revoke those that nobody needs, or wait until they expire.`,
  );
}

/** Whether the text can be the name of a lease at all; what cannot be is one that is gone. */
export function isLease(text: string): boolean {
  return leaseText.test(text);
}
