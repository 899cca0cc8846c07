/** What `apply` and `diff` share: files in, calls below the API's limits out, and what came of them. */
import { readFile } from 'node:fs/promises';
import type { Static } from 'typebox';
import type { ApplyResult, PathDiff } from '../contract/apply-endpoint.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { isAbort } from '../runtime/abort.ts';
import { connected } from './connect.ts';
import { counted, createProgress } from './progress.ts';
import type { WrittenResource } from './resource-files.ts';
import type { Flags, Shell } from './shell.ts';

export type Result = Static<typeof ApplyResult>;
export type Diff = Static<typeof PathDiff>;

/** Below the API's limit of 256 KiB, with room for the braces. */
export const mostBytes = 255 * 1024;
/** Each write waits for the disk, so a call stays short. */
const mostWrites = 100;
/** A rehearsal writes nothing, and sees only what is in its own call: as many as one takes. */
export const mostRehearsed = 500;
/** Milliseconds for a call of so many writes, on a slow disk. */
const callTimeoutMs = 60_000;

export interface Whole {
  readonly dryRun: boolean;
  readonly results: readonly Result[];
  /** One entry a speaker. */
  readonly paths: readonly Diff[];
}

/** @param given what `--file` was given. @throws CoreBgpError `invalid` that names the file. */
export async function readFiles(given: unknown, shell: Shell): Promise<readonly WrittenResource[]> {
  const { readResources } = await import('./yaml-side.ts');
  const written: WrittenResource[] = [];
  for (const file of Array.isArray(given) ? given.map(String) : []) {
    const text = file === '-' ? await shell.readStdin(shell.signal) : await textOf(file);
    written.push(...readResources(file === '-' ? 'standard input' : file, text));
  }
  return written;
}

/**
 * Sends them all, showing how far it is.
 * @param tell called with each result as it comes, and where it was written.
 * @param end called with everything that was answered, also when a later call fails: it has happened. Not when nothing was.
 */
export async function sendAll(
  written: readonly WrittenResource[],
  dryRun: boolean,
  flags: Flags,
  shell: Shell,
  tell: (result: Result, written: WrittenResource | undefined) => void,
  end: (whole: Whole) => Promise<void>,
): Promise<void> {
  const calls = dryRun ? callsOf(written, mostRehearsed, isProject) : callsOf(written, mostWrites, () => false);
  const results: Result[] = [];
  const diffs: Diff[] = [];
  let answered = 0;
  let inFlight = 0;
  const progress = createProgress(shell);
  const done = dryRun ? 'compared' : 'applied';
  const howFar = () => `${counted(results.length)} of ${counted(written.length)}`;
  const work = async () => {
    await connected(
      flags,
      shell,
      async (client) => {
        for (const { before, own } of calls) {
          inFlight = own.length;
          if (calls.length > 1) progress.show(`${done} ${howFar()}`);
          const resources = [...before, ...own].map(({ resource }) => resource);
          const query = dryRun ? { dryRun } : {};
          const answer = await client.call(endpoints.apply, { query, body: { resources } }, shell.signal);
          progress.clear();
          answered += 1;
          const ofOwn = answer.results.slice(before.length);
          for (const [index, result] of ofOwn.entries()) tell(result, own[index]);
          results.push(...ofOwn);
          diffs.push(...answer.paths);
          inFlight = 0;
        }
      },
      callTimeoutMs,
    );
  };
  try {
    await work();
  } catch (caught) {
    progress.clear();
    if (!dryRun && (calls.length > 1 || isAbort(caught, shell.signal))) {
      shell.stderr.write(
        `stopped: ${howFar()} applied, and of the next ${counted(inFlight)} some may be; apply again to finish\n`,
      );
    }
    if (dryRun && answered > 0) shell.stderr.write(`stopped: ${howFar()} compared\n`);
    throw caught;
  } finally {
    if (answered > 0) await end({ dryRun, results, paths: merged(diffs) });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/, '') : String(cause);
    throw new CoreBgpError('invalid', `The file "${file}" can't be read: ${why}.`, { cause });
  }
}

interface Call {
  /** Told with an earlier call, and sent again since these depend on it. */
  readonly before: readonly WrittenResource[];
  readonly own: readonly WrittenResource[];
}

/**
 * @param most resources of a call.
 * @param carried whether every later call needs it, too.
 * @throws CoreBgpError `tooLarge` for what no call can carry, before any is sent.
 */
function callsOf(
  written: readonly WrittenResource[],
  most: number,
  carried: (one: WrittenResource) => boolean,
): readonly Call[] {
  const calls: Call[] = [];
  let before: WrittenResource[] = [];
  let own: WrittenResource[] = [];
  let bytes = 0;
  for (const one of written) {
    const size = sizeOf(one);
    if (size > mostBytes) {
      throw new CoreBgpError('tooLarge', `${one.place()}: this resource is larger than ${mostBytes} bytes as JSON.`);
    }
    if (own.length > 0 && (bytes + size > mostBytes || before.length + own.length >= most)) {
      calls.push({ before, own });
      before = [...before, ...own.filter(carried)];
      own = [];
      bytes = before.reduce((sum, project) => sum + sizeOf(project), 0);
      if (bytes + size > mostBytes || before.length >= most) {
        throw new CoreBgpError(
          'tooLarge',
          `${one.place()}: the ${counted(before.length)} projects before it leave no room for what follows in one comparison; compare in several files of fewer projects each.`,
        );
      }
    }
    own.push(one);
    bytes += size;
  }
  if (own.length > 0) calls.push({ before, own });
  return calls;
}

function sizeOf({ resource }: WrittenResource): number {
  return Buffer.byteLength(JSON.stringify(resource)) + 1;
}

/** What announcements are judged by. */
function isProject({ resource }: WrittenResource): boolean {
  return Object(resource).kind === 'Project';
}

/** One entry a speaker, in the order they came. */
function merged(diffs: readonly Diff[]): readonly Diff[] {
  const bySpeaker = new Map<string, Diff>();
  for (const diff of diffs) {
    const before = bySpeaker.get(diff.speaker);
    bySpeaker.set(diff.speaker, {
      speaker: diff.speaker,
      announce: joined(before?.announce, diff.announce),
      change: joined(before?.change, diff.change),
      withdraw: joined(before?.withdraw, diff.withdraw),
      keep: joined(before?.keep, diff.keep),
      ...moreOf(before, diff),
    });
  }
  return [...bySpeaker.values()];
}

type Paths = Diff['announce'];

/** What a project changes is told by each call that has it. */
function joined(first: Paths = [], second: Paths = []): Paths {
  if (first.length === 0) return second;
  const keyOf = ({ prefix, nextHop }: Paths[number]) => `${prefix} ${nextHop}`;
  const known = new Set(first.map(keyOf));
  return [...first, ...second.filter((path) => !known.has(keyOf(path)))];
}

function moreOf(before: Diff | undefined, diff: Diff): Pick<Diff, 'more'> {
  if (before?.more === undefined && diff.more === undefined) return {};
  const more = { ...before?.more };
  for (const list of ['announce', 'withdraw', 'change', 'keep'] as const) {
    const count = (more[list] ?? 0) + (diff.more?.[list] ?? 0);
    if (count > 0) more[list] = count;
  }
  return { more };
}
