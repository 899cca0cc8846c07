/** `corebgp up` (or another role) as a real process from the bundle, with a data folder that outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type GobgpGeneration, gobgpdOf } from '../servers/gobgpd.ts';
import { freePort, packageRoot, tempFolder } from '../servers/places.ts';
import { eventually, never } from './eventually.ts';

export interface NodeProcessOptions {
  readonly generation: GobgpGeneration;
  /** Default 64512. */
  readonly asn?: number;
  /** Further flags, as `['--checker-ttl', '5s']`. */
  readonly flags?: readonly string[];
}

export interface NodeProcess {
  readonly url: string;
  readonly client: Client;
  readonly folder: string;
  readonly asn: number;
  readonly speakerAddress: string;
  readonly speakerPort: number;
  /** Starts it (again) and waits until its API is ready. */
  start(): Promise<void>;
  /** Ends it and waits for its end; gobgpd goes on. @returns the exit code, or null after a signal. */
  end(how: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  pid(): number;
  /** Of the supervised gobgpd. */
  gobgpdPid(): number;
  /** Everything it has logged, over all starts. */
  log(): string;
  /** Creates or replaces resources; throws when one is not taken. */
  apply(...resources: readonly unknown[]): Promise<void>;
  /** Ends everything and removes the folder. */
  close(): Promise<void>;
}

export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const { generation, asn = 64_512, flags = [] } = options;
  const folder = tempFolder('node');
  const speakerAddress = '127.0.0.1';
  const [apiPort, speakerPort] = [await freePort(), await freePort(speakerAddress)];
  const url = `http://127.0.0.1:${apiPort}`;
  const logFile = join(folder.path, 'corebgp.log');
  const transport = createHttpTransport({ url, clock: systemClock });
  const client = createClient(transport);
  const tool = gobgpdOf(generation);
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);

  const node: NodeProcess = {
    url,
    client,
    folder: folder.path,
    asn,
    speakerAddress,
    speakerPort,
    start: async () => {
      const started = spawn(
        process.execPath,
        [
          join(packageRoot, 'bin/corebgp'),
          'up',
          ...['--node-name', 'n1', '--data-folder', folder.path, '--api-listen', `127.0.0.1:${apiPort}`],
          ...['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1', '--speaker-binary', tool.path],
          ...['--speaker-listen-port', String(speakerPort), '--speaker-listen-addresses', speakerAddress],
          ...flags,
        ],
        { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...tool.env } },
      );
      child = started;
      started.stderr.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk));
      let exited = false;
      ended = new Promise((resolve) => {
        started.once('exit', (code) => {
          exited = true;
          resolve(code);
        });
      });
      await eventually(
        async () => {
          if (exited) return;
          await client.call(endpoints.readyz, {}, never);
        },
        `readiness of ${url}`,
        20_000,
      );
      if (exited) throw new Error(`corebgp up ended at its start:\n${readFileSync(logFile, 'utf8')}`);
    },
    end: async (how) => {
      child?.kill(how);
      return ended;
    },
    pid: () => child?.pid ?? 0,
    gobgpdPid: () => gobgpdPid(folder.path),
    log: () => readFileSync(logFile, 'utf8'),
    apply: async (...resources) => {
      const { results } = await client.call(endpoints.apply, { body: { resources: [...resources] } }, never);
      const failed = results.filter(({ result }) => result === 'failed');
      if (failed.length > 0) throw new Error(JSON.stringify(failed, null, 1));
    },
    close: async () => {
      child?.kill('SIGKILL');
      await ended;
      transport.close();
      endProcess(gobgpdPid(folder.path));
      folder.close();
    },
  };
  try {
    await node.start();
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

/** From the record that supervision keeps; 0 when there is none. */
export function gobgpdPid(folder: string): number {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, 'gobgpd/gobgpd.json'), 'utf8'));
    if (typeof record === 'object' && record !== null && 'pid' in record) return Number(record.pid);
  } catch {
    // Not started, or stopped.
  }
  return 0;
}

export function endProcess(pid: number): void {
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
