/**
 * Requests over keep-alive connections with as little work as possible, so that on a small machine the rate that comes out
 * is the server's, not the client's.
 */
import { connect, type Socket } from 'node:net';

export interface LeanHttp {
  /** Sends `count` requests, one at a time on each connection. @throws on the first answer that isn't of status 2xx. */
  send(count: number, requestOf: (index: number) => Buffer): Promise<void>;
  close(): void;
}

export async function openLeanHttp(url: string, connections: number): Promise<LeanHttp> {
  const { hostname, port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  return {
    send: async (count, requestOf) => {
      let next = 0;
      await Promise.all(
        sockets.map(async (socket) => {
          while (next < count) {
            const index = next;
            next += 1;
            await exchange(socket, requestOf(index));
          }
        }),
      );
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

export function leanRequest(method: 'GET' | 'POST', path: string, body?: unknown): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? '' : 'content-type: application/json\r\n';
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${type}content-length: ${Buffer.byteLength(text)}\r\n\r\n`;
  return Buffer.from(head + text);
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const done = (error?: Error) => {
      socket.off('data', take);
      socket.off('close', lost);
      if (error === undefined) resolve();
      else reject(error);
    };
    const lost = () => done(new Error('the server closed the connection'));
    const take = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) done(new Error(`an answer without length: ${answer.slice(0, 200)}`));
      else if (answer.length >= end + 4 + length) {
        done(answer.startsWith('HTTP/1.1 2') ? undefined : new Error(`not taken: ${answer.slice(0, 1_000)}`));
      }
    };
    socket.on('data', take);
    socket.once('close', lost);
    socket.write(request);
  });
}
