/** Roles of a node as processes of their own, over one data folder: `corebgp api`, `checker` and `updater`. */
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
import { endProcess, gobgpdPid } from './node-process.ts';

export type RoleName = 'api' | 'checker' | 'updater';

export interface RoleProcesses {
  readonly url: string;
  readonly client: Client;
  readonly folder: string;
  readonly asn: number;
  readonly speakerAddress: string;
  readonly speakerPort: number;
  /** Starts one (again); `api` is waited for. */
  start(role: RoleName): Promise<void>;
  end(role: RoleName, how: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  gobgpdPid(): number;
  log(): string;
  apply(...resources: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** All three are started. The checker's lease lasts 5 s. */
export async function startRoles(generation: GobgpGeneration): Promise<RoleProcesses> {
  const folder = tempFolder('roles');
  const asn = 64_512;
  const speakerAddress = '127.0.0.1';
  const [apiPort, speakerPort] = [await freePort(), await freePort(speakerAddress)];
  const url = `http://127.0.0.1:${apiPort}`;
  const logFile = join(folder.path, 'corebgp.log');
  const transport = createHttpTransport({ url, clock: systemClock });
  const client = createClient(transport);
  const tool = gobgpdOf(generation);
  const running = new Map<RoleName, { readonly child: ChildProcess; readonly ended: Promise<void> }>();
  const data = ['--data-folder', folder.path];
  const speaker = [
    ...['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1', '--speaker-binary', tool.path],
    ...['--speaker-listen-port', String(speakerPort), '--speaker-listen-addresses', speakerAddress],
  ];
  const flags: Readonly<Record<RoleName, readonly string[]>> = {
    api: [...data, '--api-listen', `127.0.0.1:${apiPort}`],
    checker: ['--node-name', 'n1', '--client-url', url, '--checker-ttl', '5s'],
    updater: ['--node-name', 'n1', ...data, '--client-url', url, ...speaker],
  };

  const start = async (role: RoleName) => {
    const child = spawn(process.execPath, [join(packageRoot, 'bin/corebgp'), role, ...flags[role]], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...tool.env },
    });
    child.stderr.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk));
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    running.set(role, { child, ended });
    if (role === 'api') await eventually(() => client.call(endpoints.readyz, {}, never), `readiness of ${url}`, 20_000);
  };
  const end = async (role: RoleName, how: 'SIGTERM' | 'SIGKILL') => {
    const process_ = running.get(role);
    running.delete(role);
    process_?.child.kill(how);
    await process_?.ended;
  };

  const roles: RoleProcesses = {
    url,
    client,
    folder: folder.path,
    asn,
    speakerAddress,
    speakerPort,
    start,
    end,
    gobgpdPid: () => gobgpdPid(folder.path),
    log: () => readFileSync(logFile, 'utf8'),
    apply: async (...resources) => {
      const { results } = await client.call(endpoints.apply, { body: { resources: [...resources] } }, never);
      const failed = results.filter(({ result }) => result === 'failed');
      if (failed.length > 0) throw new Error(JSON.stringify(failed, null, 1));
    },
    close: async () => {
      for (const role of ['updater', 'checker', 'api'] as const) await end(role, 'SIGKILL');
      transport.close();
      endProcess(gobgpdPid(folder.path));
      folder.close();
    },
  };
  try {
    for (const role of ['api', 'checker', 'updater'] as const) await start(role);
  } catch (error) {
    await roles.close();
    throw error;
  }
  return roles;
}
