/** Keeps a gobgpd alive that outlives us: adopts the one that runs, else starts one, and starts it again when it dies. */
import { execFile, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { promisify } from 'node:util';
import { CoreBgpError } from '../model/errors.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { codeOf, isAlive, type ProcessIdentity, processAt, processWithFlag, sendSignal } from './process.ts';
import { type Api, accepts, apiOf } from './supervise-api.ts';
import {
  logSince,
  openLog,
  readRecord,
  removeRecord,
  type SuperviseFiles,
  sizeOf,
  superviseFiles,
  writeRecord,
} from './supervise-files.ts';

export interface SuperviseOptions {
  /** The gobgpd to start. */
  readonly binary: string;
  /** Added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** For its log and record, and its socket unless `url` is given; made when absent. */
  readonly folder: string;
  /** Where its gRPC API is to listen, `gobgp://HOST:PORT` or `gobgp+unix:///PATH`. Default: a unix socket in the folder. */
  readonly url?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Called each time it has died, before it is started again. */
  readonly onExit?: (how: string) => void;
}

export interface SupervisedGobgpd {
  /** Of its gRPC API; stays the same over restarts of the daemon. */
  readonly url: string;
  /** Of the process that runs now; undefined between two. */
  pid(): number | undefined;
  /** Whether the first one was found running. */
  readonly adopted: boolean;
  /** Resolves when it answers on its socket, now or after it was started again. */
  ready(signal: AbortSignal): Promise<void>;
  /** A hint that it may have died (a stream broke): looks at once instead of within half a second. */
  check(): void;
  /** Ends it: SIGTERM, after 5 s SIGKILL. Its neighbours withdraw everything. */
  stop(signal: AbortSignal): Promise<void>;
  /** Ends only the supervision; gobgpd goes on announcing and will be adopted. */
  release(): void;
}

/** Milliseconds. */
const lookEvery = 500;
const answerEvery = 20;
const answerWithin = 10_000;
const apiFlag = '--api-hosts';
const endWithin = 5_000;
/** Between two starts. Neighbours in graceful restart wait for the paths: they are to be back within 5 s of any death. */
const longestWait = 2_000;
/** Living this long counts as a good start: the next respawn is immediate again. */
const steadyAfter = 60_000;

/**
 * Resolves when the daemon answers.
 * @throws CoreBgpError `unavailable` when the binary is missing, no GoBGP, or ends at its start (with its own words);
 * `invalid` or `forbidden` for the folder.
 */
export async function superviseGobgpd(options: SuperviseOptions, signal: AbortSignal): Promise<SupervisedGobgpd> {
  const { clock, log } = options;
  const own = superviseFiles(options.folder);
  const api = apiOf(options.url ?? `gobgp+unix://${own.socket}`);
  const files = { ...own, socket: api.at.path ?? own.socket };
  if (processAt(process.pid) === undefined) {
    throw new CoreBgpError(
      'unavailable',
      "Supervising gobgpd needs Linux's /proc. Run gobgpd yourself, set speaker.supervise to false and speaker.url to its address.",
    );
  }
  const found = findRunning(files, api);
  const adopted = found !== undefined;
  let kick = (): void => {};
  let current: ProcessIdentity | undefined = found;
  let since = clock.now();

  if (found === undefined) {
    const from = sizeOf(files.log);
    const version = await versionOf(options, signal);
    signal.throwIfAborted();
    const fresh = await spawnGobgpd(options, version, files, api, () => kick());
    current = fresh;
    log.info({ pid: fresh.pid, binary: options.binary }, 'gobgpd started');
    try {
      await answers(files, api, fresh, clock, signal, from);
    } catch (error) {
      // It carries no path yet; nobody would look after it.
      sendSignal(fresh, 'SIGKILL');
      removeRecord(files);
      throw error;
    }
  } else {
    log.info({ pid: found.pid }, 'gobgpd adopted');
    await answers(files, api, found, clock, signal);
  }

  const life = new AbortController();
  const backoff = createBackoff({ random: options.random, firstMs: 100, longestMs: longestWait });

  /** What can't be seen (too many open files) is no death. */
  function seemsAlive(one: ProcessIdentity): boolean {
    try {
      return isAlive(one);
    } catch (error) {
      log.error({ err: error, pid: one.pid }, 'it cannot be seen whether gobgpd lives');
      return true;
    }
  }

  async function supervise(): Promise<void> {
    while (!life.signal.aborted) {
      if (current !== undefined && seemsAlive(current)) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(lookEvery, resolve);
          kick = () => {
            cancel();
            resolve();
          };
        });
        continue;
      }
      const how = current === undefined ? 'gobgpd could not be started' : `gobgpd with pid ${current.pid} has died`;
      current = undefined;
      log.error({ log: files.log }, how);
      options.onExit?.(how);
      if (clock.now() - since > steadyAfter) backoff.reset();
      try {
        await clock.sleep(backoff.next(), life.signal);
        // Another supervisor may have been faster, or the last attempt failed only after the start (a full disk).
        const version = await versionOf(options, life.signal);
        life.signal.throwIfAborted();
        const other = findRunning(files, api);
        current = other ?? (await spawnGobgpd(options, version, files, api, () => kick()));
        since = clock.now();
        log.info({ pid: current.pid, binary: options.binary }, other ? 'gobgpd adopted' : 'gobgpd started');
      } catch (error) {
        if (!life.signal.aborted) log.error({ err: error }, 'gobgpd could not be started');
      }
    }
  }
  const supervising = supervise();
  const release = (): void => {
    life.abort(new CoreBgpError('unavailable', 'The supervision of gobgpd has ended.'));
    kick();
  };

  return {
    url: api.url,
    adopted,
    pid: () => (current !== undefined && isAlive(current) ? current.pid : undefined),
    async ready(until) {
      while (!(await accepts(api))) await clock.sleep(answerEvery, until);
    },
    check: () => kick(),
    async stop(until) {
      release();
      await supervising;
      const last = current;
      if (last !== undefined) await end(last, clock, until);
      removeRecord(files);
    },
    release,
  };
}

