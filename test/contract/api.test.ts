/** The API over real HTTP and the embedded store: what each endpoint does, and what it says when it refuses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
});
afterAll(() => rig.close());

describe('announcements', () => {
  test('without a project nothing may be announced, and the refusal says how to create one', async () => {
    const { status, body } = await rig.send('POST', '/v1/announcements', announcement('early', ['203.0.113.1/32']));
    expect([status, body.code, body.reason, body.field]).toEqual([
      422,
      'notEntitled',
      'projectUnknown',
      'metadata.project',
    ]);
    expect(body.detail).toContain('shop');
    expect(body.detail).toContain('corebgp apply -f');
  });

  test('are created, read, listed, replaced and deleted, IPv4 and IPv6', async () => {
    expect((await rig.send('POST', '/v1/projects', shop)).status).toBe(201);
    const created = await rig.send(
      'POST',
      '/v1/announcements',
      announcement('web', ['203.0.113.10/32', '2001:db8::10/128']),
    );
    expect(created.status).toBe(201);
    const { revision } = created.body.metadata;
    expect(created.headers.get('etag')).toBe(`"${revision}"`);

    const read = await rig.send('GET', '/v1/announcements/shop/web');
    expect(read.status).toBe(200);
    expect(read.headers.get('etag')).toBe(`"${revision}"`);
    expect(read.body.status.state).toBe('pending');
    expect(read.body.status.nextHops).toHaveLength(2);

    const list = await rig.send('GET', '/v1/announcements?project=shop');
    expect(list.body.resources.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(['web']);
    expect(list.body.stale).toBeUndefined();

    const same = await rig.send('PUT', '/v1/announcements/shop/web', read.body);
    expect([same.status, same.body.metadata.revision]).toEqual([200, revision]);

    const changed = announcement('web', ['203.0.113.10/32']);
    const replaced = await rig.send('PUT', '/v1/announcements/shop/web', changed, { 'if-match': `"${revision}"` });
    expect(replaced.status).toBe(200);
    expect(replaced.body.metadata.uid).toBe(created.body.metadata.uid);
    expect(replaced.body.metadata.revision).toBeGreaterThan(revision);

    const again = await rig.send('PUT', '/v1/announcements/shop/web', changed, { 'if-match': `"${revision}"` });
    expect([again.status, again.body.code]).toEqual([412, 'conflict']);
    expect(again.body.detail).toContain(String(revision));
    expect(again.body.detail).toContain(String(replaced.body.metadata.revision));

    const deleted = await rig.send('DELETE', '/v1/announcements/shop/web');
    expect([deleted.status, deleted.body.metadata.name]).toEqual([200, 'web']);
    expect((await rig.send('GET', '/v1/announcements/shop/web')).status).toBe(404);
  });
});
