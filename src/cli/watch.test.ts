import { describe, expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import type { StreamMessage, WatchedObject } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { Interrupted } from '../runtime/shutdown.ts';

const put = (key: string, revision: number, value: unknown, created = revision) =>
  ({ op: 'put', key, createRevision: created, modRevision: revision, value }) as const;
const synced = (revision: number): StreamMessage => ({ type: 'synced', revision, storeId: 's' });
const changes = (revision: number, ...list: Extract<StreamMessage, { type: 'changes' }>['changes']): StreamMessage => ({
  type: 'changes',
  revision,
  changes: list,
});
const gone = new CoreBgpError('unavailable', 'It went away.');

/** Each connection plays its part; an error in it breaks the connection, the end of the last one is Ctrl-C. */
async function play(parts: readonly (readonly (StreamMessage | CoreBgpError)[])[], ...words: string[]) {
  const controller = new AbortController();
  let connection = 0;
  async function* stream(): AsyncGenerator<StreamMessage> {
    const part = parts[connection] ?? [];
    connection += 1;
    for (const message of part) {
      if (message instanceof CoreBgpError) throw message;
      yield message;
    }
    controller.abort(new Interrupted('SIGINT'));
    throw controller.signal.reason;
  }
  return await runIn({ signal: controller.signal, stream }, 'watch', ...words);
}

const web = { spec: { prefixes: ['203.0.113.10/32', '2001:db8::10/128'], nextHops: [{ address: '10.0.1.11' }] } };

test('each change is a line, the state before is not, and Ctrl-C ends it quietly with 130', async () => {
  const { code, out, err } = await play([
    [
      { type: 'state', changes: [put('announcements/shop/old', 2, web)] },
      synced(5),
      changes(6, put('announcements/shop/web', 6, web)),
      { type: 'bookmark', revision: 7 },
      changes(8, put('health/abc', 8, { state: 'down', reason: 'timeout' }, 3), { op: 'delete', key: 'drains/x' }),
    ],
  ]);
  expect({ code, err }).toEqual({ code: 130, err: '' });
  expect(out.trimEnd().split('\n')).toEqual([
    '00:00:00       6  added    announcements/shop/web  203.0.113.10/32, 2001:db8::10/128 via 10.0.1.11',
    '00:00:00       8  changed  health/abc  down timeout',
    '00:00:00       8  deleted  drains/x',
  ]);
});

test('the state comes first when asked for', async () => {
  const { out } = await play([[{ type: 'state', changes: [put('peers/rr1', 2, {})] }, synced(5)]], 'peers', '--state');
  expect(out).toContain('is       peers/rr1');
});

test('a broken connection goes on after the last revision seen', async () => {
  const { code, out, err, requests } = await play(
    [
      [synced(5), changes(6, put('peers/a', 6, {})), gone],
      [synced(6), changes(7, put('peers/b', 7, {}))],
    ],
    'peers',
  );
  expect(code).toBe(130);
  expect(requests.map(({ query }) => query)).toEqual([{ kinds: 'peers' }, { kinds: 'peers', since: '6' }]);
  expect(out.match(/peers\/\w/g)).toEqual(['peers/a', 'peers/b']);
  expect(err).toBe('note: It went away. Connecting again.\n');
});

test('a compacted revision starts over, and shows the state since changes were missed', async () => {
  const { out, requests } = await play([
    [synced(5), { type: 'error', code: 'compacted', detail: 'Too old.' }],
    [{ type: 'state', changes: [put('peers/a', 6, {})] }, synced(9)],
  ]);
  expect(requests.map(({ query }) => query['since'])).toEqual([undefined, undefined]);
  expect(out).toContain('is       peers/a');
});

test('a server that was never there is an error at once', async () => {
  expect(await play([[gone]])).toMatchObject({ code: 69, err: 'error: It went away.\n' });
});

test('JSON is one object a line, with the whole record', async () => {
  const { out } = await play([[synced(5), changes(6, put('announcements/shop/web', 6, web))]], '-o', 'json');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ revision: 6, op: 'put', key: 'announcements/shop/web', createRevision: 6, modRevision: 6, value: web }]);
});

