/** The call for what happened: read from the cache, newest backwards, answered oldest first. */
import type { endpoints } from '../contract/endpoints.ts';
import { type Event, mostEventsAnswered } from '../contract/event-endpoints.ts';
import { fits } from '../contract/refusal.ts';
import { CoreBgpError } from '../model/errors.ts';
import { EventRecord } from '../model/event.ts';
import { canonicalPrefix } from '../model/problem.ts';
import type { EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';
import { createSlices } from './slices.ts';

export const listEvents: EndpointFunction<typeof endpoints.events> = async (context, { query }, signal) => {
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
  const slices = createSlices(context.clock, signal);
  // Those of the beginning; each is decoded when it is looked at.
  for (const entry of [...context.cache.under('events').values()].reverse()) {
    if (slices.over()) await slices.rest();
    const id = entry.key.slice('events/'.length);
    if (end !== undefined && id >= end) continue;
    const { value } = entry;
    // One that this version can't read is a newer version's: nothing can be said of it.
    if (!isEvent(value) || !matches(value)) continue;
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
