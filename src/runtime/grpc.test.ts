import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type GrpcChannel, type Method, openChannel } from './grpc.ts';

const method: Method<string, string> = {
  path: '/test.Service/Method',
  encode: (text) => Buffer.from(text),
  decode: (bytes) => Buffer.from(bytes).toString(),
};
const never = new AbortController().signal;

const sockets = new Set<Socket>();
let server: Server | undefined;
let channel: GrpcChannel | undefined;
afterEach(async () => {
  channel?.close();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

/** Accepts connections and never says a word. */
async function silence(): Promise<GrpcChannel> {
  const listening = createServer((socket) => sockets.add(socket));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  channel = openChannel({ target: `127.0.0.1:${address.port}`, name: 'Silence' });
  return channel;
}

const calls = {
  unary: (on: GrpcChannel, limits: { deadlineMs?: number; signal: AbortSignal }) => on.unary(method, 'x', limits),
  'server stream': async (on: GrpcChannel, limits: { deadlineMs?: number; signal: AbortSignal }) => {
    for await (const _ of on.serverStream(method, 'x', limits));
  },
  'client stream': (on: GrpcChannel, limits: { deadlineMs?: number; signal: AbortSignal }) =>
    on.clientStream(method, Array<string>(1_000).fill('x'.repeat(10_000)), limits),
};

describe.each(Object.entries(calls))('a %s call', (_, call) => {
  it('fails with timeout when its deadline has passed', async () => {
    const on = await silence();
    await expect(call(on, { deadlineMs: 100, signal: never })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('fails with the reason of its signal, before and during the call', async () => {
    const on = await silence();
    const stop = new AbortController();
    const calling = call(on, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(calling).rejects.toThrow('enough');
    await expect(call(on, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('fails with unavailable when nobody listens, and names what was called', async () => {
    channel = openChannel({ target: 'unix:///nowhere/to/be/found.sock', name: 'Nobody' });
    await expect(call(channel, { signal: never })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('/test.Service/Method of Nobody: '),
    });
  });

  it('fails with unavailable when the channel is closed under it', async () => {
    const on = await silence();
    const calling = call(on, { signal: never });
    setTimeout(() => on.close(), 50);
    await expect(calling).rejects.toMatchObject({ code: 'unavailable' });
  });
});
