/** A next hop that is really checked: an HTTP server on a loopback address, which can die and come back on its port. */
import { createServer, type Server } from 'node:http';
import { freePort } from '../servers/places.ts';

export interface HttpBackend {
  readonly address: string;
  readonly port: number;
  /** What it answers from now on. Default 200. */
  answer(status: number): void;
  /** Connections are refused from now on. */
  die(): Promise<void>;
  revive(): Promise<void>;
  /** Requests answered so far. */
  requests(): number;
}

/** @param port the same for all next hops of an announcement; default a free one. */
export async function startBackend(address: string, port?: number): Promise<HttpBackend> {
  const at = port ?? (await freePort(address));
  let status = 200;
  let requests = 0;
  let server: Server | undefined;
  const backend: HttpBackend = {
    address,
    port: at,
    answer: (code) => {
      status = code;
    },
    requests: () => requests,
    revive: async () => {
      if (server !== undefined) return;
      const started = createServer((_, response) => {
        requests += 1;
        response.writeHead(status, { connection: 'close' }).end('ok\n');
      });
      await new Promise<void>((resolve, reject) => {
        started.once('error', reject);
        started.listen(at, address, resolve);
      });
      server = started;
    },
    die: async () => {
      const dying = server;
      server = undefined;
      if (dying === undefined) return;
      dying.closeAllConnections();
      await new Promise((resolve) => dying.close(resolve));
    },
  };
  await backend.revive();
  return backend;
}