test('kinds have short names, and unknown ones are refused', async () => {
  expect((await play([[synced(1)]], 'ann', 'speakers,drains')).requests[0]?.query).toEqual({
    kinds: 'announcements,speaker-status,drains',
  });
  expect((await play([], 'anouncements')).err).toContain('Did you mean "announcements"?');
});

test('a record of a newer version does not stop it', async () => {
  const odd = [null, 7, 'x', [], { spec: 3 }, { spec: { prefixes: 1, nextHops: [null] } }];
  const kinds = [
    'announcements',
    'health',
    'drains',
    'peers',
    'projects',
    'checkers',
    'speaker-status',
    'claims',
    'new',
  ];
  const all = kinds.flatMap((kind) => odd.map((value) => put(`${kind}/x`, 6, value)));
  const { code, out } = await play([[synced(5), changes(6, ...all)]]);
  expect(code).toBe(130);
  expect(out.trimEnd().split('\n').length).toBe(all.length);
});

describe('with --status', () => {
  const metadata = { project: 'shop', name: 'web', uid: 'u', revision: 5, createdAt: 't', updatedAt: 't' };
  const object = (state: 'announced' | 'degraded', why: string, path: 'announce' | 'withdraw'): WatchedObject => ({
    apiVersion: 'corebgp/v1',
    kind: 'Announcement',
    metadata,
    spec: { prefixes: ['203.0.113.10/32'], nextHops: [{ address: '10.0.1.11' }, { address: '2001:db8:1::11' }] },
    status: {
      state,
      ...(state === 'announced' ? {} : { reason: why }),
      nextHops: [
        { address: '10.0.1.11', health: 'up', fresh: true, path: 'announce', why: 'healthy' },
        { address: '2001:db8:1::11', health: 'down', fresh: true, reason: 'timeout', path, why },
      ],
      speakers: [],
    },
  });
  const updates = (...put: readonly WatchedObject[]): StreamMessage => ({
    type: 'updates',
    revision: 6,
    put,
    deleted: [],
  });
  const before = object('announced', 'healthy', 'announce');
  const after = object('degraded', 'nextHopDown', 'withdraw');

  test('a line tells how the state of an announcement changed, and none what looks the same', async () => {
    const { code, out, requests } = await play(
      [
        [
          { type: 'objects', resources: [before] },
          synced(5),
          updates(after),
          updates({ ...after, metadata: { ...metadata, revision: 7 } }),
          { type: 'updates', revision: 8, put: [], deleted: [{ kind: 'Announcement', project: 'shop', name: 'web' }] },
        ],
      ],
      '--status',
    );
    expect(code).toBe(130);
    expect(requests[0]?.query).toEqual({ view: 'status', kinds: 'announcements' });
    expect(out.trimEnd().split('\n')).toEqual([
      '00:00:00  shop/web  announced -> degraded  nextHopDown, 1/2 next hops, 2001:db8:1::11 nextHopDown (timeout)',
      '00:00:00  shop/web  deleted',
    ]);
  });

  test('what changed while the connection was broken is told, once', async () => {
    const { out, err } = await play(
      [
        [{ type: 'objects', resources: [before] }, synced(5), gone],
        [{ type: 'objects', resources: [after] }, synced(7)],
        [synced(8)],
      ],
      '--status',
      '--state',
      '--name',
      'shop/web',
    );
    expect(out.trimEnd().split('\n')).toEqual([
      '00:00:00  shop/web  announced  2/2 next hops',
      '00:00:00  shop/web  announced -> degraded  nextHopDown, 1/2 next hops, 2001:db8:1::11 nextHopDown (timeout)',
    ]);
    expect(err).toBe('note: It went away. Connecting again.\n');
  });

  test('JSON is one object a line, as get answers it', async () => {
    const { out } = await play([[synced(5), updates(before)]], '--status', '-o', 'json');
    expect(JSON.parse(out)).toEqual({ op: 'put', object: before });
  });

  test('its flags are refused without it, and kinds that have no status with it', async () => {
    expect((await play([], '--name', 'shop/web')).err).toContain('--status');
    expect(await play([], '--status', 'health')).toMatchObject({ code: 2 });
    expect(await play([[gone]], '--status')).toMatchObject({ code: 69, err: 'error: It went away.\n' });
  });
});
