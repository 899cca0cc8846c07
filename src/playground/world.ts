/** A whole small world on loopback: CoreBGP with its gobgpd, two backends, and a BIRD router that is not ours. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../client/client.ts';
import { createHttpTransport, type HttpTransport } from '../client/http.ts';
import { resolveConfig } from '../config/load.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { startNode } from '../node/start-node.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { findTool } from '../runtime/tools.ts';
import { type Backend, createBackend } from './backend.ts';
import { type Bird, startBird } from './bird.ts';
import { freePort } from './free-port.ts';
import { announcementResource, asn, peerResource, projectResource } from './resources.ts';
import { whileBirdRuns } from './while-bird-runs.ts';

export interface WorldOptions {
  /** Everything is kept below it; made when absent. */
  readonly folder: string;
  /** The gobgpd to run; absent: the one found on the machine. */
  readonly gobgpd?: string;
  /** TCP port of the API; absent: any free one. */
  readonly port?: number;
  readonly packageRoot: string;
  /** How this program is started again, for the backends. */
  readonly command: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Told what is being started. */
  readonly progress: (sentence: string) => void;
}

export interface World {
  readonly url: string;
  readonly folder: string;
  readonly client: Client;
  readonly backends: readonly Backend[];
  readonly bird: Bird;
  /** Declares or replaces the announcement on both backends. */
  announce(signal: AbortSignal): Promise<void>;
  /** Ends every process. */
  close(): Promise<void>;
}

const speakerAddress = '127.0.0.1';
const birdAddress = '127.0.0.2';
const backendAddresses = ['127.0.0.11', '127.0.0.12'];

/**
 * Starts everything and waits until BIRD's session is up. What was started is ended again when a step fails.
 * @throws the signal's reason when that was aborted, whatever failed of what was half started.
 */
export async function startWorld(options: WorldOptions, signal: AbortSignal): Promise<World> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return await build(options, closers, close, signal);
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error;
  }
}

async function build(
  options: WorldOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
  signal: AbortSignal,
): Promise<World> {
  const { folder, clock, log, random, progress, packageRoot } = options;
  const birdTool = findTool('bird', packageRoot);
  const gobgpd = options.gobgpd ?? findTool('gobgpd', packageRoot).path;
  mkdirSync(folder, { recursive: true });

  const port = await freePort('127.0.0.1');
  const backends = backendAddresses.map((address, index) =>
    createBackend({ name: `backend-${index + 1}`, address, port }, options.command),
  );
  for (const backend of backends) {
    closers.push(() => backend.kill());
    await backend.start(signal);
    progress(`${backend.name} answers on http://${backend.address}:${port}/ (pid ${backend.pid()})`);
  }

  const [speakerPort, birdPort] = [await freePort(speakerAddress), await freePort(birdAddress)];
  const bird = await startBird(
    {
      folder: join(folder, 'bird'),
      asn,
      routerId: '192.0.2.2',
      localAddress: birdAddress,
      listenPort: birdPort,
      neighbors: [{ name: 'corebgp', address: speakerAddress, port: speakerPort, asn }],
    },
    birdTool,
    signal,
  );
  closers.push(() => bird.stop());
  progress(`BIRD, the router, runs on ${birdAddress}:${birdPort} (pid ${bird.pid})`);

  const { config } = resolveConfig({
    env: {},
    flags: {
      'node.name': 'playground',
      'data.folder': folder,
      'api.listen': `127.0.0.1:${options.port ?? 0}`,
      'speaker.asn': String(asn),
      'speaker.routerId': '192.0.2.1',
      'speaker.listenPort': String(speakerPort),
      'speaker.listenAddresses': speakerAddress,
      'speaker.binary': gobgpd,
      'speaker.onStop': 'stop',
    },
    machine: { hostname: 'playground', home: folder, root: false, stateHome: undefined, workingFolder: folder },
  });
  const node = await startNode({ config, clock, log, random }, signal);
  closers.push(() => node.close());
  progress(`CoreBGP is up: ${node.url} (gobgpd on ${speakerAddress}:${speakerPort})`);

  const transport: HttpTransport = createHttpTransport({ url: node.url, clock });
  closers.push(() => transport.close());
  const client = createClient(transport);
  const world: World = {
    url: node.url,
    folder,
    client,
    backends,
    bird,
    announce: async (aborted) => apply(client, [announcementResource(backends)], aborted),
    close,
  };
  await apply(client, [projectResource, peerResource(birdAddress, birdPort)], signal);
  await whileBirdRuns(bird, clock, signal, (either) => untilEstablished(bird, clock, either));
  progress('the BGP session between gobgpd and BIRD is established');
  return world;
}

async function apply(client: Client, resources: readonly unknown[], signal: AbortSignal): Promise<void> {
  const { results } = await client.call(endpoints.apply, { body: { resources: [...resources] } }, signal);
  const failed = results.find(({ result }) => result === 'failed');
  if (failed !== undefined) {
    throw new CoreBgpError('internal', `${failed.kind} ${failed.name} was not taken: ${failed.error?.detail ?? '?'}`);
  }
}

const establishWithinMs = 30_000;

async function untilEstablished(bird: Bird, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.now() + establishWithinMs;
  for (;;) {
    const sessions = await bird.sessions(signal);
    if (sessions.some(({ state }) => state === 'Established')) return;
    if (clock.now() > end) {
      const states = sessions.map(({ state }) => state).join(', ');
      throw new CoreBgpError('timeout', `BIRD's session is not up after ${establishWithinMs / 1_000} s (${states}).`);
    }
    await clock.sleep(100, signal);
  }
}
