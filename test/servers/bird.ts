/** A BIRD neighbour for tests: the playground's, on a free port with a folder of its own. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Bird, type BirdNeighbor, type BirdOptions, startBird as start } from '../../src/playground/bird.ts';
import type { BirdRoute } from '../../src/playground/bird-table.ts';
import { findTool } from '../../src/runtime/tools.ts';
import { freePort, packageRoot, tempFolder } from './places.ts';

export interface BirdServerOptions {
  /** Default 65000. */
  readonly asn?: number;
  /** Default 127.0.0.2; another for each BIRD of a test. */
  readonly localAddress?: string;
  /** Default: a free one, chosen by `freePort(localAddress)`. */
  readonly listenPort?: number;
  readonly routerId?: string;
  readonly neighbors: readonly BirdNeighbor[];
  readonly staticRoutes?: NonNullable<BirdOptions['staticRoutes']>;
}

export interface BirdServer extends Bird {
  readonly localAddress: string;
  readonly listenPort: number;
  /** Waits until every session is established. */
  established(): Promise<void>;
  /** The table as soon as it satisfies the condition; throws with the last one seen after `ms` (default 15 s). */
  tableWhen(condition: (routes: readonly BirdRoute[]) => boolean, ms?: number): Promise<BirdRoute[]>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export async function startBird(options: BirdServerOptions): Promise<BirdServer> {
  const folder = tempFolder('bird');
  const localAddress = options.localAddress ?? '127.0.0.2';
  const listenPort = options.listenPort ?? (await freePort(localAddress));
  const never = new AbortController().signal;
  const bird = await start(
    {
      folder: folder.path,
      asn: options.asn ?? 65_000,
      routerId: options.routerId ?? (localAddress.includes(':') ? '10.255.0.2' : localAddress.replace(/^127\./, '10.')),
      localAddress,
      listenPort,
      neighbors: options.neighbors,
      ...(options.staticRoutes === undefined ? {} : { staticRoutes: options.staticRoutes }),
    },
    findTool('bird', packageRoot),
    never,
  );
  async function when<T>(read: () => Promise<T>, condition: (seen: T) => boolean, ms: number): Promise<T> {
    const deadline = Date.now() + ms;
    for (;;) {
      const seen = await read();
      if (condition(seen)) return seen;
      if (Date.now() > deadline)
        throw new Error(`BIRD did not come to it in ${ms} ms; last seen: ${JSON.stringify(seen, null, 1)}`);
      await pause(20);
    }
  }
  return {
    ...bird,
    localAddress,
    listenPort,
    async established() {
      await when(
        () => bird.sessions(never),
        (sessions) => sessions.every(({ state }) => state === 'Established'),
        30_000,
      );
    },
    tableWhen: (condition, ms = 15_000) => when(() => bird.table(never), condition, ms),
    async close() {
      await bird.stop('SIGKILL');
      folder.close();
    },
  };
}
