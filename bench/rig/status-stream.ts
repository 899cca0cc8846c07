/** A reader of the status view over HTTP, with as little work as possible until the state is there. */
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { endpoints } from '../../src/contract/endpoints.ts';

export interface StatusReader {
  /** Milliseconds from the request to the first byte of the body. */
  readonly firstByteMs: number;
  /** … until the state was complete. */
  readonly syncedMs: number;
  /** What came until then: server-sent events. */
  readonly state: Buffer;
  /** Resolves when the text has come after the state, with milliseconds of performance.now(). Ask before it can come. */
  seen(text: string, withinMs: number): Promise<number>;
  close(): void;
}

const synced = '"type":"synced"';

/** Resolves once the state is complete. */
export async function openStatusReader(url: string): Promise<StatusReader> {
  const start = performance.now();
  const chunks: Buffer[] = [];
  let firstByteMs = 0;
  let tail = '';
  let wanted: { readonly text: string; readonly found: (at: number) => void } | undefined;
  let request: ClientRequest | undefined;
  await new Promise<void>((resolve, reject) => {
    let isComplete = false;
    const take = (answer: IncomingMessage) => {
      if (answer.statusCode !== 200) reject(new Error(`the status view answered ${answer.statusCode}`));
      answer.once('error', reject).once('end', () => reject(new Error('the status view ended')));
      answer.on('data', (chunk: Buffer) => {
        if (chunks.length === 0) firstByteMs = performance.now() - start;
        if (!isComplete) {
          chunks.push(chunk);
          // The word may come in two pieces.
          const text = tail + chunk.subarray(-200).toString('latin1');
          isComplete = text.includes(synced) || chunk.includes(synced);
          tail = text.slice(-200);
          if (isComplete) resolve();
          return;
        }
        tail += chunk.toString('latin1');
        if (wanted !== undefined && tail.includes(wanted.text)) wanted.found(performance.now());
        tail = tail.slice(-2_000);
      });
    };
    const query = new URLSearchParams({ view: 'status', kinds: 'announcements' });
    request = get(`${url}${endpoints.watch.path}?${query}`, { agent: false }, take).on('error', reject);
  });
  const syncedMs = performance.now() - start;
  return {
    firstByteMs,
    syncedMs,
    state: Buffer.concat(chunks),
    seen: (text, withinMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${text} has not come within ${withinMs} ms`)), withinMs);
        wanted = {
          text,
          found: (at) => {
            clearTimeout(timer);
            wanted = undefined;
            resolve(at);
          },
        };
      }),
    close: () => request?.destroy(),
  };
}
