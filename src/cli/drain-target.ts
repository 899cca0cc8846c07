/** Whether anything that is there now is what a drain names: a drain of a misspelt name takes nothing out of service. */
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import { isUnreadable } from '../contract/lists.ts';
import type { DrainSpec } from '../model/drain.ts';
import { CoreBgpError } from '../model/errors.ts';
import { defaultZone } from '../planning/tasks.ts';
import { projectNameFrom } from './object-name.ts';

export async function isKnown(client: Client, target: DrainSpec['target'], signal: AbortSignal): Promise<boolean> {
  if ('nextHop' in target) {
    const { explanations } = await client.call(
      endpoints.explainAddress,
      { query: { address: target.nextHop } },
      signal,
    );
    // It may also be an address of a prefix.
    return explanations.some(({ steps }) =>
      steps.some(({ step, subject }) => step === 'health' && subject === target.nextHop),
    );
  }
  if ('zone' in target) {
    for await (const one of client.lines(endpoints.announcements.all, {}, signal)) {
      if (isUnreadable(one)) continue;
      if (one.spec.nextHops.some(({ zone = defaultZone }) => zone === target.zone)) return true;
    }
    return false;
  }
  try {
    if ('speaker' in target) await client.call(endpoints.speakers.get, { params: { name: target.speaker } }, signal);
    else {
      const params = projectNameFrom(target.announcement, undefined);
      await client.call(endpoints.announcements.get, { params }, signal);
    }
    return true;
  } catch (error) {
    if (error instanceof CoreBgpError && error.code === 'notFound') return false;
    throw error;
  }
}
