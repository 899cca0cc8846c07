/**
 * What a speaker's RIB must hold, computed from the store's records alone: written anew and simple, so that it shares no
 * mistake with src/planning. It knows only what the churn driver uses: one zone, no scope, the default policy.
 */
import { createHttpTransport } from '../../src/client/http.ts';
import type { AnnouncementRecord } from '../../src/model/announcement.ts';
import type { AttributesSpec } from '../../src/model/attributes.ts';
import type { DrainSpec } from '../../src/model/drain.ts';
import { claimKey, healthKey } from '../../src/model/health.ts';
import type { Collection } from '../../src/model/resource.ts';
import { decodeAnnouncement, decodeClaim, decodeDrain, decodeVerdict } from '../../src/planning/decode.ts';
import { tasksOf } from '../../src/planning/tasks.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { attributesText, type PathTable } from './path-table.ts';

export interface StoreEntry {
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface StoreState {
  readonly revision: number;
  readonly entries: ReadonlyMap<string, StoreEntry>;
}

const collections: readonly Collection[] = ['announcements', 'health', 'claims', 'drains'];

/** The records of one revision, from the first messages of a watch stream. */
export async function readStore(url: string): Promise<StoreState> {
  const transport = createHttpTransport({ url, clock: systemClock, timeoutMs: 5_000 });
  const controller = new AbortController();
  const entries = new Map<string, StoreEntry>();
  const request = { endpoint: 'watch', params: {}, query: { kinds: collections.join() }, headers: {} };
  try {
    for await (const message of transport.stream(request, controller.signal)) {
      if (message.type === 'state') {
        for (const change of message.changes) if (change.op === 'put') entries.set(change.key, change);
      } else if (message.type === 'synced') return { revision: message.revision, entries };
      else throw new Error(`the watch said ${message.type} before it was synced`);
    }
    throw new Error('the watch ended before it was synced');
  } finally {
    controller.abort();
    transport.close();
  }
}

export interface Required {
  /** Must be there, with these attributes. */
  readonly present: PathTable;
  /** May be there or not, as they were: nobody stands behind a verdict. If there, then with these attributes. */
  readonly either: PathTable;
}

/** All of `present` and `either` that the RIB may hold; what is in neither must not be there. */
export function requiredPaths(store: StoreState, speaker: { readonly name: string; readonly asn: number }): Required {
  const present = new Map<string, string>();
  const either = new Map<string, string>();
  const drained = drainsOf(store);
  for (const [key, entry] of store.entries) {
    if (!key.startsWith('announcements/')) continue;
    const decoded = decodeAnnouncement(key, entry.value);
    if (!decoded.ok) throw new Error(`${key} is unreadable: ${decoded.problem}`);
    const { spec } = decoded.record;
    if (spec.scope !== undefined || spec.policy !== undefined) throw new Error(`the oracle knows no ${key}`);
    for (const { address, attributes } of spec.nextHops) {
      const targets = [`nextHop ${address}`, `announcement ${key.replace('announcements/', '')}`];
      if ([...targets, 'zone default', `speaker ${speaker.name}`].some((target) => drained.has(target))) continue;
      const health = healthOf(decoded.record, address, store);
      if (health === 'down') continue;
      for (const prefix of spec.prefixes.filter((prefix) => prefix.includes(':') === address.includes(':'))) {
        const text = pathText(spec.attributes, attributes, speaker.asn);
        (health === 'up' ? present : either).set(`${prefix} ${address}`, text);
      }
    }
  }
  return { present, either };
}

/** What is wrong with the table, in sentences; empty when it is as it must be. */
export function violations(required: Required, actual: PathTable): readonly string[] {
  const lines: string[] = [];
  for (const path of required.present.keys()) if (!actual.has(path)) lines.push(`${path} is missing`);
  for (const [path, attributes] of actual) {
    const wanted = required.present.get(path) ?? required.either.get(path);
    if (wanted === undefined) lines.push(`${path} is there and must not be`);
    else if (wanted !== attributes) lines.push(`${path} carries ${attributes}, must carry ${wanted}`);
  }
  return lines;
}

/** The text of a path as it must be: a next hop's attribute replaces the announcement's. */
export function pathText(of: AttributesSpec | undefined, own: AttributesSpec | undefined, asn: number): string {
  const { origin = 'igp', asPathPrepend = 0, ...rest } = { ...of, ...own };
  return attributesText({
    origin,
    asPath: new Array<number>(asPathPrepend).fill(asn),
    localPref: rest.localPref,
    med: rest.med,
    communities: rest.communities ?? [],
    largeCommunities: rest.largeCommunities ?? [],
  });
}

function drainsOf({ entries }: StoreState): ReadonlySet<string> {
  const drained = new Set<string>();
  for (const [key, entry] of entries) {
    if (!key.startsWith('drains/')) continue;
    const decoded = decodeDrain(entry.value);
    if (!decoded.ok || decoded.record.until !== undefined) throw new Error(`the oracle knows no ${key}`);
    const target: DrainSpec['target'] = decoded.record.target;
    for (const [what, name] of Object.entries(target)) drained.add(`${what} ${name}`);
  }
  return drained;
}

/** Unknown: there is no verdict, or no live claim stands behind it. */
function healthOf(record: AnnouncementRecord, address: string, { entries }: StoreState): 'up' | 'down' | 'unknown' {
  if (record.spec.healthCheck === undefined) return 'up';
  const task = tasksOf(record).find(({ target }) => target === address);
  if (task === undefined) throw new Error(`no task checks ${address}`);
  const verdict = entries.get(healthKey(task.taskId));
  const claim = entries.get(claimKey(task.zone, task.shard));
  if (verdict === undefined || claim === undefined || !decodeClaim(claim.value).ok) return 'unknown';
  const decoded = decodeVerdict(verdict.value);
  if (!decoded.ok || decoded.record.epoch > claim.createRevision || decoded.record.state === 'suspect')
    return 'unknown';
  return decoded.record.state;
}
