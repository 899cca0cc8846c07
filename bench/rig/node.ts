/** Roles of CoreBGP as real processes from the bundle, on a folder of the caller's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { freePort, packageRoot } from '../../test/servers/places.ts';
import { inFlight, never, until } from '../measure.ts';
import type { AnnouncementBody } from './resources.ts';

export const launcher = join(packageRoot, 'bin/corebgp');

/** Folder for CPU profiles of the nodes; unset = none. */
export const profileVariable = 'COREBGP_BENCH_PROFILES';

export interface BenchNode {
  readonly url: string;
  readonly client: Client;
  readonly pid: number;
  /** Milliseconds from the start of the process until its API said it was ready. */
  readonly readyMs: number;
  /** Creates or replaces resources; throws when one is not taken. */
  apply(resources: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export interface BenchNodeOptions {
  readonly verb: 'up' | 'api';
  readonly folder: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take to be ready, milliseconds. Default 60,000. */
  readonly withinMs?: number;
}

export async function startBenchNode(options: BenchNodeOptions): Promise<BenchNode> {
  const { verb, folder, flags = [], env = {}, withinMs = 60_000 } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const transport = createHttpTransport({ url, clock: systemClock, timeoutMs: 60_000 });
  const client = createClient(transport);
  const logFile = join(folder, 'corebgp.log');
  const common = ['--node-name', 'bench', '--data-folder', folder, '--api-listen', `127.0.0.1:${port}`];
  const start = performance.now();
  const profiles = process.env[profileVariable];
  const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const child = spawn(process.execPath, [...profiling, launcher, verb, ...common, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env, [profileVariable]: undefined },
  });
  child.stderr.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk));
  const ended = ending(child);
  let over = false;
  ended.then(() => {
    over = true;
  });
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    transport.close();
    endSupervised(folder);
  };
  try {
    await until(
      `readiness of ${url}`,
      async () => {
        if (over) return true;
        await client.call(endpoints.readyz, {}, never);
        return true;
      },
      { withinMs, everyMs: 3 },
    );
    if (over || child.pid === undefined) throw new Error(`corebgp ${verb} ended: ${readFileSync(logFile, 'utf8')}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    client,
    pid: child.pid,
    readyMs: performance.now() - start,
    apply: (resources) => applyAll(client, resources),
    close,
  };
}

/** In order, each for itself: for the few that others refer to. */
export async function applyAll(client: Client, resources: readonly unknown[]): Promise<void> {
  const { results } = await client.call(endpoints.apply, { body: { resources: [...resources] } }, never);
  const failed = results.find(({ result }) => result === 'failed');
  if (failed !== undefined) throw new Error(`not taken: ${JSON.stringify(failed)}`);
}

/** Many at a time, so that the store can commit them in groups. */
export async function createAnnouncements(
  client: Client,
  announcements: readonly AnnouncementBody[],
  most = 64,
): Promise<void> {
  await inFlight(announcements.length, most, async (index) => {
    const body = announcements[index];
    if (body === undefined) return;
    await client.call(endpoints.announcements.create, { body }, never);
  });
}

export function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? -1));
  });
}

/** The supervised gobgpd outlives its node, so it is ended by the pid in the record it left. */
function endSupervised(folder: string): void {
  const file = join(folder, 'gobgpd/gobgpd.json');
  if (!existsSync(file)) return;
  const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof record !== 'object' || record === null || !('pid' in record)) return;
  try {
    process.kill(Number(record.pid), 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
