/** What a probe is, the closed list of its reason words, and the table of probes by type. */
import type { ProbeSpec } from '../../model/health-check.ts';
import type { Clock } from '../../runtime/clock.ts';
import { probeHttp } from './http.ts';
import { probeTcp } from './tcp.ts';

export const probeReasons = {
  ok: 'The target answered as expected.',
  connectionRefused: 'Nothing listens on the port, or a firewall refuses.',
  hostUnreachable: 'No route to the target, or nobody answers at its address.',
  timeout: 'No complete answer within the timeout.',
  connectionReset: 'The target ended the connection before it had answered.',
  statusMismatch: 'The HTTP status is none of the expected ones.',
  bodyMismatch: 'The first 64 KiB of the body do not contain the expected text.',
  protocolError: 'The answer is not valid HTTP.',
  localError:
    'The checker itself could not send the probe (no free port, too many open files); proves nothing about the target.',
} as const satisfies Record<string, string>;
export type ProbeReason = keyof typeof probeReasons;

export interface ProbeResult {
  readonly ok: boolean;
  readonly reason: ProbeReason;
  /** HTTP status, where there was one. */
  readonly code?: number;
  /** Until the connection stood (tcp), until the head of the answer had come (http), or until it failed; milliseconds. */
  readonly rttMs: number;
  /** For a person; never from the body. */
  readonly detail: string;
}

/**
 * One probe over a connection of its own. Never throws. Aborting is its deadline: the result is then `timeout`.
 * @param target canonical address of the next hop.
 */
export type Probe<Spec extends ProbeSpec = ProbeSpec> = (
  target: string,
  spec: Spec,
  clock: Clock,
  signal: AbortSignal,
) => Promise<ProbeResult>;

const probes: { readonly [Type in ProbeSpec['type']]: Probe<Extract<ProbeSpec, { type: Type }>> } = {
  http: probeHttp,
  tcp: probeTcp,
};

export const probe: Probe = (target, spec, clock, signal) =>
  spec.type === 'http' ? probes.http(target, spec, clock, signal) : probes.tcp(target, spec, clock, signal);

/** Whether the result says anything about the target. */
export function isConclusive(result: ProbeResult): boolean {
  return result.reason !== 'localError';
}
