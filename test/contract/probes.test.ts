/** Probes against real listeners, over IPv4 and IPv6. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProbeResult, probe } from '../../src/checker/probes/probe.ts';
import type { ProbeSpec } from '../../src/model/health-check.ts';
import { systemClock } from '../../src/runtime/clock.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen(server: Server, host: string): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const serveHttp = (host: string, answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  listen(createHttpServer(answer), host);
const serveTcp = (host: string, answer: (socket: Socket) => void) => listen(createServer(answer), host);

/** A port on which nothing listens any more. */
async function deadPort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const http = (port: number, extra: Partial<Extract<ProbeSpec, { type: 'http' }>> = {}): ProbeSpec => ({
  type: 'http',
  port,
  path: '/',
  method: 'GET',
  status: [[200, 399]],
  ...extra,
});
const tcp = (port: number): ProbeSpec => ({ type: 'tcp', port });

async function run(host: string, spec: ProbeSpec, timeoutMs = 5_000): Promise<ProbeResult> {
  const controller = new AbortController();
  const cancel = systemClock.after(timeoutMs, () => controller.abort());
  const result = await probe(host, spec, systemClock, controller.signal);
  cancel();
  expect(result.rttMs).toBeGreaterThan(0);
  return result;
}

describe.each([['127.0.0.1'], ['::1']])('the http probe to %s', (host) => {
  it('succeeds with an expected status, and sends what the check says and nothing else', async () => {
    const seen: unknown[] = [];
    const port = await serveHttp(host, (request, response) => {
      seen.push(request.method, request.url, { ...request.headers });
      response.writeHead(204).end();
    });
    expect(await run(host, http(port, { path: '/healthz?x=1' }))).toMatchObject({ ok: true, reason: 'ok', code: 204 });
    expect(await run(host, http(port, { method: 'HEAD', host: 'web.example' }))).toMatchObject({ ok: true });
    const common = { accept: '*/*', connection: 'close', 'user-agent': 'corebgp-checker' };
    const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    expect(seen).toEqual([
      'GET',
      '/healthz?x=1',
      { ...common, host: target },
      'HEAD',
      '/',
      { ...common, host: 'web.example' },
    ]);
  });

  it('makes a new connection each time', async () => {
    const ports = new Set<number | undefined>();
    const port = await serveHttp(host, (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    for (let turn = 0; turn < 5; turn += 1) await run(host, http(port));
    expect(ports.size).toBe(5);
  });

  it('fails with another status and names it', async () => {
    const port = await serveHttp(host, (_, response) => response.writeHead(503).end('busy'));
    expect(await run(host, http(port))).toMatchObject({ ok: false, reason: 'statusMismatch', code: 503 });
    expect(await run(host, http(port, { status: [[500, 599]] }))).toMatchObject({ ok: true, code: 503 });
  });

  it('follows no redirect', async () => {
    let requests = 0;
    const port = await serveHttp(host, (_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await run(host, http(port))).toMatchObject({ ok: true, code: 302 });
    expect(await run(host, http(port, { status: [[200, 299]] }))).toMatchObject({
      reason: 'statusMismatch',
      code: 302,
    });
    expect(requests).toBe(2);
  });

  it('looks for the text in the first 64 KiB, across chunks, and never tells the body', async () => {
    const port = await serveHttp(host, (request, response) => {
      if (request.url === '/late') response.write('x'.repeat(70_000));
      response.write('secret hel');
      setTimeout(() => response.end('lo'), 20);
    });
    const found = await run(host, http(port, { body: 'hello' }));
    expect(found).toMatchObject({ ok: true, reason: 'ok', code: 200 });
    const late = await run(host, http(port, { body: 'hello', path: '/late' }));
    expect(late).toMatchObject({ ok: false, reason: 'bodyMismatch', code: 200 });
    const missing = await run(host, http(port, { body: 'goodbye' }));
    expect(missing).toMatchObject({ ok: false, reason: 'bodyMismatch' });
    expect(JSON.stringify([found, late, missing])).not.toContain('secret');
  });

  it('stops reading an endless body, and takes its status when no text is asked for', async () => {
    const port = await serveHttp(host, (_, response) => {
      const more = () => {
        if (!response.destroyed) response.write('y'.repeat(16_384), () => setImmediate(more));
      };
      more();
    });
    expect(await run(host, http(port))).toMatchObject({ ok: true });
    expect(await run(host, http(port, { body: 'n' }))).toMatchObject({ ok: false, reason: 'bodyMismatch' });
  });

  it('takes the status of an answer whose body never ends, but not a text that never comes', async () => {
    const port = await serveHttp(host, (_, response) => response.write('beginning'));
    expect(await run(host, http(port), 100)).toMatchObject({ ok: true, code: 200 });
    expect(await run(host, http(port, { body: 'end' }), 100)).toMatchObject({ ok: false, reason: 'timeout' });
  });

  it('times out when no answer comes', async () => {
    const port = await serveHttp(host, () => undefined);
    expect(await run(host, http(port), 100)).toMatchObject({ ok: false, reason: 'timeout' });
  });

  it('says that the connection was refused', async () => {
    expect(await run(host, http(await deadPort(host)))).toMatchObject({ ok: false, reason: 'connectionRefused' });
  });

  it('says that the connection was reset', async () => {
    const port = await serveTcp(host, (socket) => socket.resetAndDestroy());
    expect(await run(host, http(port))).toMatchObject({ ok: false, reason: 'connectionReset' });
    const closing = await serveTcp(host, (socket) => socket.once('data', () => socket.destroy()));
    expect(await run(host, http(closing))).toMatchObject({ ok: false, reason: 'connectionReset' });
    const broken = await serveTcp(host, (socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
        setTimeout(() => socket.destroy(), 20);
      }),
    );
    expect(await run(host, http(broken, { body: 'whole' }))).toMatchObject({ ok: false, reason: 'connectionReset' });
  });

  it('says that the answer is no HTTP', async () => {
    const port = await serveTcp(host, (socket) => socket.end('SSH-2.0-hello\r\n'));
    expect(await run(host, http(port))).toMatchObject({ ok: false, reason: 'protocolError' });
  });
});

describe.each([['127.0.0.1'], ['::1']])('the tcp probe to %s', (host) => {
  it('succeeds when a connection can be made', async () => {
    const port = await serveTcp(host, () => undefined);
    expect(await run(host, tcp(port))).toMatchObject({ ok: true, reason: 'ok' });
  });

  it('says that the connection was refused', async () => {
    expect(await run(host, tcp(await deadPort(host)))).toMatchObject({ ok: false, reason: 'connectionRefused' });
  });

  it('times out at once when its deadline has already passed', async () => {
    const port = await serveTcp(host, () => undefined);
    const result = await probe(host, tcp(port), systemClock, AbortSignal.abort());
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
  });
});
