/** From errors of sockets and parsers to reason words. */
import type { ProbeReason } from './probe.ts';

const reasonByCode = new Map<string, ProbeReason>([
  ['ECONNREFUSED', 'connectionRefused'],
  ['EHOSTUNREACH', 'hostUnreachable'],
  ['ENETUNREACH', 'hostUnreachable'],
  ['EHOSTDOWN', 'hostUnreachable'],
  ['ENETDOWN', 'hostUnreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNRESET', 'connectionReset'],
  ['ECONNABORTED', 'connectionReset'],
  ['EPIPE', 'connectionReset'],
]);

/** What is in no list is the checker's own trouble: it must not count against the target (rule 2). */
export function reasonOf(error: unknown): ProbeReason {
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return 'protocolError';
  return reasonByCode.get(code) ?? 'localError';
}

export function describeError(error: unknown): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return message.includes(code) ? message : `${code} ${message}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
