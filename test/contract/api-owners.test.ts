/** What belongs to one object only: prefixes and the addresses of peers, also when something was left over; and projects to whoever is in them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runApi } from '../../src/api/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Operation, Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
/** Runs once, after the next list of a project's announcements was read and before it is looked at. */
let afterLook: () => Promise<void> = async () => {};
beforeEach(async () => {
  afterLook = async () => {};
  rig = await startApi({}, (store: Store) => ({
    ...store,
    list: async (prefix, page, signal) => {
      const found = await store.list(prefix, page, signal);
      if (/\/announcements\/[^/]+\/$/.test(prefix)) {
        const run = afterLook;
        afterLook = async () => {};
        await run();
      }
      return found;
    },
  }));
  await rig.send('POST', '/v1/projects', shop);
});
afterEach(() => rig.close());

const root = '/corebgp/v1/';
const stored = async (key: string) => {
  const { entry } = await rig.store.get(root + key, never);
  return entry === null ? undefined : JSON.parse(entry.value);
};
const put = (key: string, value: unknown): Operation => ({ op: 'put', key: root + key, value: JSON.stringify(value) });
const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const statuses = (answers: readonly { readonly status: number }[]) => answers.map(({ status }) => status);

describe.each([
  ['203.0.113.5/32', 'ipv4/203.0.113.5_32'],
  ['2001:db8::5/128', 'ipv6/2001:db8::5_128'],
])('an owner key of %s that was left over', (prefix, part) => {
  const leave = () => rig.store.commit([], [put(`prefixes/${part}`, { v: 1, owner: 'shop/ghost' })], never);

  test('may be taken when the announcement it names does not exist, by one of many', async () => {
    await leave();
    const answers = await Promise.all(
      many(20).map((index) => rig.send('POST', '/v1/announcements', announcement(`n${index}`, [prefix]))),
    );
    expect(statuses(answers).sort()).toEqual([201, ...many(19).map(() => 409)]);
    const winner = answers.find(({ status }) => status === 201)?.body.metadata.name;
    expect(await stored(`prefixes/${part}`)).toEqual({ v: 1, owner: `shop/${winner}` });
  });

  test('is not taken from one that is created in the same moment', async () => {
    await leave();
    const [ghost, thief] = await Promise.all([
      rig.send('POST', '/v1/announcements', announcement('ghost', [prefix])),
      rig.send('POST', '/v1/announcements', announcement('thief', [prefix])),
    ]);
    expect([ghost.status, thief.status].sort()).toEqual([201, 409]);
    const owner = ghost.status === 201 ? 'shop/ghost' : 'shop/thief';
    expect(await stored(`prefixes/${part}`)).toEqual({ v: 1, owner });
  });
});

