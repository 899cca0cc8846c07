/** `corebgp edit`: one object in the editor, and back, unless somebody else changed it meanwhile. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError, isErrorCode, toCoreBgpError } from '../model/errors.ts';
import { isObject } from '../model/json-object.ts';
import { isAbort } from '../runtime/abort.ts';
import type { Result } from './apply-calls.ts';
import { failedText } from './apply-text.ts';
import { connected } from './connect.ts';
import { getObject, type ObjectName, objectNameFrom, objectText, writtenKindWords } from './object-calls.ts';
import { writeJson, writeYaml } from './output.ts';
import type { WrittenResource } from './resource-files.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { printable } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', writtenKindWords)
      .argument('<name>', 'which one; an announcement as project/name')
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        `\nThe editor is $VISUAL, else $EDITOR, else vi. What is refused can be put right; nothing is written twice.\n${examples(
          'corebgp edit announcement shop/web',
          'EDITOR="code --wait" corebgp edit peer rr1',
        )}`,
      )
      .action((kind: string, name: string, flags: Flags) => run(edit(kind, name, flags, shell)));
  },
};

async function edit(kind: string, name: string, flags: Flags, shell: Shell): Promise<undefined> {
  const object = objectNameFrom(kind, name, textFlag(flags, 'project'));
  if (!shell.attended || !shell.stdout.terminal) {
    throw new CoreBgpError(
      'invalid',
      `edit needs a terminal. Without one: corebgp get ${object.kind} ${fullName(object)} -o yaml, change it, then corebgp apply -f FILE.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-edit-'));
  const file = join(folder, `${fullName(object).replace('/', '-')}.yaml`);
  let keep = false;
  try {
    const written = await connected(flags, shell, async (client) => {
      try {
        return await editIn(file, client, object, shell);
      } catch (caught) {
        if (!(caught instanceof TextLeft)) throw caught;
        keep = true;
        const { cause, unsure } = caught;
        const look = `It may have been written: look with "corebgp get ${object.kind} ${fullName(object)}" or "corebgp history".`;
        if (!isAbort(cause, shell.signal)) throw named(cause, unsure ? ` ${look}` : '', file);
        shell.stderr.write(
          `stopped: ${unsure ? `${look} Your` : 'nothing was written, your'} text is kept in ${file}\n`,
        );
        throw cause;
      }
    });
    await tell(object, written, textFlag(flags, 'output'), shell);
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
  return undefined;
}

/** Ends the editing with its cause, but not the text: that is worth keeping. */
class TextLeft extends Error {
  /** Whether it may have been written: it was sent, and what came of it isn't known. */
  readonly unsure: boolean;
  constructor(cause: unknown, unsure = false) {
    super('the text is left in its file', { cause });
    this.unsure = unsure;
  }
}

function named(caught: unknown, said: string, file: string): CoreBgpError {
  const cause = toCoreBgpError(caught, 'editing');
  const { code, message, field, reason } = cause;
  return new CoreBgpError(code, `${message}${said} Your text is kept in ${file}.`, { field, reason, cause });
}

interface Edited {
  readonly result: Result['result'];
  /** As it is now; the error when that couldn't be read. */
  readonly object: object | CoreBgpError;
}

async function tell(name: ObjectName, { result, object }: Edited, output: string | undefined, shell: Shell) {
  const wanted = output === 'json' || output === 'yaml';
  if (!wanted) shell.stdout.write(`${objectText(name)} ${result}\n`);
  else if (object instanceof CoreBgpError) {
    // The write has happened: nothing after it makes it fail.
    shell.stderr.write(`note: ${objectText(name)} ${result}, but it can't be shown: ${printable(object.message)}\n`);
  } else if (output === 'json') writeJson(shell, object);
  else await writeYaml(shell, [object]);
}

