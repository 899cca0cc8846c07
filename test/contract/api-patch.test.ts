/** PATCH over HTTP: a merge patch, admitted like a PUT, and never a lost update. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runApi } from '../../src/api/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const path = '/v1/announcements/shop/web';
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const patch = (body: unknown, headers: Record<string, string> = {}) =>
  rig.send('PATCH', path, body, { ...mergePatch, ...headers });
const stored = async () => (await rig.send('GET', path)).body;

beforeEach(async () => {
  await rig.send('DELETE', path);
  const web = announcement('web', ['203.0.113.1/32', '2001:db8::1/128'], { attributes: { med: 10, localPref: 200 } });
  const body = { ...web, metadata: { ...web.metadata, labels: { team: 'edge', tier: '1' } } };
  expect((await rig.send('POST', '/v1/announcements', body)).status).toBe(201);
});

describe('what it changes', () => {
  test('labels, annotations and spec are merged; null removes; lists are replaced; the rest stays', async () => {
    const before = await stored();
    const { status, body, headers } = await patch({
      metadata: { labels: { tier: null, 'app/name': 'web' }, annotations: { note: 'hi' } },
      spec: { attributes: { med: null, communities: ['64512:1'] }, prefixes: ['2001:db8::2/128', '203.0.113.1/32'] },
    });
    expect(status).toBe(200);
    expect(body.metadata).toMatchObject({
      labels: { team: 'edge', 'app/name': 'web' },
      annotations: { note: 'hi' },
      uid: before.metadata.uid,
      createdAt: before.metadata.createdAt,
    });
    expect(body.metadata.labels).not.toHaveProperty('tier');
    expect(body.spec).toEqual({
      ...before.spec,
      prefixes: ['2001:db8::2/128', '203.0.113.1/32'],
      attributes: { localPref: 200, communities: ['64512:1'] },
    });
    expect(headers.get('etag')).toBe(`"${body.metadata.revision}"`);
    const { status: _, ...now } = await stored();
    expect(now).toEqual(body);
    // The prefix that it gave up is free, the one it took is its own.
    const next = await rig.send('POST', '/v1/announcements', announcement('next', ['2001:db8::1/128']));
    expect(next.status).toBe(201);
    expect((await rig.send('DELETE', '/v1/announcements/shop/next')).status).toBe(200);
    const thief = await rig.send('POST', '/v1/announcements', announcement('thief', ['2001:db8::2/128']));
    expect(thief.body).toMatchObject({ code: 'prefixTaken' });
  });

  test('application/json is taken too, and null instead of all labels removes them', async () => {
    const { status, body } = await rig.send('PATCH', path, { metadata: { labels: null } });
    expect([status, body.metadata.labels]).toEqual([200, undefined]);
  });

  test.each([[{}], [{ spec: {} }], [{ metadata: { labels: { team: 'edge', other: null } } }]])(
    '%j changes nothing and makes no revision',
    async (body) => {
      const before = await stored();
      const answer = await patch(body);
      expect([answer.status, answer.body.metadata]).toEqual([200, before.metadata]);
    },
  );

  test('what was read can be sent back, system fields and all', async () => {
    const before = await stored();
    const answer = await patch({ ...before, spec: { ...before.spec, scope: 'speakerZone' } });
    expect([answer.status, answer.body.spec.scope]).toEqual([200, 'speakerZone']);
  });
});

describe('what it refuses, changing nothing', () => {
  test.each([
    [{ metadata: { name: 'other' } }, 'metadata.name'],
    [{ metadata: { project: 'other' } }, 'metadata.project'],
    [{ metadata: { name: null } }, 'metadata.name'],
    [{ metadata: { uid: null } }, 'metadata.uid'],
    [{ metadata: { lables: { a: 'b' } } }, 'metadata.lables'],
    [{ metadata: { labels: { team: 7 } } }, 'metadata.labels.team'],
    [{ metadata: { labels: 'team' } }, 'metadata.labels'],
    [{ metadata: null }, 'metadata'],
    [{ specs: {} }, 'specs'],
    [{ kind: 'Peer' }, 'kind'],
    [{ spec: null }, 'spec'],
    [{ spec: [] }, 'spec'],
    [{ spec: { prefixes: null } }, 'spec.prefixes'],
    [{ spec: { prefixes: ['203.0.113.1/24'] } }, 'spec.prefixes[0]'],
    [{ spec: { prefixes: ['2001:db8::1/64'] } }, 'spec.prefixes[0]'],
    [{ spec: { attributes: { medd: 1 } } }, 'spec.attributes.medd'],
    [{ spec: { healthCheck: { interval: '1s' } } }, 'spec.healthCheck'],
    ['{"spec":{"__proto__":{"x":1}}}', 'spec'],
  ])('%j: 400 at %s', async (body, field) => {
    const before = await stored();
    const answer = await patch(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid']);
    expect(String(answer.body.field).startsWith(field), `${answer.body.field}: ${answer.body.detail}`).toBe(true);
    expect((await stored()).metadata.revision).toBe(before.metadata.revision);
  });

  test.each([[[]], ['"text"'], ['null']])('%j is no patch of an object', async (body) => {
    expect(await patch(body)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });

  test('what no PUT may write: another owner’s prefix, one outside the project', async () => {
    await rig.send('PUT', '/v1/announcements/shop/owner', announcement('owner', ['203.0.113.77/32']));
    expect(await patch({ spec: { prefixes: ['203.0.113.77/32', '2001:db8::1/128'] } })).toMatchObject({
      status: 409,
      body: { code: 'prefixTaken', detail: expect.stringContaining('shop/owner') },
    });
    expect(await patch({ spec: { prefixes: ['198.51.100.1/32', '2001:db8::1/128'] } })).toMatchObject({
      status: 422,
      body: { code: 'notEntitled', field: 'spec.prefixes[0]' },
    });
  });

  test('an object that is not there, and other types of body', async () => {
    expect(await rig.send('PATCH', '/v1/announcements/shop/nobody', {}, mergePatch)).toMatchObject({
      status: 404,
      body: { code: 'notFound' },
    });
    const json = 'application/json-patch+json';
    const answer = await rig.send('PATCH', path, [], { 'content-type': json });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupportedMediaType' } });
    expect(answer.body.detail).toContain('application/merge-patch+json');
    expect(answer.body.detail).toContain('application/json');
    // A patch where a whole object is wanted.
    const put = await rig.send('PUT', path, announcement('web', ['203.0.113.1/32']), mergePatch);
    expect(put).toMatchObject({ status: 415, body: { code: 'unsupportedMediaType' } });
    const charset = { 'content-type': 'application/merge-patch+json; charset=utf-8' };
    expect((await rig.send('PATCH', path, {}, charset)).status).toBe(200);
  });
});

describe('If-Match', () => {
  test('at the revision it goes through, at a former one it is refused and changes nothing', async () => {
    const { revision } = (await stored()).metadata;
    const good = await patch({ metadata: { labels: { n: '1' } } }, { 'if-match': `"${revision}"` });
    expect(good.status).toBe(200);
    for (const stale of [
      await patch({ metadata: { labels: { n: '2' } } }, { 'if-match': `"${revision}"` }),
      await patch({ metadata: { labels: { n: '2' }, revision } }),
      await rig.send('PUT', path, announcement('web', ['203.0.113.1/32']), { 'if-match': `"${revision}"` }),
      await rig.send('DELETE', path, undefined, { 'if-match': `"${revision}"` }),
      await patch({}, { 'if-none-match': '*' }),
    ]) {
      expect(stale).toMatchObject({ status: 412, body: { code: 'conflict' } });
    }
    const { status: _, ...now } = await stored();
    expect(now).toEqual(good.body);
    const both = await patch({ metadata: { revision } }, { 'if-match': `"${revision + 1}"` });
    expect(both).toMatchObject({ status: 400, body: { field: 'metadata.revision' } });
  });

  test('of 50 racing patches at one revision one wins; without a revision none is lost', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const { revision } = (await stored()).metadata;
    const tag = { 'if-match': `"${revision}"` };
    const conditional = await Promise.all(many.map((name) => patch({ metadata: { labels: { [name]: 'c' } } }, tag)));
    expect(conditional.map(({ status }) => status).sort()).toEqual([200, ...many.slice(1).map(() => 412)]);
    const free = await Promise.all(many.map((name) => patch({ metadata: { annotations: { [name]: 'f' } } })));
    expect(new Set(free.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Object.keys((await stored()).metadata.annotations).sort()).toEqual([...many].sort());
  });
});

test('patches that race over two servers are merged with each other; none is lost', async () => {
  const second = await runApi(
    { store: rig.store, listen: '127.0.0.1:0', clock: systemClock, log: silentLog, version: '0.0.0' },
    never,
  );
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  try {
    const answers = await Promise.all(
      names.map((name, index) =>
        fetch(`${index % 2 === 0 ? rig.url : second.url}${path}`, {
          method: 'PATCH',
          headers: mergePatch,
          body: JSON.stringify({ metadata: { annotations: { [name]: 'f' } } }),
        }),
      ),
    );
    // One that was overtaken too often is refused, and then really changed nothing.
    const done = names.filter((_, index) => answers[index]?.status === 200);
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(done.length).toBeGreaterThan(10);
    const merged = async () => Object.keys((await stored()).metadata.annotations).sort();
    await expect.poll(merged).toEqual([...done].sort());
  } finally {
    await second.close();
  }
});

test('every kind can be patched', async () => {
  const peer = { kind: 'Peer', metadata: { name: 'rr1' }, spec: { address: '2001:db8:ff::1', asn: 64512 } };
  const drain = { kind: 'Drain', metadata: { name: 'd' }, spec: { target: { nextHop: '10.0.1.1' } } };
  await rig.send('PUT', '/v1/peers/rr1', peer);
  await rig.send('PUT', '/v1/drains/d', drain);
  expect((await rig.send('PATCH', '/v1/peers/rr1', { spec: { asn: 64513 } })).body.spec.asn).toBe(64513);
  expect((await rig.send('PATCH', '/v1/drains/d', { spec: { why: 'work' } })).body.spec.why).toBe('work');
  const labels = { metadata: { labels: { a: 'b' } } };
  expect((await rig.send('PATCH', '/v1/projects/shop', labels)).body.metadata.labels).toEqual({ a: 'b' });
});

test('a field that a newer version wrote is not dropped silently: the patch is refused, naming it, like a PUT', async () => {
  const key = '/corebgp/v1/announcements/shop/web';
  const { entry } = await rig.store.get(key, never);
  const record = JSON.parse(entry?.value ?? 'null');
  record.spec.future = { mode: 'x' };
  await rig.store.commit([], [{ op: 'put', key, value: JSON.stringify(record) }], never);
  await expect.poll(async () => (await stored()).spec.future).toEqual({ mode: 'x' });
  const before = await stored();
  const refused = await patch({ spec: { attributes: { med: 20 } } });
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid', field: 'spec.future' } });
  expect(refused.body.detail).toContain('The stored object has a field that this server does not take');
  const put = await rig.send('PUT', path, before);
  expect(put).toMatchObject({ status: 400, body: { code: 'invalid', field: 'spec.future' } });
  expect(await stored()).toEqual(before);
  // What the patch itself gets wrong is said of the patch.
  const wrong = await patch({ spec: { future: null, attributes: { med: 'x' } } });
  expect(wrong.body).toMatchObject({ code: 'invalid', field: 'spec.attributes.med' });
  expect(wrong.body.detail).not.toContain('stored');
  // Who says so gives it up.
  const { status, body } = await patch({ spec: { future: null, attributes: { med: 20 } } });
  expect([status, body.spec.future, body.spec.attributes.med]).toEqual([200, undefined, 20]);
});
