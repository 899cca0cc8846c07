/** The call for what happened: read from the cache, newest backwards, answered oldest first. */

import type { endpoints } from '../contract/endpoints.ts';
import { type Event, mostEventsAnswered } from '../contract/event-endpoints.ts';
import { fits } from '../contract/refusal.ts';
import { CoreBgpError } from '../model/errors.ts';
import { EventRecord } from '../model/event.ts';
import { canonicalPrefix } from '../model/problem.ts';
import type { EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';

export const listEvents: EndpointFunction<typeof endpoints.events> = async (context, { query }) => {
  const { revision } = loadedPosition(context);
  const { object, kind, before, limit = mostEventsAnswered } = query;
  if (query.prefix !== undefined) {
    const parsed = canonicalPrefix(query.prefix);
    if (!parsed.ok) throw new CoreBgpError('invalid', `${parsed.problem}.`, { field: 'prefix' });
  }
  const end = before === undefined ? undefined : idOf(before);
  const matches = (event: EventRecord) =>
    (object === undefined || event.object === object || event.others?.includes(object) === true) &&
    (query.prefix === undefined || event.prefix === query.prefix) &&
    (kind === undefined || event.kind === kind);
  const found: Event[] = [];
  let earlier: string | undefined;
  for (const { key, value } of [...context.cache.under('events').values()].reverse()) {
    const id = key.slice('events/'.length);
    // One that this version can't read is a newer version's: nothing can be said of it.
    if ((end !== undefined && id >= end) || !isEvent(value) || !matches(value)) continue;
    if (found.length === limit) {
      earlier = found.at(-1)?.id;
      break;
    }
    found.push({ ...value, id, revision: Number(id.split('-')[0]) });
  }
  return { revision, events: found.reverse(), ...(earlier === undefined ? {} : { earlier }) };
};

/** A revision stands for all that is before it. */
function idOf(before: string): string {
  const [revision = '', index] = before.split('-');
  return index === undefined ? revision.padStart(16, '0') : `${revision.padStart(16, '0')}-${index}`;
}

function isEvent(value: unknown): value is EventRecord {
  return fits(EventRecord, value);
}
