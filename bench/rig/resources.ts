/** What the benchmark declares: one announcement a path, each with a prefix and a next hop of its own. */
import type { Static } from 'typebox';
import { runApi } from '../../src/api/run.ts';
import { createClient } from '../../src/client/client.ts';
import type { AnnouncementInput, AnnouncementSpec } from '../../src/model/announcement.ts';
import type { Path } from '../../src/model/path.ts';
import { identifiersOf } from '../../src/planning/identifier.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { never } from '../measure.ts';
import { applyAll, createAnnouncements } from './node.ts';

export const asn = 64_512;
/** Of the next hops whose verdicts the benchmark itself publishes. */
export const benchZone = 'bench';

export const project = {
  kind: 'Project',
  metadata: { name: 'bench' },
  spec: { prefixes: [{ prefix: '20.0.0.0/8' }], nextHops: ['10.0.0.0/8'] },
};

const dotted = (first: number, index: number) => `${first}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

export const prefixOf = (index: number): string => `${dotted(20, index)}/32`;
export const nextHopOf = (index: number): string => dotted(10, index + 1);

/** @param extra the rest of the spec, as a health check. */
export function announcements(count: number, extra: Partial<AnnouncementSpec> = {}, zone?: string): AnnouncementBody[] {
  return Array.from({ length: count }, (_, index) =>
    announcement(index, [{ address: nextHopOf(index), ...(zone === undefined ? {} : { zone }) }], extra),
  );
}

export type AnnouncementBody = Static<typeof AnnouncementInput>;

export function announcement(
  index: number,
  nextHops: AnnouncementSpec['nextHops'],
  extra: Partial<AnnouncementSpec> = {},
): AnnouncementBody {
  return {
    kind: 'Announcement',
    metadata: { project: 'bench', name: `a${String(index).padStart(7, '0')}` },
    spec: { prefixes: [prefixOf(index)], nextHops, ...extra },
  };
}

/** The same as paths, for what is sent without CoreBGP. */
export function paths(count: number): readonly Path[] {
  const attributes = { origin: 'igp', asPath: [], communities: [], largeCommunities: [] } as const;
  return Array.from({ length: count }, (_, index) => {
    const [prefix, nextHop] = [prefixOf(index), nextHopOf(index)];
    return { prefix, nextHop, identifier: identifiersOf(prefix, [nextHop]).get(nextHop) ?? 1, attributes };
  });
}

/** Fills the embedded store below a data folder, through the API's own functions. @param others what the announcements need. */
export async function fillStore(
  dataFolder: string,
  others: readonly unknown[],
  announced: readonly AnnouncementBody[],
): Promise<void> {
  const store = `embedded://${dataFolder}/store`;
  const api = await runApi({ store, clock: systemClock, log: silentLog, version: '0.0.0' }, never);
  try {
    const client = createClient(api.direct);
    await applyAll(client, others);
    await createAnnouncements(client, announced, 512);
  } finally {
    await api.close();
  }
}
