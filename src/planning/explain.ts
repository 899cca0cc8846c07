/** Why an announcement's paths are where they are: the chain of reason words from its spec to each speaker's RIB. */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { formatAddress, formatPrefix, hostPrefix, parseAddress, prefixAround } from '../model/prefix.ts';
import { defaultProject } from '../model/resource.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import { announcementRef } from './decode.ts';
import { entitled } from './entitlement.ts';
import type { Inputs } from './inputs.ts';
import { keptAnnouncement, tasksOfStored } from './kept.ts';
import { isReason, type Reason, reasons } from './reasons.ts';
import { exceptionsOf, statusOf, type Viewpoint, viewpoints } from './status.ts';
import type { Stored } from './stored.ts';
import { defaultZone } from './tasks.ts';

export interface ExplainStep {
  readonly step: 'announcement' | 'entitlement' | 'drain' | 'health' | 'decision' | 'speaker' | 'peer';
  /** What the step is about: a prefix, a next hop, a speaker. */
  readonly subject: string;
  /** The reason word. */
  readonly reason: string;
  /** The same in a sentence, with the facts. */
  readonly message: string;
}

export interface Explanation {
  /** `project/name`. */
  readonly announcement: string;
  readonly state: string;
  readonly steps: readonly ExplainStep[];
}

type Announcement = Stored<AnnouncementRecord>;

/** @param now wall milliseconds, for drains. */
export function explain(announcement: Announcement, inputs: Inputs, now: number): Explanation {
  const views = viewpoints(announcement, inputs, now);
  const name = announcementRef(announcement.record);
  const { prefixes, nextHops } = announcement.record.spec;
  return {
    announcement: name,
    state: statusOf(announcement, inputs, now).state,
    steps: [
      step(
        'announcement',
        name,
        'declared',
        `${prefixes.join(', ')} over ${nextHops.length} next hop(s), revision ${announcement.revision}`,
      ),
      ...entitlementSteps(announcement, inputs),
      ...drainSteps(announcement, views),
      ...healthSteps(announcement, inputs),
      ...views.flatMap(decisionSteps),
      ...(views.some(({ report }) => report !== undefined)
        ? views.flatMap((view) => (view.report === undefined ? [] : speakerSteps(announcement, view, view.report)))
        : [step('speaker', name, 'noSpeaker')]),
    ],
  };
}

/**
 * Gives announcements with a prefix that contains the address, the longest first, then those with the address as next
 * hop. The first are looked up, of each length there can be; for the others all have to be looked at, each as it is
 * then, which gives undefined now and then: so that who drives it can let others go on.
 */
export function* announcementsConcerning(
  address: string,
  inputs: Inputs,
): Generator<Announcement | undefined, void, undefined> {
  const parsed = parseAddress(address);
  if (!parsed.ok) return;
  const host = hostPrefix(parsed.value);
  const found = new Set<string>();
  for (let length = host.length; length >= 0; length -= 1) {
    for (const owner of inputs.owners(formatPrefix(prefixAround(host, length)))) {
      if (found.has(owner.key)) continue;
      found.add(owner.key);
      yield owner;
    }
  }
  const canonical = formatAddress(host);
  for (const key of [...inputs.announcements.keys()]) {
    const one = found.has(key) ? undefined : inputs.announcements.get(key);
    yield one !== undefined && keptAnnouncement(one).addresses.includes(canonical) ? one : undefined;
  }
}

function step(kind: ExplainStep['step'], subject: string, reason: Reason, facts?: string): ExplainStep {
  return {
    step: kind,
    subject,
    reason,
    message: facts === undefined ? reasons[reason] : `${reasons[reason]} ${facts}.`,
  };
}

function entitlementSteps({ record }: Announcement, inputs: Inputs): readonly ExplainStep[] {
  const name = record.metadata.project ?? defaultProject;
  const { ok, prefixes, nextHops } = entitled(inputs.project(name)?.record, record);
  if (ok) return [step('entitlement', `project ${name}`, 'entitled')];
  if (inputs.project(name) === undefined) return [step('entitlement', `project ${name}`, 'projectUnknown')];
  return [...prefixes, ...nextHops].flatMap(([subject, permit]) =>
    permit.ok ? [] : [{ step: 'entitlement' as const, subject, reason: permit.reason, message: permit.message }],
  );
}

