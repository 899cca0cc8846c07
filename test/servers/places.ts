/** Ports and folders for servers that tests start, and the checkout's root. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, found upwards, since a bundled program stands elsewhere than this file. */
export const packageRoot = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** A TCP port that nobody listens on at the address right now. Never one of the system's own range for outgoing connections. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (!given.has(port) && (await isFree(address, port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`no free port found at ${address} in 100 attempts`);
}

const given = new Set<number>();

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export interface TempFolder {
  readonly path: string;
  close(): void;
}

/** An empty folder with a short path (unix sockets may stand in it). */
export function tempFolder(name = 'test'): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `corebgp-${name}-`));
  return { path, close: () => rmSync(path, { recursive: true, force: true }) };
}
