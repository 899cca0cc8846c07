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
  /** Process id while the process that was started here runs. */
  pid(): number | undefined;
  /** Starts it (again); resolves once it answers. */
  start(signal: AbortSignal): Promise<void>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
}

/** The flag of `playground-backend` that ties it to whoever started it. */
export const untilStdinEnds = '--until-stdin-ends';

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
      const words = ['playground-backend', place.name, place.address, String(place.port), untilStdinEnds];
      const started = spawn(program, [...rest, ...words], {
        // With a pipe to this process as its standard input it ends when this process does, however that happens.
        stdio: ['pipe', 'pipe', 'inherit'],
        // A Ctrl-C is for this process, which ends its backends in order.
        detached: true,
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
    child.once('exit', (code, by) => {
      const how = by === null ? `exit code ${code}` : `signal ${by}`;
      reject(
        new CoreBgpError('unavailable', `Backend ${name} ended before it listened on ${address}:${port} (${how}).`),
      );
    });
  });
}

/**
 * The process itself.
 * @param until what it runs until.
 * @throws CoreBgpError `unavailable` when it can't listen there.
 */
export async function runBackend(
  { name, address, port }: BackendPlace,
  tell: (line: string) => void,
  until: Promise<unknown>,
): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader('connection', 'close');
    response.end(`ok from ${name}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'a process listens there already; end it first if it is an earlier one'
          : cause.message;
      reject(new CoreBgpError('unavailable', `${name} can't listen on ${address}:${port}: ${why}.`, { cause }));
    });
    server.listen(port, address, resolve);
  });
  tell(`${name} answers on http://${address}:${port}/ until it is killed or ended with Ctrl-C`);
  await until;
  server.closeAllConnections();
  server.close();
}
