/** Why paths are where they are: planning's chain of reason words, for one announcement or all that concern an address. */
import { type endpoints, mostExplanations } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { containsPrefix, hostPrefix, parseAddress, parsePrefix } from '../model/prefix.ts';
import { canonicalAddress } from '../model/problem.ts';
import { recordKey } from '../model/resource.ts';
import { announcementsConcerning, type ExplainStep, explain } from '../planning/explain.ts';
import { isReason, reasons } from '../planning/reasons.ts';
import type { ApiContext, EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';
import { createSlices, type Slices } from './slices.ts';
import { notFound } from './stored-objects.ts';

type Announcement = Parameters<typeof explain>[0];

export const explainAnnouncement: EndpointFunction<typeof endpoints.explain> = async (context, { params }) => {
  loadedPosition(context);
  const key = recordKey('Announcement', params.name, params.project);
  const found = context.inputs.announcements.get(key);
  if (found !== undefined) return explained(context, found);
  const problem = context.inputs.undecodable.get(key);
  if (problem === undefined) throw notFound('Announcement', params);
  throw new CoreBgpError('internal', `The stored record of "${key}" can't be read: ${problem}. Apply it again.`, {
    reason: 'undecodable',
  });
};

export const explainAddress: EndpointFunction<typeof endpoints.explainAddress> = async (context, { query }, signal) => {
  loadedPosition(context);
  const parsed = canonicalAddress(query.address);
  if (!parsed.ok) throw new CoreBgpError('invalid', `${parsed.problem}.`, { field: 'address' });
  const slices = createSlices(context.clock, signal);
  const explanations: ReturnType<typeof explained>[] = [];
  let more = 0;
  for (const found of announcementsConcerning(query.address, context.inputs)) {
    if (found !== undefined && explanations.length === mostExplanations) more += 1;
    else if (found !== undefined) explanations.push(explained(context, found));
    if (slices.over()) await slices.rest();
  }
  explanations.push(...(await leftOver(query.address, context, slices)));
  return { explanations, ...(more === 0 ? {} : { more }) };
};

/** Paths that a speaker has, or does not get rid of, though no announcement has their prefix (any more). */
async function leftOver(address: string, { inputs }: ApiContext, slices: Slices) {
  const parsed = parseAddress(address);
  if (!parsed.ok) return [];
  const host = hostPrefix(parsed.value);
  const byPrefix = new Map<string, ExplainStep[]>();
  for (const { record: speaker } of [...inputs.speakers.values()]) {
    if (slices.over()) await slices.rest();
    for (const { prefix, nextHop, kind, reason } of speaker.exceptions) {
      const within = parsePrefix(prefix);
      const concerns = nextHop === address || (within.ok && containsPrefix(within.value, host));
      if (!concerns || inputs.owners(prefix).length > 0) continue;
      const sentence = isReason(reason) ? reasons[reason] : reason;
      const subject = `${prefix} via ${nextHop} at ${speaker.name}`;
      const step: ExplainStep = { step: 'speaker', subject, reason, message: `${kind}: ${sentence}` };
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), step]);
    }
  }
  return [...byPrefix].map(([prefix, steps]) => {
    const owner = inputs.tombstone(prefix)?.record.owner;
    const announcement = owner === undefined ? 'no announcement' : `formerly ${owner}`;
    return { announcement, state: 'held', steps: steps.map((one) => ({ ...one })) };
  });
}

function explained({ inputs, clock }: ApiContext, announcement: Announcement) {
  const { steps, ...rest } = explain(announcement, inputs, clock.wall());
  return { ...rest, steps: steps.map((step) => ({ ...step })) };
}