describe.each([['10.9.0.1'], ['2001:db8:9::1']])('the address of a peer: %s', (address) => {
  const peer = (name: string, more: object = {}) => ({
    kind: 'Peer',
    metadata: { name },
    spec: { address, asn: 64512, ...more },
  });
  const create = (name: string, more: object = {}) => rig.send('POST', '/v1/peers', peer(name, more));

  test('belongs to one of 50 racing creates; the others are told whose it is', async () => {
    const answers = await Promise.all(many(50).map((index) => create(`p${index}`)));
    expect(statuses(answers).sort()).toEqual([201, ...many(49).map(() => 409)]);
    const winner = answers.find(({ status }) => status === 201)?.body.metadata.name;
    const refused = answers.filter(({ status }) => status === 409);
    for (const { body } of refused) {
      expect(body).toMatchObject({ code: 'inUse', field: 'spec.address', reason: 'peerAddressTaken' });
      expect(body.detail).toContain(`"${winner}"`);
    }
  });

  test('may be shared by peers of different speakers, also when these change under races', async () => {
    expect((await create('one', { speakers: ['edge1'] })).status).toBe(201);
    expect((await create('two', { speakers: ['edge2'] })).status).toBe(201);
    expect((await create('three')).body.code).toBe('inUse');
    const wish = (name: string) => rig.send('PUT', `/v1/peers/${name}`, peer(name, { speakers: ['edge3', 'edge4'] }));
    const answers = await Promise.all([wish('one'), wish('two')]);
    expect(statuses(answers).sort()).toEqual([200, 409]);
  });

  test('is free when its peer is deleted or gets another one, and not by an undelete when it is taken', async () => {
    await create('one');
    expect((await rig.send('DELETE', '/v1/peers/one')).status).toBe(200);
    expect((await create('two')).status).toBe(201);
    expect((await rig.send('POST', '/v1/peers/one/undelete')).body).toMatchObject({ code: 'inUse' });
    const moved = await rig.send('PATCH', '/v1/peers/two', { spec: { address: '10.9.0.99' } });
    expect([moved.status, moved.body.detail]).toEqual([200, undefined]);
    expect((await rig.send('POST', '/v1/peers/one/undelete')).status).toBe(200);
    expect((await rig.send('PATCH', '/v1/peers/two', { spec: { address } })).body.code).toBe('inUse');
    const keys = (await rig.store.list(`${root}peer-addresses/`, {}, never)).entries.map(({ value }) => value);
    expect(keys.map((value) => JSON.parse(value).peers).sort()).toEqual([['one'], ['two']]);
  });

  test('is known of peers that were stored without a key, and twins that exist go on', async () => {
    const record = (name: string) => ({
      v: 1,
      ...peer(name),
      metadata: { name, uid: name, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' },
    });
    await rig.store.commit([], [put('peers/old', record('old')), put('peers/twin', record('twin'))], never);
    expect((await create('new')).body.code).toBe('inUse');
    for (const name of ['old', 'twin']) {
      const patched = await rig.send('PATCH', `/v1/peers/${name}`, { metadata: { labels: { a: 'b' } } });
      expect([patched.status, patched.body.detail]).toEqual([200, undefined]);
    }
    const [key] = (await rig.store.list(`${root}peer-addresses/`, {}, never)).entries;
    expect(JSON.parse(key?.value ?? 'null')).toEqual({ v: 1, peers: ['old', 'twin'] });
    expect((await rig.send('DELETE', '/v1/peers/old')).status).toBe(200);
    expect((await rig.send('DELETE', '/v1/peers/twin')).status).toBe(200);
    expect((await rig.store.list(`${root}peer-addresses/`, {}, never)).entries).toEqual([]);
    expect((await create('new')).status).toBe(201);
  });
});

describe('a project and the announcements in it', () => {
  const project = (name: string) => ({ ...shop, metadata: { name } });
  const inside = (name: string, prefix = '203.0.113.1/32') => {
    const one = announcement('web', [prefix]);
    return { ...one, metadata: { project: name, name: 'web' } };
  };

  test('an announcement created between the look and the deletion keeps its project', async () => {
    await rig.send('POST', '/v1/projects', project('late'));
    afterLook = async () => {
      expect((await rig.send('POST', '/v1/announcements', inside('late'))).status).toBe(201);
    };
    const deleted = await rig.send('DELETE', '/v1/projects/late');
    expect(deleted).toMatchObject({ status: 409, body: { code: 'inUse', reason: 'inUse' } });
    const kept = await rig.send('GET', '/v1/projects/late');
    expect([kept.status, kept.body.spec]).toEqual([200, shop.spec]);
    expect(await stored('projects/late')).not.toHaveProperty('deleting');
    expect((await rig.send('DELETE', '/v1/announcements/late/web')).status).toBe(200);
    expect((await rig.send('DELETE', '/v1/projects/late')).status).toBe(200);
  });

  test('whoever had read the project before a deletion that gave up may still write it by that revision; later revisions count again', async () => {
    const created = await rig.send('POST', '/v1/projects', project('spared'));
    const old = created.body.metadata.revision;
    const ifMatch = (revision: number) => ({ 'if-match': `"${revision}"` });
    const labelled = (team: string) => ({ ...project('spared'), metadata: { name: 'spared', labels: { team } } });
    const loseRace = async () => {
      afterLook = async () => {
        // The first look comes before the mark, and this between the two: the second one sees it.
        const value = { v: 1, kind: 'Announcement', metadata: { name: 'web', project: 'spared' }, spec: {} };
        await rig.store.commit([], [put('announcements/spared/web', value)], never);
      };
      const lost = await rig.send('DELETE', '/v1/projects/spared', undefined, ifMatch(old));
      expect(lost.body).toMatchObject({ code: 'inUse' });
      await rig.store.commit([], [{ op: 'delete', key: `${root}announcements/spared/web` }], never);
    };
    await loseRace();
    expect(await stored('projects/spared')).toMatchObject({ unchangedSince: old });
    expect((await rig.send('GET', '/v1/projects/spared')).body.metadata.revision).toBeGreaterThan(old);
    // Twice, and still it is as it was.
    await loseRace();
    expect((await rig.send('PUT', '/v1/projects/spared', project('spared'), ifMatch(old - 1))).status).toBe(412);
    const written = await rig.send('PUT', '/v1/projects/spared', labelled('edge'), ifMatch(old));
    expect([written.status, written.body.detail]).toEqual([200, undefined]);
    expect(await stored('projects/spared')).not.toHaveProperty('unchangedSince');
    const stale = await rig.send('PATCH', '/v1/projects/spared', { metadata: { labels: null } }, ifMatch(old));
    expect(stale).toMatchObject({ status: 412, body: { code: 'conflict' } });
    const { revision } = written.body.metadata;
    expect((await rig.send('DELETE', '/v1/projects/spared', undefined, ifMatch(revision))).status).toBe(200);
    const told = async () =>
      (await rig.send('GET', '/v1/events?object=spared')).body.events.map(({ kind }: { kind: string }) => kind).sort();
    await expect.poll(told, { timeout: 5_000 }).toEqual(['changed', 'created', 'deleted']);
  });

  test('one created after the mark is refused with the reason', async () => {
    await rig.send('POST', '/v1/projects', project('going'));
    const creates: Promise<unknown>[] = [];
    afterLook = async () => {
      // The first look came before the mark; this one after it.
      afterLook = async () => {
        creates.push(rig.send('POST', '/v1/announcements', inside('going')));
        expect(await creates[0]).toMatchObject({ status: 409, body: { code: 'inUse', reason: 'projectDeleting' } });
      };
    };
    expect((await rig.send('DELETE', '/v1/projects/going')).status).toBe(200);
    expect(creates).toHaveLength(1);
  });

  test('raced 50 times over two servers, no announcement is left without its project', async () => {
    const second = await runApi(
      { store: rig.store, listen: '127.0.0.1:0', clock: systemClock, log: silentLog, version: '0.0.0' },
      never,
    );
    const send = (url: string | undefined, method: string, path: string, body?: unknown) =>
      fetch(`${url}${path}`, {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    const outcomes = new Map<string, number>();
    try {
      for (const round of many(50)) {
        const name = `race-${round}`;
        expect((await rig.send('POST', '/v1/projects', project(name))).status).toBe(201);
        const prefix = round % 2 === 0 ? `203.0.113.${100 + round}/32` : `2001:db8::${100 + round}/128`;
        const [first, other] = round % 4 < 2 ? [rig.url, second.url] : [second.url, rig.url];
        const answers = await Promise.all([
          send(first, 'POST', '/v1/announcements', inside(name, prefix)),
          send(other, 'DELETE', `/v1/projects/${name}`),
        ]);
        const [created, deleted] = statuses(answers);
        const [isThere, hasProject] = [
          (await stored(`announcements/${name}/web`)) !== undefined,
          (await stored(`projects/${name}`)) !== undefined,
        ];
        expect(isThere && !hasProject, `${created} ${deleted}`).toBe(false);
        expect([isThere, hasProject]).toEqual([created === 201, deleted !== 200]);
        if (hasProject) expect(await stored(`projects/${name}`)).not.toHaveProperty('deleting');
        outcomes.set(`${created} ${deleted}`, (outcomes.get(`${created} ${deleted}`) ?? 0) + 1);
      }
    } finally {
      await second.close();
    }
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(50);
  });

  test('a mark that a broken deletion left is taken away by a create once it is old, and does not stop the next deletion', async () => {
    await rig.send('POST', '/v1/projects', project('stuck'));
    const before = await rig.store.get(`${root}projects/stuck`, never);
    const mark = (at: string) => ({
      ...JSON.parse(before.entry?.value ?? '{}'),
      deleting: { at, revision: before.entry?.modRevision },
    });
    await rig.store.commit([], [put('projects/stuck', mark(new Date().toISOString()))], never);
    await expect
      .poll(async () => (await rig.send('POST', '/v1/announcements', inside('stuck'))).body.reason)
      .toBe('projectDeleting');
    await rig.store.commit([], [put('projects/stuck', mark('2026-01-01T00:00:00Z'))], never);
    expect((await rig.send('POST', '/v1/announcements', inside('stuck'))).status).toBe(201);
    expect(await stored('projects/stuck')).not.toHaveProperty('deleting');
    expect((await rig.send('DELETE', '/v1/announcements/stuck/web')).status).toBe(200);
    await rig.store.commit([], [put('projects/stuck', mark('2026-01-01T00:00:00Z'))], never);
    const old = before.entry?.modRevision ?? 0;
    const stale = await rig.send('DELETE', '/v1/projects/stuck', undefined, { 'if-match': `"${old - 1}"` });
    expect(stale).toMatchObject({ status: 412, body: { code: 'conflict' } });
    const deleted = await rig.send('DELETE', '/v1/projects/stuck', undefined, { 'if-match': `"${old}"` });
    expect([deleted.status, deleted.body.metadata?.revision]).toEqual([200, old]);
    expect(await stored('tombstones/projects/stuck')).toMatchObject({ revision: old, record: { spec: shop.spec } });
    expect((await stored('tombstones/projects/stuck')).record).not.toHaveProperty('deleting');
  });
});
