/** `corebgp wait`: until an object is as wanted, or the time is over. */

import { watchStatus } from '../client/status-watch.ts';
import type { Transport } from '../client/transport.ts';
import type { WatchedObject } from '../contract/stream.ts';
import { formatDuration, parseDuration } from '../model/duration.ts';
import { CoreBgpError } from '../model/errors.ts';
import { connected } from './connect.ts';
import { type ObjectName, objectNameFrom, objectText, writtenKindWords } from './object-calls.ts';
import { writeJson, writeYaml } from './output.ts';
import { createProgress } from './progress.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { printable } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';
import { type Condition, conditionFrom, look } from './wait-condition.ts';

const defaultTimeout = '60s';

export const verb: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<kind>', writtenKindWords)
      .argument('<name>', 'which one; an announcement as project/name')
      .requiredOption(
        '--for <condition>',
        'state=announced|pending|degraded|held|withdrawn (several with commas), healthy=<next hops>, established (peers), exists, deleted',
      )
      .option('--timeout <duration>', 'longest wait', defaultTimeout)
      .option('--project <project>', 'project of the announcement, when its name is given alone')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        `\nExit code: 0 when it is so, 75 when the time was over before.\n${examples(
          'corebgp wait announcement shop/web --for state=announced',
          'corebgp wait announcement shop/web --for healthy=2 --timeout 5m',
          'corebgp wait peer rr1 --for established',
          'corebgp wait announcement shop/old --for deleted',
        )}`,
      )
      .action((kind: string, name: string, flags: Flags) => run(wait(kind, name, flags, shell)));
  },
};

async function wait(kind: string, name: string, flags: Flags, shell: Shell): Promise<undefined> {
  const object = objectNameFrom(kind, name, textFlag(flags, 'project'));
  const words = textFlag(flags, 'for') ?? '';
  const condition = conditionFrom(words, object.kind);
  const timeoutMs = timeoutFrom(textFlag(flags, 'timeout') ?? defaultTimeout);
  const began = shell.clock.now();
  const found = await connected(flags, shell, (_, transport) =>
    waitFor(transport, object, condition, words, timeoutMs, shell),
  );
  const output = textFlag(flags, 'output');
  const answer = { condition: words, waitedMs: Math.round(shell.clock.now() - began), object: found ?? null };
  if (output === 'json') writeJson(shell, answer);
  else if (output === 'yaml') await writeYaml(shell, [answer]);
  else shell.stdout.write(`${objectText(object)}: ${printable(metText(condition, found))}\n`);
  return undefined;
}

function metText(condition: Condition, found: WatchedObject | undefined): string {
  return condition.want === 'deleted' ? 'deleted' : look(condition, found).seen;
}

/** @throws CoreBgpError `timeout` that says what was seen last; what asking the server met when it was never reached. */
async function waitFor(
  transport: Transport,
  object: ObjectName,
  condition: Condition,
  words: string,
  timeoutMs: number,
  shell: Shell,
): Promise<WatchedObject | undefined> {
  const { kind, project, name } = object;
  const { clock, random } = shell;
  const question = { collections: [kind], name, ...(project === undefined ? {} : { project }) };
  const controller = new AbortController();
  const progress = createProgress(shell);
  let found: WatchedObject | undefined;
  let synced = false;
  let trouble = 'the API server has not answered yet';
  const over = () => {
    const seen = synced ? look(condition, found) : { seen: trouble };
    const last = `${seen.seen}${trouble === '' || !synced ? '' : `; ${trouble}`}`;
    return new CoreBgpError(
      'timeout',
      `Waited ${formatDuration(timeoutMs)} for "${words}" of ${objectText(object)}; last seen: ${printable(last)}. ${advice(object)}`,
      'reason' in seen ? { reason: seen.reason } : {},
    );
  };
  const pass = () => controller.abort(shell.signal.reason);
  if (shell.signal.aborted) pass();
  shell.signal.addEventListener('abort', pass, { once: true });
  const cancel = clock.after(timeoutMs, () => controller.abort(over()));
  try {
    for await (const event of watchStatus({ transport, ...question, clock, random }, controller.signal)) {
      if (event.type === 'broken') {
        if (!synced) throw event.error;
        trouble = event.error.message;
        progress.show(`waiting for ${words}: ${printable(trouble)}`);
        continue;
      }
      if (event.type === 'synced') {
        synced = true;
        trouble = '';
      } else {
        for (const one of event.put) found = one;
        if (event.deleted.length > 0) found = undefined;
      }
      // Before the state is complete, that nothing came is no evidence.
      if (!synced) continue;
      const { met, seen } = look(condition, found);
      if (met) return found;
      progress.show(`waiting for ${words}: ${printable(seen)}`);
    }
    controller.signal.throwIfAborted();
    return found;
  } finally {
    progress.clear();
    cancel();
    shell.signal.removeEventListener('abort', pass);
  }
}

function advice(object: ObjectName): string {
  if (object.kind !== 'announcements') return `"corebgp get ${object.kind} ${object.name}" shows it.`;
  return `"corebgp explain ${object.project}/${object.name}" tells why.`;
}

function timeoutFrom(text: string): number {
  const ms = parseDuration(text);
  // The longest that a timer can wait.
  if (ms !== undefined && ms > 0 && ms < 2 ** 31) return ms;
  throw new CoreBgpError('invalid', `--timeout is "${text}"; write a duration as in 30s, 5m or 2h, at most 24d.`);
}
