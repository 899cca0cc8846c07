import { afterEach, expect, it } from 'vitest';
import { type Answer, json, startAnswering } from '../../test/rig/answering.ts';
import { endpoints } from '../contract/endpoints.ts';
import { systemClock } from '../runtime/clock.ts';
import { createClient } from './client.ts';
import { createHttpTransport } from './http.ts';

const never = new AbortController().signal;
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function serve(answer: Answer, host?: string): Promise<string> {
  const server = await startAnswering(answer, host);
  cleanUps.push(server.close);
  return server.url;
}

function clientOf(url: string) {
  const transport = createHttpTransport({ url, clock: systemClock });
  cleanUps.push(() => transport.close());
  return createClient(transport);
}

it('keeps connections for later calls', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    json(response, 200, { version: '1' });
  });
  const client = clientOf(url);
  for (let turn = 0; turn < 5; turn += 1) await client.call(endpoints.version, {}, never);
  expect(ports.size).toBe(1);
});

it('repeats only what reads when a kept connection breaks: of a write it says that it may have happened', async () => {
  const asked: string[] = [];
  let cut = false;
  const url = await serve((request, response) => {
    asked.push(request.method ?? '');
    if (cut) request.socket.destroy();
    else json(response, 200, { version: '1' });
    cut = false;
  });
  const client = clientOf(url);
  await client.call(endpoints.version, {}, never);
  cut = true;
  expect(await client.call(endpoints.version, {}, never)).toEqual({ version: '1' });
  expect(asked.splice(0)).toEqual(['GET', 'GET', 'GET']);
  cut = true;
  await expect(
    client.call(endpoints.peers.delete, { params: { name: 'rr1' }, ifMatch: 7 }, never),
  ).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/peers\.delete.*may or may not have happened/),
  });
  expect(asked).toEqual(['DELETE']);
});

it('says that a write may have happened when its answer breaks off, on a new connection too', async () => {
  const url = await serve((request, response) => {
    if (request.method === 'DELETE') request.socket.destroy();
    else response.writeHead(200, { 'content-length': '100' }).write('{', () => request.socket.destroy());
  });
  const client = clientOf(url);
  const message = expect.stringContaining('may or may not have happened');
  const params = { name: 'rr1' };
  await expect(client.call(endpoints.peers.delete, { params }, never)).rejects.toMatchObject({ message });
  await expect(client.call(endpoints.apply, { body: { resources: [{}] } }, never)).rejects.toMatchObject({ message });
  const nowhere = clientOf('http://127.0.0.1:1');
  await expect(nowhere.call(endpoints.peers.delete, { params }, never)).rejects.toMatchObject({
    message: expect.stringContaining("can't be reached"),
  });
});

it.each([['127.0.0.1'], ['::1']])('gathers nothing on a connection to %s that is kept for many calls', async (host) => {
  const url = await serve((_request, response) => json(response, 200, { version: '1' }), host);
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on('warning', note);
  cleanUps.push(() => process.off('warning', note));
  const client = clientOf(url);
  for (let call = 0; call < 30; call += 1) await client.call(endpoints.version, {}, never);
  // Warnings come a moment later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(warnings).toEqual([]);
});
