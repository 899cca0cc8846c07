/** `corebgp apply`: creates or replaces what files describe, in calls that stay below the API's limits. */
import { readFile } from 'node:fs/promises';
import type { Static } from 'typebox';
import type { Client } from '../client/client.ts';
import { type ApplyResult, endpoints, type PathDiff } from '../contract/endpoints.ts';
import { CoreBgpError, errorCodes, isErrorCode } from '../model/errors.ts';
import { connected } from './connect.ts';
import { writeJson, writeYaml } from './output.ts';
import type { WrittenResource } from './resource-files.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, printable, type Tone, tableText, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

type Result = Static<typeof ApplyResult>;
type Diff = Static<typeof PathDiff>;

/** Below the API's limit of 256 KiB, with room for the braces. */
const mostBytes = 255 * 1024;
/** Each write waits for the disk, so a call stays short; a rehearsal writes nothing, and sees only what is in its own call. */
const mostWrites = 100;
const mostRehearsed = 500;
/** Milliseconds for a call of so many writes, on a slow disk. */
const callTimeoutMs = 60_000;

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .requiredOption('-f, --file <file...>', 'YAML or JSON file, several documents allowed; - reads standard input')
      .option('--dry-run', 'write nothing; print which paths each speaker would announce, change and withdraw')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp apply -f web.yaml',
          'corebgp apply -f project.yaml -f web.yaml --dry-run',
          'corebgp get announcement shop/web -o yaml | sed s/10.0.1.11/10.0.1.13/ | corebgp apply -f -',
        ),
      )
      .action((flags: Flags) => run(apply(flags, shell)));
  },
};

async function apply(flags: Flags, shell: Shell): Promise<number> {
  const files = Array.isArray(flags['file']) ? flags['file'].map(String) : [];
  const dryRun = flags['dryRun'] === true;
  const { readResources } = await import('./yaml-side.ts');
  const written: WrittenResource[] = [];
  for (const file of files) {
    const text = file === '-' ? await shell.readStdin(shell.signal) : await textOf(file);
    written.push(...readResources(file === '-' ? 'standard input' : file, text));
  }
  const calls = chunks(written, dryRun ? mostRehearsed : mostWrites);
  const output = textFlag(flags, 'output');
  return await connected(flags, shell, (client) => applyAll(calls, dryRun, output, client, shell), callTimeoutMs);
}

async function applyAll(
  calls: readonly (readonly WrittenResource[])[],
  dryRun: boolean,
  output: string | undefined,
  client: Client,
  shell: Shell,
): Promise<number> {
  const results: Result[] = [];
  const diffs: Diff[] = [];
  let exit = 0;
  const table = output === undefined || output === 'table';
  const total = calls.reduce((sum, call) => sum + call.length, 0);
  try {
    for (const call of calls) {
      const resources = call.map(({ resource }) => resource);
      const query = dryRun ? { dryRun } : {};
      const answer = await client.call(endpoints.apply, { query, body: { resources } }, shell.signal);
      for (const [index, result] of answer.results.entries()) {
        if (result.result === 'failed' && exit === 0) exit = exitOf(result);
        if (table) showResult(result, call[index], dryRun, shell);
      }
      results.push(...answer.results);
      diffs.push(...answer.paths);
      if (calls.length > 1 && shell.stderr.terminal) shell.stderr.write(`\r${results.length} of ${total} applied`);
    }
  } finally {
    // What was answered has happened, also when a later call fails.
    if (calls.length > 1 && shell.stderr.terminal) shell.stderr.write('\n');
    const whole = { dryRun, results, paths: merged(diffs) };
    if (output === 'json') writeJson(shell, whole);
    else if (output === 'yaml') await writeYaml(shell, [whole]);
    else if (dryRun) showDiffs(whole.paths, shell);
  }
  return exit;
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

function exitOf({ error }: Result): number {
  return isErrorCode(error?.code) ? errorCodes[error.code].exit : errorCodes.internal.exit;
}

function showResult(
  { kind, name, result, error }: Result,
  written: WrittenResource | undefined,
  dryRun: boolean,
  shell: Shell,
) {
  // What has no kind or name was refused for it.
  const what = printable([kind.toLowerCase(), name].filter((word) => word !== '').join(' ') || 'resource');
  if (result !== 'failed') {
    const tone: Tone = result === 'unchanged' ? 'plain' : 'good';
    const paint = painter(wantsColor(shell.stdout, shell.env));
    shell.stdout.write(`${what} ${paint({ text: result, tone })}${dryRun ? ' (dry run)' : ''}\n`);
    return;
  }
  const where = written === undefined ? '' : ` (${written.place(error?.field)})`;
  const lines = [`error: ${what}${where}: ${printable(error?.detail ?? 'refused without a reason')}`];
  if (error?.field !== undefined && !error.detail.includes(error.field))
    lines.push(`  field: ${printable(error.field)}`);
  if (error?.reason !== undefined) lines.push(`  reason: ${printable(error.reason)}`);
  shell.stderr.write(`${lines.join('\n')}\n`);
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
    });
  }
  return [...bySpeaker.values()];
}

function showDiffs(diffs: readonly Diff[], shell: Shell): void {
  if (diffs.length === 0) shell.stdout.write('no speaker has reported yet: no paths to compare with\n');
  const signs = [
    ['announce', '+', 'good'],
    ['change', '~', 'warn'],
    ['withdraw', '-', 'bad'],
    ['keep', '?', 'plain'],
  ] as const;
  for (const diff of diffs) {
    const rows = signs.flatMap(([list, sign, tone]) =>
      (diff[list] ?? []).map(({ prefix, nextHop, reason }) => [{ text: `  ${sign}`, tone }, prefix, nextHop, reason]),
    );
    shell.stdout.write(`speaker ${printable(diff.speaker)}${rows.length === 0 ? ': no path changes' : ''}\n`);
    if (rows.length > 0) {
      const head = ['   ', 'PREFIX', 'NEXT HOP', 'REASON'];
      shell.stdout.write(tableText(head, rows, wantsColor(shell.stdout, shell.env)));
    }
  }
  if (diffs.some(({ keep = [] }) => keep.length > 0)) {
    shell.stdout.write('?: not decided yet; a path that is there stays, one that is not there stays absent\n');
  }
}
