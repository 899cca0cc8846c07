/**
 * A pipe of bytes between the updater and gobgpd, whose far end can be replaced and whose connections can be cut. It looks
 * into nothing, so it costs next to nothing, and it tells when bulk went through.
 */
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../test/servers/places.ts';

export interface TcpPipe {
  /** `gobgp://127.0.0.1:PORT`. */
  readonly url: string;
  /** Where connections go from now on: `127.0.0.1:PORT`. Existing ones go on. */
  leadTo(target: string): void;
  /** Breaks every connection; new ones are accepted. */
  cut(): void;
  /** performance.now() of the first connection since the last cut; undefined before. */
  connectedAt(): number | undefined;
  /** performance.now() of the last large piece that went to gobgpd since the last cut. */
  lastBulkAt(): number | undefined;
  /** Bytes that came from gobgpd since the last cut. */
  received(): number;
  close(): Promise<void>;
}

/** Bytes: calls other than AddPathStream are below it. */
const bulk = 4_000;

export async function startTcpPipe(): Promise<TcpPipe> {
  const sockets = new Set<Socket>();
  let target = '';
  let connectedAt: number | undefined;
  let lastBulkAt: number | undefined;
  let received = 0;
  const track = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => other.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    const [host = '', port = ''] = target.split(':');
    connectedAt ??= performance.now();
    const far = connect(Number(port), host);
    track(near, far);
    track(far, near);
    near.on('data', (chunk) => {
      if (chunk.length >= bulk) lastBulkAt = performance.now();
    });
    far.on('data', (chunk) => {
      received += chunk.length;
    });
    near.pipe(far);
    far.pipe(near);
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const cut = () => {
    connectedAt = undefined;
    lastBulkAt = undefined;
    received = 0;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `gobgp://127.0.0.1:${port}`,
    leadTo: (next) => {
      target = next;
    },
    cut,
    connectedAt: () => connectedAt,
    lastBulkAt: () => lastBulkAt,
    received: () => received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
