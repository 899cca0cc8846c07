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
const mostBytes = 255 * 1024;
/** Each write waits for the disk, so a call stays short; a rehearsal writes nothing, and sees only what is in its own call. */
const mostWrites = 100;
const mostRehearsed = 500;
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
 * @param end called with everything that was answered, also when a later call fails: it has happened.
 */
export async function sendAll(
  written: readonly WrittenResource[],
  dryRun: boolean,
  flags: Flags,
  shell: Shell,
  tell: (result: Result, written: WrittenResource | undefined) => void,
  end: (whole: Whole) => Promise<void>,
): Promise<void> {
  const calls = chunks(written, dryRun ? mostRehearsed : mostWrites);
  const results: Result[] = [];
  const diffs: Diff[] = [];
  let inFlight = 0;
  const progress = createProgress(shell);
  const done = dryRun ? 'compared' : 'applied';
  const howFar = () => `${counted(results.length)} of ${counted(written.length)}`;
  const work = async () => {
    await connected(
      flags,
      shell,
      async (client) => {
        for (const call of calls) {
          inFlight = call.length;
          if (calls.length > 1) progress.show(`${done} ${howFar()}`);
          const resources = call.map(({ resource }) => resource);
          const query = dryRun ? { dryRun } : {};
          const answer = await client.call(endpoints.apply, { query, body: { resources } }, shell.signal);
          progress.clear();
          for (const [index, result] of answer.results.entries()) tell(result, call[index]);
          results.push(...answer.results);
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
    throw caught;
  } finally {
    await end({ dryRun, results, paths: merged(diffs) });
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

/** @throws CoreBgpError `tooLarge` for one that no call can carry, before any is sent. */
function chunks(written: readonly WrittenResource[], most: number): readonly (readonly WrittenResource[])[] {
  const all: WrittenResource[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of written) {
    const size = Buffer.byteLength(JSON.stringify(one.resource)) + 1;
    if (size > mostBytes) {
      throw new CoreBgpError('tooLarge', `${one.place()}: this resource is larger than ${mostBytes} bytes as JSON.`);
    }
    const last = all.at(-1);
    if (last === undefined || bytes + size > mostBytes || last.length >= most) {
      all.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return all;
}

/** One entry a speaker, in the order they came. */
function merged(diffs: readonly Diff[]): readonly Diff[] {
  const bySpeaker = new Map<string, Diff>();
  for (const diff of diffs) {
    const before = bySpeaker.get(diff.speaker);
    bySpeaker.set(diff.speaker, {
      speaker: diff.speaker,
      announce: [...(before?.announce ?? []), ...diff.announce],
      change: [...(before?.change ?? []), ...diff.change],
      withdraw: [...(before?.withdraw ?? []), ...diff.withdraw],
      keep: [...(before?.keep ?? []), ...(diff.keep ?? [])],
      ...moreOf(before, diff),
    });
  }
  return [...bySpeaker.values()];
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
