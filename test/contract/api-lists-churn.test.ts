/**
 * Lists while others create, edit and delete: whatever is read in pages or lines is the state of one revision, judged by
 * what the writers were answered.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { type Seeded, seeded, seedOf } from '../rig/seeded.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  const yard = { ...shop, metadata: { name: 'yard' } };
  for (const project of [shop, yard]) expect((await rig.send('POST', '/v1/projects', project)).status).toBe(201);
});
afterAll(() => rig.close());

interface Listed {
  readonly key: string;
  readonly revision: number;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly spec: unknown;
}
/** What a writer was told: from that revision on the object is this, or gone. */
interface Told {
  readonly key: string;
  readonly at: number;
  readonly object: Listed | undefined;
}

const objects = 60;
const writers = 3;

function bodyOf(index: number, random: Seeded) {
  const prefix = index % 2 === 0 ? `203.0.113.${index}/32` : `2001:db8::${index.toString(16)}/128`;
  const one = announcement(`web-${index}`, [prefix], {
    attributes: { med: random.between(0, 1_000) },
  });
  const labels = { tier: String(random.between(0, 1)) };
  return { ...one, metadata: { ...one.metadata, project: index % 3 === 0 ? 'yard' : 'shop', labels } };
}

/** Each object has one writer, so that what it was told last is what it is. */
async function write(index: number, exists: boolean, random: Seeded): Promise<Told> {
  const body = bodyOf(index, random);
  const { project, name } = body.metadata;
  const key = `${project}/${name}`;
  if (exists && random.chance(0.3)) {
    expect((await rig.send('DELETE', `/v1/announcements/${key}`)).status).toBe(200);
    const { entry } = await rig.store.get(`/corebgp/v1/tombstones/announcements/${key}`, never);
    return { key, at: entry?.modRevision ?? 0, object: undefined };
  }
  const put = await rig.send('PUT', `/v1/announcements/${key}`, body);
  expect([put.status, put.body.detail]).toEqual([200, undefined]);
  const { revision, labels } = put.body.metadata;
  return { key, at: revision, object: { key, revision, labels, spec: put.body.spec } };
}

async function churn(random: Seeded, told: Told[], running: () => boolean): Promise<void> {
  const exists = new Map<number, boolean>();
  for (const one of told) exists.set(Number(one.key.split('-')[1]), one.object !== undefined);
  const work = async (writer: number) => {
    while (running()) {
      const index = random.between(0, objects / writers - 1) * writers + writer;
      const one = await write(index, exists.get(index) === true, random);
      exists.set(index, one.object !== undefined);
      told.push(one);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)));
}

interface Filter {
  readonly project?: string;
  readonly labels?: string;
}

/** The state at a revision, by what the writers were told. */
function stateAt(told: readonly Told[], revision: number, { project, labels }: Filter): readonly Listed[] {
  const last = new Map<string, Told>();
  for (const one of told) if (one.at <= revision && (last.get(one.key)?.at ?? 0) < one.at) last.set(one.key, one);
  return [...last.values()]
    .flatMap(({ object }) => object ?? [])
    .filter(({ key }) => project === undefined || key.startsWith(`${project}/`))
    .filter((one) => labels === undefined || `tier=${one.labels?.['tier']}` === labels)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

// biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
const listed = ({ metadata, spec }: any): Listed => ({
  key: `${metadata.project}/${metadata.name}`,
  revision: metadata.revision,
  labels: metadata.labels,
  spec,
});

async function inPages(filter: Filter, random: Seeded) {
  const found: Listed[] = [];
  const revisions = new Set<number>();
  let token: string | undefined;
  let expected: number | undefined;
  for (;;) {
    const limit = random.between(1, 12);
    const query = new URLSearchParams({
      ...filter,
      limit: String(limit),
      ...(token === undefined ? {} : { continue: token }),
    });
    const { status, body } = await rig.send('GET', `/v1/announcements?${query}`);
    expect([status, body.detail, body.unreadable]).toEqual([200, undefined, undefined]);
    // biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
    expect(body.resources.every((one: any) => one.status.state === 'pending')).toBe(true);
    found.push(...body.resources.map(listed));
    revisions.add(body.revision);
    if (expected !== undefined) expect((body.remaining ?? 0) + body.resources.length).toBe(expected);
    expected = body.remaining;
    token = body.continue;
    if (token === undefined) return { found, revisions: [...revisions] };
    if (random.chance(0.3)) await pause(random.between(0, 20));
  }
}

async function inLines(filter: Filter) {
  const response = await fetch(`${rig.url}/v1/announcements?${new URLSearchParams({ ...filter })}`, {
    headers: { accept: 'application/x-ndjson' },
  });
  const lines = (await response.text()).split('\n').slice(0, -1);
  expect(response.headers.get('corebgp-total')).toBe(String(lines.length));
  return {
    found: lines.map((line) => listed(JSON.parse(line))),
    revisions: [Number(response.headers.get('corebgp-revision'))],
  };
}

test('pages put together, and lines, are exactly the state of their revision, whatever is written meanwhile', async () => {
  const seed = seedOf();
  const random = seeded(seed);
  const told: Told[] = [];
  for (let index = 0; index < objects; index += 1) told.push(await write(index, false, random));
  let running = true;
  const churning = churn(random, told, () => running);
  const filters: readonly Filter[] = [
    {},
    {},
    { project: 'yard' },
    { labels: 'tier=1' },
    { project: 'shop', labels: 'tier=0' },
  ];
  const reads: { filter: Filter; found: Listed[]; revisions: number[] }[] = [];
  try {
    for (let turn = 0; turn < 24 || told.length < objects + 200; turn += 1) {
      const two = [random.pick(filters), random.pick(filters)];
      const answers = await Promise.all(
        two.map((filter, index) => (index === 0 || turn % 3 > 0 ? inPages(filter, random) : inLines(filter))),
      );
      for (const [index, answer] of answers.entries()) reads.push({ filter: two[index] ?? {}, ...answer });
    }
  } finally {
    running = false;
    await churning;
  }
  let changed = 0;
  for (const { filter, found, revisions } of reads) {
    const why = `SEED=${seed} filter ${JSON.stringify(filter)} at ${revisions}`;
    expect(revisions, why).toHaveLength(1);
    const [revision = 0] = revisions;
    expect(found, why).toEqual(stateAt(told, revision, filter));
    changed += told.filter(({ at }) => at > revision).length > 0 ? 1 : 0;
  }
  // Otherwise it showed nothing.
  expect(changed).toBeGreaterThan(20);

  const quiet = await Promise.all([inPages({}, random), inLines({})]);
  expect(quiet[0].found).toEqual(quiet[1].found);
});