/** The one of the record, or, when the record was lost, the one that was started with our socket. */
function findRunning(files: SuperviseFiles, api: Api): ProcessIdentity | undefined {
  const record = readRecord(files);
  if (record !== undefined && isAlive(record)) return { pid: record.pid, startTime: record.startTime };
  // Not the address alone: clients are given it as well.
  return processWithFlag(apiFlag, api.host);
}

const run = promisify(execFile);

/** Nothing is waited for before the process is there, so that whoever has just looked for another one may rely on it. */
async function spawnGobgpd(
  { binary, env, folder }: SuperviseOptions,
  version: string,
  files: SuperviseFiles,
  api: Api,
  exited: () => void,
): Promise<ProcessIdentity> {
  removeRecord(files);
  const log = openLog(files);
  const from = sizeOf(files.log);
  try {
    const child = spawn(
      binary,
      [apiFlag, api.host, '--pprof-disable', '--log-level', 'info', '--log-plain'],
      // A process group of its own and no pipe to us: it must neither get our Ctrl-C nor die when we do.
      { detached: true, stdio: ['ignore', log, log], cwd: folder, env: environmentWith(env) },
    );
    child.once('exit', exited);
    const failure = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(unusable(binary, error)));
    });
    if (child.pid === undefined) return await failure;
    failure.catch(() => exited());
    child.unref();
    const identity = processAt(child.pid);
    if (identity === undefined) throw endedAtStart(files, from);
    writeRecord(files, { v: 1, ...identity, binary, version, api: api.host });
    return identity;
  } finally {
    closeSync(log);
  }
}

/** Nothing of our own configuration (COREBGP_…) gets into its environment. */
function environmentWith(added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TZ|LANG|GO[A-Z]+)$/.test(name));
  return {
    ...Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    ...added,
  };
}

async function versionOf({ binary, env }: SuperviseOptions, signal: AbortSignal): Promise<string> {
  let said: string;
  try {
    said = (await run(binary, ['--version'], { env: environmentWith(env), signal, timeout: 10_000 })).stdout;
  } catch (error) {
    signal.throwIfAborted();
    throw unusable(binary, error);
  }
  const version = /gobgpd version (\d+)\.\S+/.exec(said);
  if (version?.[1] !== '3' && version?.[1] !== '4') {
    throw new CoreBgpError(
      'unavailable',
      `${binary} is not GoBGP 3 or 4: it calls itself "${said.trim()}". Set speaker.binary to a gobgpd of one of them.`,
      { field: 'speaker.binary' },
    );
  }
  return version[0].replace('gobgpd version ', '');
}

function unusable(binary: string, error: unknown): CoreBgpError {
  const missing = codeOf(error) === 'ENOENT';
  const why = error instanceof Error ? error.message : String(error);
  return new CoreBgpError(
    'unavailable',
    missing
      ? `There is no gobgpd at ${binary}. Install GoBGP (on Debian: apt-get install gobgpd), or set speaker.binary.`
      : `gobgpd at ${binary} can't be started: ${why}`,
    { field: 'speaker.binary', cause: error },
  );
}

/** @param from for one just started: where its log began, to quote it when it ends instead of answering. */
async function answers(
  files: SuperviseFiles,
  api: Api,
  identity: ProcessIdentity,
  clock: Clock,
  signal: AbortSignal,
  from?: number,
): Promise<void> {
  const deadline = clock.now() + answerWithin;
  while (!(await accepts(api))) {
    if (!isAlive(identity)) throw endedAtStart(files, from);
    if (clock.now() > deadline) {
      throw new CoreBgpError(
        'timeout',
        `gobgpd runs with pid ${identity.pid} but does not answer at ${api.host}. What it announces is left alone; end it (kill ${identity.pid}) to have a new one started.`,
      );
    }
    await clock.sleep(answerEvery, signal);
  }
}

function endedAtStart(files: SuperviseFiles, from: number | undefined): CoreBgpError {
  const words = from === undefined ? '' : `: ${logSince(files, from)}`;
  return new CoreBgpError('unavailable', `gobgpd ended at its start${words} (its log: ${files.log})`);
}

async function end(identity: ProcessIdentity, clock: Clock, signal: AbortSignal): Promise<void> {
  sendSignal(identity, 'SIGTERM');
  const deadline = clock.now() + endWithin;
  while (isAlive(identity)) {
    if (clock.now() > deadline) sendSignal(identity, 'SIGKILL');
    await clock.sleep(answerEvery, signal);
  }
}
