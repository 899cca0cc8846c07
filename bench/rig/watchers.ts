/** Many watch streams as raw sockets: they only look for the ids of events, so that the times are the server's. */
import { connect, type Socket } from 'node:net';
import { endpoints } from '../../src/contract/endpoints.ts';

export interface Watchers {
  /** Resolves when every stream has had the revision, with milliseconds of performance.now() for each stream. */
  arrivals(revision: number, withinMs: number): Promise<readonly number[]>;
  /** Streams that the server closed. */
  readonly closed: number;
  close(): void;
}

/** Opens them a few at a time, and resolves when all are answered. */
export async function openWatchers(url: string, count: number, query: string, reads: boolean): Promise<Watchers> {
  const { hostname, port } = new URL(url);
  const request = `GET ${endpoints.watch.path}?${query} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
  const times = new Map<number, number[]>();
  const waiting = new Map<number, () => void>();
  const sockets: Socket[] = [];
  let closed = 0;

  const seen = (chunk: Buffer) => {
    const at = performance.now();
    for (const [, id] of chunk.toString('latin1').matchAll(/\nid: (\d+)\ndata: \{"type":"changes"/g)) {
      const revision = Number(id);
      const own = times.get(revision) ?? [];
      times.set(revision, own);
      own.push(at);
      if (own.length === count) waiting.get(revision)?.();
    }
  };
  const open = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(request));
      sockets.push(socket);
      socket.once('error', reject);
      socket.once('close', () => {
        closed += 1;
      });
      socket.once('data', (head) => {
        if (!head.toString('latin1').startsWith('HTTP/1.1 200')) reject(new Error(head.toString('latin1')));
        if (reads) socket.on('data', seen);
        else socket.pause();
        resolve();
      });
    });
  for (let index = 0; index < count; index += 1) await open();
  return {
    arrivals: (revision, withinMs) =>
      new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(revision);
          resolve(times.get(revision) ?? []);
          times.delete(revision);
        };
        const timer = setTimeout(() => {
          reject(new Error(`${times.get(revision)?.length ?? 0} of ${count} streams had revision ${revision} in time`));
        }, withinMs);
        waiting.set(revision, done);
        if (times.get(revision)?.length === count) done();
      }),
    get closed() {
      return closed;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
