/** Why paths are where they are: planning's chain of reason words, for one announcement or all that concern an address. */
import type { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { canonicalAddress } from '../model/problem.ts';
import { recordKey } from '../model/resource.ts';
import { announcementsConcerning, explain } from '../planning/explain.ts';
import type { ApiContext, EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';
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

export const explainAddress: EndpointFunction<typeof endpoints.explainAddress> = async (context, { query }) => {
  loadedPosition(context);
  const parsed = canonicalAddress(query.address);
  if (!parsed.ok) throw new CoreBgpError('invalid', `${parsed.problem}.`, { field: 'address' });
  const found = announcementsConcerning(query.address, context.inputs);
  return { explanations: found.map((one) => explained(context, one)) };
};

function explained({ inputs, clock }: ApiContext, announcement: Announcement) {
  const { steps, ...rest } = explain(announcement, inputs, clock.wall());
  return { ...rest, steps: steps.map((step) => ({ ...step })) };
}
