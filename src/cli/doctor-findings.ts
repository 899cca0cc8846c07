/** What `corebgp doctor` makes of what it looked at: pure, so that every finding can be tested. */
import type { Announcement } from '../model/announcement.ts';
import type { CheckerRecord } from '../model/checker.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { ageOf } from './age.ts';

export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** What was looked at: `node version`, `speaker n1`. */
  readonly about: string;
  readonly message: string;
  /** What to do. */
  readonly fix?: string;
}

export const ok = (about: string, message: string): Finding => ({ level: 'ok', about, message });
export const warning = (about: string, message: string, fix: string): Finding => ({
  level: 'warning',
  about,
  message,
  fix,
});
export const problem = (about: string, message: string, fix: string): Finding => ({
  level: 'problem',
  about,
  message,
  fix,
});

/** @param version as `process.versions.node`. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('Node.js', version);
  return problem('Node.js', `it is ${version}; CoreBGP needs 20.19 or newer`, 'install a newer Node.js');
}

export interface FolderFacts {
  readonly folder: string;
  readonly state: 'missing' | 'notFolder' | 'unwritable' | 'writable' | 'refused';
  /** The system's word, when it is refused. */
  readonly why?: string;
  /** That it will be made in, or is. */
  readonly freeBytes?: number;
  /** Of the process that has the store open; 0 when it isn't known. */
  readonly lockedBy?: number;
}

const enoughBytes = 256 * 1024 * 1024;

export function folderFindings({ folder, state, why, freeBytes, lockedBy }: FolderFacts): readonly Finding[] {
  const about = 'data folder';
  const findings: Finding[] = [];
  if (state === 'notFolder') {
    return [problem(about, `${folder} is no folder`, 'set data.folder to one, or move that file away')];
  }
  if (state === 'refused') {
    return [problem(about, `${folder} can't be looked at: ${why ?? 'refused'}`, 'set data.folder to another')];
  }
  if (state === 'unwritable') {
    findings.push(
      problem(
        about,
        `this user can't write in ${folder}`,
        `give it to this user (chown), or set data.folder to another`,
      ),
    );
  } else if (state === 'missing') findings.push(ok(about, `${folder} will be made at the first start`));
  else if (lockedBy === undefined) findings.push(ok(about, `${folder}, no process has its store open`));
  else findings.push(ok(about, `${folder}, open in ${lockedBy === 0 ? 'another process' : `process ${lockedBy}`}`));
  if (freeBytes !== undefined && freeBytes < enoughBytes) {
    const text = `${Math.floor(freeBytes / 1024 / 1024)} MiB are free below ${folder}`;
    const fix = 'make room: a store that is full takes no writes';
    findings.push(freeBytes < enoughBytes / 8 ? problem('disk', text, fix) : warning('disk', text, fix));
  } else if (freeBytes !== undefined) findings.push(ok('disk', `${Math.floor(freeBytes / 1024 ** 3)} GiB are free`));
  return findings;
}

export interface ListenFacts {
  readonly address: string;
  readonly state: 'corebgp' | 'other' | 'free' | 'refused';
  /** The system's words, when it is refused. */
  readonly why?: string;
}

export function listenFinding({ address, state, why }: ListenFacts, storeOpen: boolean): Finding {
  const about = 'API address';
  const choose = 'stop what uses it ("ss -ltnp" shows it), or choose another api.listen';
  if (state === 'other') return problem(about, `${address} is in use by something that is not CoreBGP`, choose);
  if (state === 'refused') return problem(about, `${address} can't be listened on: ${why ?? 'refused'}`, choose);
  if (state === 'corebgp') return ok(about, `CoreBGP answers at ${address}`);
  if (!storeOpen) return ok(about, `${address} is free`);
  const fix = 'look at that process, and at the API server that it runs, if it does';
  return warning(about, `a process has the store open, but none listens at ${address}`, fix);
}

export interface ApiFacts {
  readonly url: string;
  readonly clientVersion: string;
  readonly version?: string;
  readonly revision?: number;
  /** Why it can't be reached, or is not ready. */
  readonly trouble?: { readonly reached: boolean; readonly message: string };
}

export function apiFindings({ url, clientVersion, version, revision, trouble }: ApiFacts): readonly Finding[] {
  const about = 'API server';
  if (trouble !== undefined && !trouble.reached) {
    return [problem(about, trouble.message, 'start it ("corebgp up", or "corebgp api"), or name another with --url')];
  }
  const findings: Finding[] = [];
  if (trouble !== undefined) {
    findings.push(problem(about, `${url} is not ready: ${trouble.message}`, 'look at its log and at its store'));
  } else findings.push(ok(about, `${url} is ready at revision ${revision ?? '?'}`));
  if (version !== undefined && version !== clientVersion) {
    findings.push(
      warning('version', `the API server is ${version}, this program ${clientVersion}`, 'use the same version of both'),
    );
  } else if (version !== undefined) findings.push(ok('version', version));
  return findings;
}

export interface SpeakerFacts {
  readonly name: string;
  readonly status: SpeakerStatusRecord;
}