async function editIn(file: string, client: Client, name: ObjectName, shell: Shell): Promise<Edited> {
  const { readResources, yamlText } = await import('./yaml-side.ts');
  const before = await getObject(client, name, shell.signal);
  const { labels, annotations, project } = before.metadata;
  const shown = {
    apiVersion: before.apiVersion,
    kind: before.kind,
    metadata: {
      ...(project === undefined ? {} : { project }),
      name: before.metadata.name,
      labels: labels ?? {},
      annotations: annotations ?? {},
    },
    spec: before.spec,
  };
  const original = yamlText([shown]);
  let text = original;
  let said = `Change it, save and leave. Nothing is written when nothing was changed, or everything deleted.\n`;
  for (;;) {
    writeFileSync(file, comment(`${objectText(name)} at revision ${before.metadata.revision}.\n${said}`) + text, {
      mode: 0o600,
    });
    const trouble = await runEditor(file, shell);
    const edited = readFileSync(file, 'utf8');
    const plain = withoutComment(edited);
    if (shell.signal.aborted) {
      // What an editor saves when it has to end stands beside the file.
      const worthless = plain === original && readdirSync(dirname(file)).length === 1;
      throw worthless ? shell.signal.reason : new TextLeft(shell.signal.reason);
    }
    if (trouble !== undefined) throw plain === original ? trouble : new TextLeft(trouble);
    if (plain === original || plain.trim() === '') return { result: 'unchanged', object: before };
    // Left as it was refused: whoever does that has given up.
    if (plain === text) throw new TextLeft(new CoreBgpError('invalid', 'It was refused, and not changed since.'));
    text = plain;
    let sent = false;
    try {
      const [written, ...rest] = readResources('the text', edited);
      if (written === undefined || rest.length > 0) throw new CoreBgpError('invalid', 'There must be one document.');
      const resource = unchangedIdentity(written.resource, shown, before.metadata.revision);
      sent = true;
      const result = await put(client, resource, shell.signal);
      if (result.result !== 'failed') {
        return { result: result.result, object: await readAgain(client, name, shell) };
      }
      said = refusal(result, written);
    } catch (caught) {
      // What can be put right in the text is shown in it; everything else ends here, with the text kept.
      if (!(caught instanceof CoreBgpError) || !correctable(caught.code)) {
        throw new TextLeft(caught, sent && leavesUnsure(caught));
      }
      said = `error: ${caught.message}`;
    }
  }
}

async function readAgain(client: Client, name: ObjectName, { signal }: Shell): Promise<Edited['object']> {
  try {
    return await getObject(client, name, signal);
  } catch (caught) {
    return toCoreBgpError(caught, 'reading it again');
  }
}

/** Whether a write that ended so may have been done all the same; the other codes say that it was refused. */
function leavesUnsure(caught: unknown): boolean {
  return !(caught instanceof CoreBgpError) || ['unavailable', 'timeout', 'internal'].includes(caught.code);
}

/** @throws CoreBgpError `conflict` with its message; nothing is thrown for what can be put right in the text. */
async function put(client: Client, resource: object, signal: AbortSignal): Promise<Result> {
  const { results } = await client.call(endpoints.apply, { body: { resources: [resource] } }, signal);
  const [result] = results;
  if (result === undefined) throw new CoreBgpError('internal', 'The API server answered nothing about the object.');
  const { error } = result;
  if (error === undefined || correctable(error.code)) return result;
  const code = isErrorCode(error.code) ? error.code : 'internal';
  const detail = code === 'conflict' ? `Changed meanwhile: ${error.detail}` : error.detail;
  throw new CoreBgpError(code, detail, { field: error.field, reason: error.reason });
}

function correctable(code: string): boolean {
  return ['invalid', 'notEntitled', 'prefixTaken', 'inUse', 'tooLarge'].includes(code);
}

function refusal(result: Result, written: WrittenResource): string {
  return failedText(result, written).trimEnd();
}

/** With the revision that it was seen at, as a condition. @throws CoreBgpError `invalid` when it would be another object. */
function unchangedIdentity(
  resource: unknown,
  { kind, metadata }: { readonly kind: string; readonly metadata: object },
  revision: number,
): object {
  if (typeof resource !== 'object' || resource === null) throw new CoreBgpError('invalid', 'This is no resource.');
  const given: object = 'metadata' in resource && isObject(resource.metadata) ? resource.metadata : {};
  const same = (name: string) => Reflect.get(given, name) === Reflect.get(metadata, name);
  if (Reflect.get(resource, 'kind') !== kind || !same('name') || !same('project')) {
    throw new CoreBgpError('invalid', 'kind, project and name must stay; to make another object use "corebgp apply".');
  }
  return { ...resource, metadata: { ...given, revision } };
}

/** @returns what went wrong. */
async function runEditor(file: string, shell: Shell): Promise<CoreBgpError | undefined> {
  const { env } = shell;
  const line = [env['VISUAL'], env['EDITOR'], 'vi'].find((word) => word !== undefined && word.trim() !== '') ?? 'vi';
  const code = await shell.foreground(line, file, shell.signal);
  if (code === 0) return undefined;
  const hint = code === 127 ? ' Set EDITOR to one that is installed.' : '';
  return new CoreBgpError('invalid', `The editor "${line}" ended with code ${code}; nothing was written.${hint}`);
}

function comment(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('');
}

function withoutComment(text: string): string {
  return text.replace(/^(#.*(\n|$))+/, '');
}

function fullName({ project, name }: ObjectName): string {
  return project === undefined ? name : `${project}/${name}`;
}