function drainSteps({ record }: Announcement, views: readonly Viewpoint[]): readonly ExplainStep[] {
  const announcement = announcementRef(record);
  const found = new Map<string, ExplainStep>();
  for (const { context, speaker } of views) {
    for (const { address: nextHop, zone = defaultZone } of record.spec.nextHops) {
      const subject = { nextHop, zone, announcement, speaker: speaker.name };
      const drain = context.drainIndex.inEffect(subject, context.now);
      if (drain === undefined) continue;
      const { until, why } = drain.record;
      const facts = `${drain.key} of revision ${drain.revision}${until === undefined ? '' : `, until ${until}`}${why === undefined ? '' : `: ${why}`}`;
      found.set(`${drain.key} ${nextHop}`, step('drain', nextHop, 'drained', facts));
    }
  }
  return [...found.values()];
}

function healthSteps(announcement: Announcement, inputs: Inputs): readonly ExplainStep[] {
  const tasks = tasksOfStored(announcement);
  return announcement.record.spec.nextHops.map(({ address }, index) => {
    const task = tasks[index];
    if (task === undefined) return step('health', address, 'unchecked');
    const verdict = inputs.verdict(task);
    const named = `task ${task.taskId}, zone ${task.zone}, shard ${task.shard}`;
    if (verdict === undefined) return step('health', address, 'neverChecked', named);
    if (verdict.record === undefined) return step('health', address, 'verdictUnreadable', named);
    const { state, since, reason, code, checker } = verdict.record;
    const words = { up: 'healthy', down: 'nextHopDown', suspect: 'suspect' } as const;
    const facts = `${state} since ${since} (${reason}${code === undefined ? '' : ` ${code}`}), by checker ${checker}, epoch ${verdict.epoch}; ${named}`;
    return step('health', address, verdict.fresh ? words[state] : 'verdictStale', facts);
  });
}

function decisionSteps({ speaker, decisions }: Viewpoint): readonly ExplainStep[] {
  const at = speaker.name === '' ? `a speaker in zone ${speaker.zone}` : speaker.name;
  return decisions.map((decision) => {
    const subject = `${decision.prefix} via ${decision.nextHop} at ${at}`;
    const evidence =
      decision.type === 'withdraw'
        ? `, by ${decision.evidence.map(({ key, revision }) => `${key} of revision ${revision}`).join(', ')}`
        : '';
    return step('decision', subject, decision.reason, `Wanted: ${decision.type}${evidence}`);
  });
}

function speakerSteps(
  announcement: Announcement,
  { current, decisions }: Viewpoint,
  report: SpeakerStatusRecord,
): readonly ExplainStep[] {
  const { name, appliedRevision, conditions, peers } = report;
  const announced = decisions.filter(({ type }) => type === 'announce');
  const several = announced.some((one) => announced.filter(({ prefix }) => prefix === one.prefix).length > 1);
  return [
    step('speaker', name, current ? 'applied' : 'notApplied', `It has applied revision ${appliedRevision}`),
    ...exceptionsOf(announcement, report).map(({ prefix, nextHop, kind, reason }): ExplainStep => {
      const sentence = isReason(reason) ? reasons[reason] : reason;
      return {
        step: 'speaker',
        subject: `${prefix} via ${nextHop} at ${name}`,
        reason,
        message: `${kind}: ${sentence}`,
      };
    }),
    ...conditions.map(({ reason, message }): ExplainStep => ({ step: 'speaker', subject: name, reason, message })),
    ...peers.flatMap((peer): readonly ExplainStep[] => {
      const subject = `${peer.name} (${peer.address}) of ${name}`;
      if (peer.session !== 'established') return [step('peer', subject, 'sessionDown', `Its state is ${peer.session}`)];
      const established = step('peer', subject, 'sessionEstablished');
      return several && peer.addPathSend === false
        ? [established, step('peer', subject, 'addPathNotNegotiated')]
        : [established];
    }),
  ];
}