export function speakerFindings(speakers: readonly SpeakerFacts[], wallMs: number): readonly Finding[] {
  if (speakers.length === 0) {
    return [problem('speakers', 'none has reported', 'start an updater: "corebgp up", or "corebgp updater"')];
  }
  return speakers.flatMap(({ name, status }) => {
    const about = `speaker ${name}`;
    const { peers, conditions, exceptionCount, exceptions, paths } = status;
    const findings = conditions.map(({ reason, message }) =>
      problem(about, `${reason}: ${message}`, 'look at the log of its updater and of gobgpd'),
    );
    for (const peer of peers.filter(({ session }) => session !== 'established')) {
      const fix = `look at the neighbour ${peer.address}: is it up, does it expect AS${status.asn} from here, and let TCP 179 through?`;
      findings.push(problem(about, `its session with peer ${peer.name} is ${peer.session}`, fix));
    }
    if (peers.length === 0) {
      findings.push(warning(about, 'it has no peers, so nobody hears its paths', 'add one: "corebgp apply" a Peer'));
    }
    if (exceptionCount > 0) {
      const words = counts(exceptions.map(({ reason }) => reason));
      findings.push(
        warning(
          about,
          `${exceptionCount} paths are not as wanted: ${words}`,
          `"corebgp get speaker ${name} -o yaml" lists them`,
        ),
      );
    }
    const up = peers.filter(({ session }) => session === 'established').length;
    const seen = `${paths} paths, ${up}/${peers.length} peers, last report ${ageOf(status.reportedAt, wallMs)} ago`;
    return findings.length === 0 ? [ok(about, seen)] : findings;
  });
}

export function checkerFindings(checkers: readonly CheckerRecord[], checked: number): readonly Finding[] {
  if (checkers.length === 0) {
    const message = 'none is alive';
    if (checked === 0) return [ok('checkers', `${message}, and nothing asks for checks`)];
    const fix = 'start one: "corebgp up", or "corebgp checker"; until then verdicts stay as they are';
    return [problem('checkers', `${message}, but ${checked} announcements want their next hops checked`, fix)];
  }
  return checkers.map(({ id, zone, state, tasks = 0 }) => {
    const about = `checker ${id}`;
    if (state !== 'blind') return ok(about, `${state} in zone ${zone}, ${tasks} tasks`);
    const message = 'it is blind: nearly everything it probes fails at once, so its verdicts are not believed';
    return problem(about, message, `look at the network of its machine in zone ${zone}`);
  });
}

export interface AnnouncementFacts {
  readonly total: number;
  /** How many have a health check. */
  readonly checked: number;
  /** `pending noSpeaker` → count, of those that are not simply announced. */
  readonly others: ReadonlyMap<string, number>;
  /** By speaker: how many announcements it has not caught up with. */
  readonly behind: ReadonlyMap<string, number>;
}

export async function tallied(announcements: AsyncIterable<Announcement>): Promise<AnnouncementFacts> {
  let total = 0;
  let checked = 0;
  const others = new Map<string, number>();
  const behind = new Map<string, number>();
  for await (const { spec, status } of announcements) {
    total += 1;
    if (spec.healthCheck !== undefined) checked += 1;
    const state = status?.state ?? 'unknown';
    if (state !== 'announced') count(others, [state, status?.reason ?? ''].join(' ').trim());
    for (const { name, current } of status?.speakers ?? []) if (!current) count(behind, name);
  }
  return { total, checked, others, behind };
}

export function announcementFindings({ total, others, behind }: AnnouncementFacts): readonly Finding[] {
  const about = 'announcements';
  const findings = [...others].map(([what, many]) => {
    const [state = '', reason = ''] = what.split(' ');
    const message = `${many} of ${total} ${many === 1 ? 'is' : 'are'} ${state}${reason === '' ? '' : ` (${reason})`}`;
    return warning(about, message, '"corebgp get announcements" lists them, "corebgp explain PROJECT/NAME" tells why');
  });
  for (const [speaker, many] of behind) {
    const fix = 'when this stays so, see whether its updater runs and reaches the API server';
    findings.push(warning(`speaker ${speaker}`, `it has not caught up with ${many} announcements`, fix));
  }
  return findings.length === 0 ? [ok(about, total === 0 ? 'there are none' : `all ${total} are announced`)] : findings;
}

export function unreadableFinding(unreadable: readonly { readonly name: string; readonly message: string }[]): Finding {
  const about = 'stored records';
  const [first] = unreadable;
  if (first === undefined) return ok(about, 'all can be read');
  const message = `${unreadable.length} can't be read, first ${first.name}: ${first.message}`;
  return problem(about, message, 'use the version that wrote them, or delete or apply them anew');
}

/** `held 2, refused 1`: the most frequent first. */
function counts(words: readonly string[]): string {
  const tally = new Map<string, number>();
  for (const word of words) count(tally, word);
  return [...tally]
    .sort(([, a], [, b]) => b - a)
    .map(([word, many]) => `${word} ${many}`)
    .join(', ');
}

function count(tally: Map<string, number>, word: string): void {
  tally.set(word, (tally.get(word) ?? 0) + 1);
}
