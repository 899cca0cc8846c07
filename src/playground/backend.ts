/** A backend of the playground: a process of its own that answers 200 on one loopback address, so that it can really be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { CoreBgpError } from '../model/errors.ts';

export interface BackendPlace {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface Backend extends BackendPlace {
  /** Process id while it runs. */
  pid(): number | undefined;
  /** Starts it (again); resolves once it answers. */
  start(signal: AbortSignal): Promise<void>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
}

/** @param command how this program is started again, as `[node, bin/corebgp]`. */
export function createBackend(place: BackendPlace, command: readonly string[]): Backend {
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  return {
    ...place,
    pid: () => child?.pid,
    start: async (signal) => {
      signal.throwIfAborted();
      if (child !== undefined) return;
      const [program = process.execPath, ...rest] = command;
      // With a pipe to this process as its standard input it ends when this process does, however that happens.
      const started = spawn(program, [...rest, 'playground-backend', place.name, place.address, String(place.port)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      child = started;
      ended = new Promise((resolve) => {
        started.once('exit', () => {
          child = undefined;
          resolve();
        });
      });
      await listening(started, place);
    },
    kill: async () => {
      child?.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(child: ChildProcess, { name, address, port }: BackendPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(
        new CoreBgpError('unavailable', `Backend ${name} could not listen on ${address}:${port} (exit code ${code}).`),
      );
    });
  });
}

/** The process itself. Runs until its standard input ends or a signal ends it. */
export async function runBackend({ name, address, port }: BackendPlace): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader('connection', 'close');
    response.end(`ok from ${name}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  process.stdout.write('listening\n');
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
  server.closeAllConnections();
  server.close();
}
