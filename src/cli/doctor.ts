/** `corebgp doctor`: what is missing, wrong or unreachable, and what to do about it. Changes nothing. */
import { type Client, createClient } from '../client/client.ts';
import { requireFor, resolveWhatCanBe } from '../config/load.ts';
import { type Config, roles } from '../config/options.ts';
import { endpoints } from '../contract/endpoints.ts';
import { isUnreadable, type UnreadableLine } from '../contract/lists.ts';
import { CoreBgpError, toCoreBgpError } from '../model/errors.ts';
import { isAbort } from '../runtime/abort.ts';
import { version } from '../runtime/version.ts';
import { addConfigFlags, sourcesFrom } from './config-flags.ts';
import {
  type ApiFacts,
  announcementFindings,
  apiFindings,
  checkerFindings,
  type Finding,
  folderFindings,
  listenFinding,
  nodeFinding,
  ok,
  problem,
  speakerFindings,
  tallied,
  unreadableFinding,
  warning,
} from './doctor-findings.ts';
import { gobgpdFindings, lookAtFolder, lookAtListen } from './doctor-machine.ts';
import { writeJson, writeYaml } from './output.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';
import { painter, printable, type Tone, wantsColor } from './table.ts';
import { examples, outputOption, urlOption, type Verb } from './verb.ts';

/** Milliseconds for one answer: a server that takes longer is not well. */
const answerWithinMs = 5_000;

export const verb: Verb = {
  define: (command, shell, run) => {
    command.addOption(outputOption()).addOption(urlOption());
    addConfigFlags(command, roles);
    command
      .addHelpText(
        'after',
        `\nExit code: 0 when there is no problem, 1 when there is one.\n${examples(
          'corebgp doctor',
          'corebgp doctor --config /etc/corebgp/corebgp.yaml',
          'corebgp doctor -o json | jq \'.findings[] | select(.level != "ok")\'',
        )}`,
      )
      .action((flags: Flags) => run(doctor(flags, shell)));
  },
};

async function doctor(flags: Flags, shell: Shell): Promise<number> {
  const { config, findings: ofConfig, missing, doubtful } = await lookAtConfig(flags, shell);
  const url = textFlag(flags, 'url') ?? config.client.url;
  const knowsUrl = textFlag(flags, 'url') !== undefined || !doubtful('client');
  const world = knowsUrl ? await lookAtApi(url, shell) : unknownWorld;
  const folder = doubtful('data') ? undefined : lookAtFolder(config);
  const findings = [
    nodeFinding(process.versions.node),
    ...ofConfig,
    // Where an updater reports, it has what it needs, maybe on another machine or by flags of its own.
    ...(world.hasSpeakers ? [] : missing),
    ...(folder === undefined ? [notLooked('data folder', 'data')] : folderFindings(folder)),
    doubtful('api')
      ? notLooked('API address', 'api')
      : await addressFinding(config, url, world, folder?.lockedBy !== undefined, shell),
    ...(doubtful('speaker') || doubtful('data')
      ? [notLooked('gobgpd', 'speaker or data')]
      : await gobgpdFindings(config, shell.signal)),
    ...(knowsUrl ? world.findings : [notLooked('API server', 'client')]),
  ];
  const output = textFlag(flags, 'output');
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (output === 'json') writeJson(shell, { problems, findings });
  else if (output === 'yaml') await writeYaml(shell, [{ problems, findings }]);
  else show(findings, shell);
  return problems === 0 ? 0 : 1;
}

function notLooked(about: string, group: string): Finding {
  return warning(about, `not looked at: which one is meant isn't known`, `correct the options of ${group} first`);
}

async function addressFinding(config: Config, url: string, world: World, storeOpen: boolean, shell: Shell) {
  const { listen } = config.api;
  const listenUrl = `http://${listen}`;
  const { answers } = listenUrl === url ? world : await lookAtApi(listenUrl, shell, true);
  return listenFinding(await lookAtListen(listen, answers), storeOpen);
}

interface ConfigLook {
  readonly config: Config;
  readonly findings: readonly Finding[];
  /** Options that roles can't start without. */
  readonly missing: readonly Finding[];
  /** Whether an option of the group (`data`, `api`, …) is wrong, so that what the group tells isn't what is meant. */
  doubtful(group: string): boolean;
}

/** Every wrong option is a finding; what depends on it isn't looked at. */
async function lookAtConfig(flags: Flags, shell: Shell): Promise<ConfigLook> {
  const about = 'configuration';
  const fix = 'correct it; what depends on it was not looked at';
  const { lost, config, origins, problems } = await readConfig(flags, shell);
  const findings = [...lost, ...problems.map(({ sentence }) => sentence)].map((text) => problem(about, text, fix));
  if (findings.length === 0) {
    const given = Object.values(origins).filter((origin) => origin !== 'default').length;
    findings.push(ok(about, given === 0 ? 'all defaults' : `${given} options are set; "corebgp config" shows them`));
  }
  const groups = new Set(problems.map(({ key }) => groupOf(key)));
  return {
    config,
    findings,
    missing: lost.length > 0 || groups.has('speaker') ? [] : missingFindings(config),
    // Anything may stand in a file that can't be read; what was given beside it counts.
    doubtful: (group) =>
      groups.has(group) ||
      (lost.length > 0 &&
        !Object.entries(origins).some(([key, origin]) => groupOf(key) === group && origin !== 'default')),
  };
}

function groupOf(key: string): string {
  return key.startsWith('COREBGP_') ? (key.split('_')[1] ?? '').toLowerCase() : (key.split('.')[0] ?? '');
}

