/** `corebgp drain` and `undrain`: takes something out of service and back by the same words; the drain's name follows from them. */
import { createHash } from 'node:crypto';
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { isUnreadable } from '../contract/lists.ts';
import type { DrainSpec } from '../model/drain.ts';
import { parseDuration } from '../model/duration.ts';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { formatAddress, parseAddress } from '../model/prefix.ts';
import { isAbort } from '../runtime/abort.ts';
import { connected } from './connect.ts';
import { isKnown } from './drain-target.ts';
import { plainName, projectNameFrom } from './object-name.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { printable } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';
import { targetText } from './views.ts';

const targetWords = ['next-hop', 'announcement', 'zone', 'speaker'] as const;

export const drain: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<what>', targetWords.join(', '))
      .argument('<which>', 'an address, a project/name, or a name')
      .option('--why <text>', 'for the person who finds it')
      .option('--until <when>', 'when it ends by itself: a duration as in 2h, or a time as in 2026-01-31T18:00:00Z')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText(
        'after',
        examples(
          'corebgp drain next-hop 10.0.1.11 --why "kernel update" --until 2h',
          'corebgp drain announcement shop/web',
          'corebgp drain zone eu-1a',
          'corebgp drain speaker edge1',
        ),
      )
      .action((what: string, which: string, flags: Flags) => run(put(targetFrom(what, which), flags, shell)));
  },
};

export const undrain: Verb = {
  define: (command, shell, run) => {
    command
      .argument('<what>', targetWords.join(', '))
      .argument('<which>', 'an address, a project/name, or a name')
      .addOption(outputOption())
      .addOption(urlOption())
      .addHelpText('after', examples('corebgp undrain next-hop 10.0.1.11', 'corebgp undrain announcement shop/web'))
      .action((what: string, which: string, flags: Flags) => run(remove(targetFrom(what, which), flags, shell)));
  },
};

type Target = DrainSpec['target'];

/** @throws CoreBgpError `invalid`. */
export function targetFrom(what: string, which: string): Target {
  if (what === 'next-hop' || what === 'nexthop' || what === 'nextHop') {
    const address = parseAddress(which);
    if (!address.ok) throw new CoreBgpError('invalid', `${address.problem}.`);
    return { nextHop: formatAddress(address.value) };
  }
  if (what === 'announcement') {
    const { project, name } = projectNameFrom(which, undefined);
    return { announcement: `${project}/${name}` };
  }
  if (what === 'zone') return { zone: plainName(which) };
  if (what === 'speaker') return { speaker: plainName(which) };
  throw new CoreBgpError('invalid', `"${what}" can't be drained; there are: ${targetWords.join(', ')}.`);
}

const longestName = 63;

/**
 * The same target has the same name, others have others: `next-hop-10-0-1-11`, `announcement-shop-web`. Where the parts
 * can't be told apart by their dashes, or the name would be too long, a hash follows.
 */
export function drainName(target: Target): string {
  const [word = '', subject = ''] = targetText(target).split(' ');
  // In an address a final "::" would end the name with "-".
  const plain = `${word}-${subject.replace(/:$/, ':0').replace(/[.:/]/g, '-')}`;
  const ambiguous = 'announcement' in target && subject.includes('-');
  if (!ambiguous && plain.length <= longestName) return plain;
  const hash = createHash('sha256').update(subject).digest('hex').slice(0, 8);
  return `${plain.slice(0, longestName - 9).replace(/-+$/, '')}-${hash}`;
}

async function put(target: Target, flags: Flags, shell: Shell): Promise<undefined> {
  const name = drainName(target);
  const why = textFlag(flags, 'why');
  const until = textFlag(flags, 'until');
  const body = {
    kind: 'Drain' as const,
    metadata: { name },
    spec: {
      target,
      ...(why === undefined ? {} : { why }),
      ...(until === undefined ? {} : { until: timeFrom(until, shell.clock.wall()) }),
    },
  };
  const drained = await connected(flags, shell, async (client) => {
    const answer = await client.call(endpoints.drains.replace, { params: { name }, body }, shell.signal);
    await warnIfUseless(client, target, shell);
    return answer;
  });
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, drained);
  else if (output === 'yaml') await writeYaml(shell, [drained]);
  else {
    const end = drained.spec.until === undefined ? '' : ` until ${drained.spec.until}`;
    shell.stdout.write(`drain ${name} is in effect${end}\nundo it with: corebgp undrain ${targetText(target)}\n`);
  }
  return undefined;
}

/** The drain is in effect by now, also for what comes later; so a look that fails is told and no error. */
async function warnIfUseless(client: Client, target: Target, shell: Shell): Promise<void> {
  try {
    if (await isKnown(client, target, shell.signal)) return;
    shell.stderr.write(`warning: nothing that is known now matches ${targetText(target)}; is it written correctly?\n`);
  } catch (caught) {
    if (isAbort(caught, shell.signal)) throw caught;
    const { message } = toCoreBgpError(caught, 'looking');
    shell.stderr.write(
      `note: whether anything matches ${targetText(target)} could not be seen: ${printable(message)}\n`,
    );
  }
}

/** Every drain of that target, whatever its name: one that was left would still be in effect. */
async function remove(target: Target, flags: Flags, shell: Shell): Promise<undefined> {
  const removed = await connected(flags, shell, (client) => removeAll(client, target, shell));
  const output = textFlag(flags, 'output');
  if (output === 'json') writeJson(shell, { resources: removed });
  else if (output === 'yaml') await writeYaml(shell, removed);
  else for (const { metadata } of removed) shell.stdout.write(`drain ${metadata.name} deleted\n`);
  return undefined;
}

async function removeAll(client: Client, target: Target, shell: Shell) {
  const { signal } = shell;
  const wanted = targetText(target);
  const same = [];
  for await (const one of client.lines(endpoints.drains.all, {}, signal)) {
    if (isUnreadable(one)) shell.stderr.write(`warning: ${printable(one.message)} It is left as it is.\n`);
    else if (targetText(one.spec.target) === wanted) same.push(one);
  }
  if (same.length === 0) {
    throw new CoreBgpError('notFound', `Nothing drains ${wanted}; "corebgp get drains" lists what is drained.`);
  }
  const removed = [];
  for (const { metadata } of same) {
    removed.push(await client.call(endpoints.drains.delete, { params: { name: metadata.name } }, signal));
  }
  return removed;
}

/** A duration counts from now; whether anything else is a time is the server's to judge. @throws CoreBgpError `invalid` when it is over. */
function timeFrom(text: string, wallMs: number): string {
  const ms = parseDuration(text);
  const time = ms === undefined ? text : new Date(wallMs + ms).toISOString();
  if (!/^\d{4}-\d\d-\d\d/.test(time) || !(Date.parse(time) <= wallMs)) return time;
  throw new CoreBgpError('invalid', `--until is "${text}", which is over: this drain would have no effect.`, {
    field: 'spec.until',
  });
}
