import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { endpoints } from '../contract/endpoints.ts';
import { systemClock } from '../runtime/clock.ts';
import { createClient } from './client.ts';
import { createHttpTransport } from './http.ts';

const never = new AbortController().signal;

test.each([['127.0.0.1'], ['::1']])('a connection to %s that is kept for many calls gathers nothing', async (host) => {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"version":"0.0.0"}');
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const transport = createHttpTransport({ url, clock: systemClock });
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on('warning', note);
  try {
    for (let call = 0; call < 30; call += 1) await createClient(transport).call(endpoints.version, {}, never);
    // Warnings come a moment later.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(connections).toBeLessThan(5);
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
    transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