async function readConfig(flags: Flags, shell: Shell) {
  try {
    return { lost: [], ...resolveWhatCanBe(await sourcesFrom(flags, roles, shell)) };
  } catch (error) {
    if (!(error instanceof CoreBgpError)) throw error;
    const others = await sourcesFrom({ ...flags, config: undefined }, roles, shell);
    return { lost: [error.message], ...resolveWhatCanBe(others) };
  }
}

function missingFindings(config: Config): readonly Finding[] {
  try {
    requireFor(roles, config);
    return [];
  } catch (error) {
    if (!(error instanceof CoreBgpError)) throw error;
    const fix = 'set it where "corebgp up" or "corebgp updater" is to run';
    return sentences(error).map((message) => warning('configuration', message, fix));
  }
}

/** Several problems of a configuration come as one error with a list. */
function sentences({ message }: CoreBgpError): readonly string[] {
  const [, ...listed] = message.split('\n  - ');
  return listed.length === 0 ? [message] : listed;
}

interface World {
  readonly findings: readonly Finding[];
  /** Whether CoreBGP answers there; undefined when nothing does. */
  readonly answers: boolean | undefined;
  /** Whether any speaker has reported. */
  readonly hasSpeakers: boolean;
}

const unknownWorld: World = { findings: [], answers: undefined, hasSpeakers: false };

/** @param onlyWho asks no more than whether it is CoreBGP. */
async function lookAtApi(url: string, shell: Shell, onlyWho = false): Promise<World> {
  let transport: Awaited<ReturnType<Shell['connect']>>;
  try {
    transport = await shell.connect(url, answerWithinMs);
  } catch (error) {
    const { message } = toCoreBgpError(error, 'connecting');
    return {
      findings: [problem('API server', message, 'set client.url, or --url')],
      answers: undefined,
      hasSpeakers: false,
    };
  }
  try {
    const client = createClient(transport);
    const facts = await lookAtServer(client, url, shell);
    const reached = facts.trouble?.reached !== false;
    const findings = apiFindings(facts);
    if (!reached || onlyWho) return { findings, answers: answersOf(facts), hasSpeakers: false };
    const objects = await lookAtObjects(client, shell);
    const hasSpeakers = objects.some((one) => one.about.startsWith('speaker '));
    return { findings: [...findings, ...objects], answers: answersOf(facts), hasSpeakers };
  } finally {
    transport.close();
  }
}

interface ServerFacts extends ApiFacts {
  readonly isOther?: boolean;
}

function answersOf({ trouble, isOther }: ServerFacts): boolean | undefined {
  if (isOther === true) return false;
  return trouble?.reached === false ? undefined : true;
}

async function lookAtServer(client: Client, url: string, shell: Shell): Promise<ServerFacts> {
  const base = { url, clientVersion: version };
  try {
    const { version: theirs } = await client.call(endpoints.version, {}, shell.signal);
    try {
      const { revision } = await client.call(endpoints.readyz, {}, shell.signal);
      return { ...base, version: theirs, revision };
    } catch (error) {
      const { message } = troubleOf(error, shell);
      return { ...base, version: theirs, trouble: { reached: true, message } };
    }
  } catch (error) {
    const { code, message } = troubleOf(error, shell);
    // What answers something else, or nothing of ours, is another program.
    const isOther = code === 'internal' || code === 'notFound';
    return { ...base, trouble: { reached: false, message }, isOther };
  }
}

function troubleOf(error: unknown, shell: Shell): CoreBgpError {
  if (isAbort(error, shell.signal)) throw error;
  return toCoreBgpError(error, 'asking the API server');
}

async function lookAtObjects(client: Client, shell: Shell): Promise<readonly Finding[]> {
  const unreadable: UnreadableLine[] = [];
  async function* readable<Row extends object>(lines: AsyncIterable<Row | UnreadableLine>): AsyncGenerator<Row> {
    for await (const line of lines) {
      if (isUnreadable(line)) unreadable.push(line);
      else yield line;
    }
  }
  const all = async <Row extends object>(lines: AsyncIterable<Row | UnreadableLine>) => {
    const rows: Row[] = [];
    for await (const row of readable(lines)) rows.push(row);
    return rows;
  };
  try {
    const { signal } = shell;
    const speakers = await all(client.lines(endpoints.speakers.all, {}, signal));
    const checkers = await all(client.lines(endpoints.checkers.all, {}, signal));
    const announcements = await tallied(readable(client.lines(endpoints.announcements.all, {}, signal)));
    for (const { all: list } of [endpoints.peers, endpoints.projects, endpoints.drains]) {
      await all<object>(client.lines(list, {}, signal));
    }
    return [
      ...speakerFindings(speakers, shell.clock.wall()),
      ...checkerFindings(
        checkers.map(({ status }) => status),
        announcements.checked,
      ),
      ...announcementFindings(announcements),
      unreadableFinding(unreadable),
    ];
  } catch (error) {
    const { message } = troubleOf(error, shell);
    return [problem('API server', `it stopped answering: ${message}`, 'look at its log')];
  }
}

const tones = { ok: 'good', warning: 'warn', problem: 'bad' } as const satisfies Record<Finding['level'], Tone>;

function show(findings: readonly Finding[], shell: Shell): void {
  const paint = painter(wantsColor(shell.stdout, shell.env));
  for (const { level, about, message, fix } of findings) {
    const word = paint({ text: level.padEnd(7), tone: tones[level] });
    shell.stdout.write(`${word}  ${printable(about)}: ${printable(message)}\n`);
    if (fix !== undefined) shell.stdout.write(`         fix: ${printable(fix)}\n`);
  }
  const many = (level: Finding['level']) => {
    const { length } = findings.filter((one) => one.level === level);
    return `${length} ${level}${length === 1 ? '' : 's'}`;
  };
  shell.stdout.write(`${many('problem')}, ${many('warning')}\n`);
}
