/** Probe: a TCP connection can be made. */
import { connect } from 'node:net';
import { describeError, reasonOf } from './failure.ts';
import type { Probe, ProbeResult } from './probe.ts';

export const probeTcp: Probe<{ readonly type: 'tcp'; readonly port: number }> = (target, { port }, clock, signal) =>
  new Promise((resolve) => {
    const start = clock.now();
    const socket = connect({ host: target, port });
    const finish = (result: Omit<ProbeResult, 'rttMs'>) => {
      signal.removeEventListener('abort', expire);
      socket.destroy();
      resolve({ ...result, rttMs: clock.now() - start });
    };
    const expire = () => finish({ ok: false, reason: 'timeout', detail: 'no connection within the timeout' });
    socket.on('connect', () => finish({ ok: true, reason: 'ok', detail: 'connected' }));
    // Stays attached: a socket that fails while it is being destroyed must not end the process.
    socket.on('error', (error) => finish({ ok: false, reason: reasonOf(error), detail: describeError(error) }));
    signal.addEventListener('abort', expire);
    if (signal.aborted) expire();
  });
