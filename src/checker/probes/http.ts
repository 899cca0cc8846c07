/** Probe: an HTTP request is answered with an expected status, and with the expected text when one is asked for. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { ProbeSpec } from '../../model/health-check.ts';
import { describeError, reasonOf } from './failure.ts';
import type { Probe, ProbeResult } from './probe.ts';

type HttpProbe = Extract<ProbeSpec, { type: 'http' }>;
type Outcome = Omit<ProbeResult, 'rttMs'>;

/** Most of a body that is read, bytes. */
export const mostBodyBytes = 64 * 1024;

/** Gives every request its own connection. node:http knows nothing of proxies and follows no redirect. */
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

export const probeHttp: Probe<HttpProbe> = (target, spec, clock, signal) =>
  new Promise((resolve) => {
    const start = clock.now();
    let headMs: number | undefined;
    let outgoing: ClientRequest | undefined;
    let isDone = false;
    const finish = (outcome: Outcome) => {
      if (isDone) return;
      isDone = true;
      signal.removeEventListener('abort', expire);
      outgoing?.destroy();
      resolve({ ...outcome, rttMs: headMs ?? clock.now() - start });
    };
    /** What the probe says when the answer ends, breaks or comes to its limit here. */
    let atEnd: Outcome | undefined;
    const timedOut: Outcome = { ok: false, reason: 'timeout', detail: 'no complete answer within the timeout' };
    const expire = () => finish(atEnd ?? timedOut);
    const fail = (error: unknown) =>
      finish(atEnd ?? { ok: false, reason: reasonOf(error), detail: describeError(error) });

    signal.addEventListener('abort', expire);
    if (signal.aborted) return expire();
    try {
      outgoing = request({ host: target, agent, ...optionsFor(target, spec) });
    } catch (error) {
      return fail(error);
    }
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      headMs = clock.now() - start;
      atEnd = judgeHead(response, spec);
      if (atEnd === undefined || atEnd.ok) readBody(response, spec.body, atEnd, finish, fail);
      else finish(atEnd);
    });
    outgoing.end();
  });

function optionsFor(target: string, { port, path, method, host }: HttpProbe) {
  const name = host ?? (target.includes(':') ? `[${target}]` : target);
  const isNamed = host !== undefined || port === 80;
  const headers = {
    host: isNamed ? name : `${name}:${port}`,
    'user-agent': 'corebgp-checker',
    accept: '*/*',
    connection: 'close',
  };
  return { port, path, method, headers, setHost: false };
}

/** @returns undefined when only the body can tell. */
function judgeHead({ statusCode: code = 0 }: IncomingMessage, { status, body }: HttpProbe): Outcome | undefined {
  if (!status.some(([from, to]) => from <= code && code <= to)) {
    const wanted = status.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ');
    return { ok: false, reason: 'statusMismatch', code, detail: `status ${code}, expected ${wanted}` };
  }
  return body === undefined ? { ok: true, reason: 'ok', code, detail: `status ${code}` } : undefined;
}

/**
 * Looks for the text in the first 64 KiB. Without a text to look for the verdict stands already; the body is read to its
 * end, within the limit, only so that the target's log has no broken connection for each probe.
 */
function readBody(
  response: IncomingMessage,
  text: string | undefined,
  verdict: Outcome | undefined,
  finish: (outcome: Outcome) => void,
  fail: (error: unknown) => void,
): void {
  const code = response.statusCode ?? 0;
  const wanted = text === undefined ? undefined : Buffer.from(text);
  const missing: Outcome = verdict ?? {
    ok: false,
    reason: 'bodyMismatch',
    code,
    detail: 'the expected text is not in the first 64 KiB of the body',
  };
  let read = Buffer.alloc(0);
  let size = 0;
  const end = () => finish(missing);
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (wanted !== undefined) {
      read = Buffer.concat([read, chunk]).subarray(0, mostBodyBytes);
      if (read.includes(wanted)) finish({ ok: true, reason: 'ok', code, detail: `status ${code}, text found` });
    }
    if (size >= mostBodyBytes) end();
  });
  response.on('end', end);
  response.on('error', fail);
}
