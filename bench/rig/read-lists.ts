/** Reads lists over HTTP with as little work as possible, and times them. */
import { Agent, get, type IncomingMessage } from 'node:http';

export interface ReadList {
  /** Milliseconds from the request to the first byte of the body. */
  readonly firstByteMs: number;
  /** … to the last. */
  readonly totalMs: number;
  readonly body: Buffer;
}

export interface ListReader {
  /** @throws on an answer that isn't of status 200. */
  read(path: string, accept: string): Promise<ReadList>;
  close(): void;
}

export function openListReader(url: string): ListReader {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  const read = (path: string, accept: string) =>
    new Promise<ReadList>((resolve, reject) => {
      const start = performance.now();
      const take = (answer: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let firstByteMs = 0;
        answer.on('data', (chunk: Buffer) => {
          if (chunks.length === 0) firstByteMs = performance.now() - start;
          chunks.push(chunk);
        });
        answer.once('error', reject);
        answer.once('end', () => {
          const totalMs = performance.now() - start;
          const body = Buffer.concat(chunks);
          if (answer.statusCode === 200) resolve({ firstByteMs, totalMs, body });
          else reject(new Error(`${path}: ${answer.statusCode} ${body.toString('utf8', 0, 300)}`));
        });
      };
      get({ hostname, port, path, agent, headers: { accept } }, take).once('error', reject);
    });
  return { read, close: () => agent.destroy() };
}
