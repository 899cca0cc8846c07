import { describe, expect, test } from 'vitest';
import { fakeShell, runIn } from '../../test/rig/shell.ts';
import type { StreamMessage } from '../contract/stream.ts';
import type { Announcement, AnnouncementState } from '../model/announcement.ts';
import { CoreBgpError } from '../model/errors.ts';
import { runCommandLine } from './run.ts';
import { conditionFrom, look } from './wait-condition.ts';

const metadata = { project: 'shop', name: 'web', uid: 'u', revision: 3, createdAt: 't', updatedAt: 't' };

function web(state: AnnouncementState, up: number, reason?: string): Announcement {
  const hop = (address: string, health: 'up' | 'down') =>
    ({ address, health, fresh: true, path: health === 'up' ? 'announce' : 'withdraw', why: 'x' }) as const;
  return {
    apiVersion: 'corebgp/v1',
    kind: 'Announcement',
    metadata,
    spec: { prefixes: ['203.0.113.10/32', '2001:db8::10/128'], nextHops: [{ address: '10.0.1.1' }] },
    status: {
      state,
      ...(reason === undefined ? {} : { reason }),
      nextHops: [hop('10.0.1.1', up > 0 ? 'up' : 'down'), hop('2001:db8:1::1', up > 1 ? 'up' : 'down')],
      speakers: [],
    },
  };
}

describe('a condition', () => {
  test.each([
    ['state=announced', web('announced', 2), true],
    ['state=announced', web('degraded', 1), false],
    ['state=announced,degraded', web('degraded', 1), true],
    ['state=announced', undefined, false],
    ['healthy=1', web('pending', 1), true],
    ['healthy=2', web('announced', 1), false],
    ['healthy=2', undefined, false],
    ['exists', web('pending', 0), true],
    ['exists', undefined, false],
    ['deleted', undefined, true],
    ['deleted', web('withdrawn', 0), false],
  ])('%s of an announcement: %#', (words, object, met) => {
    expect(look(conditionFrom(words, 'announcements'), object).met).toBe(met);
  });

  test('of a peer is met when every speaker has its session', () => {
    const sessions = (...list: ('established' | 'idle')[]) =>
      ({
        apiVersion: 'corebgp/v1',
        kind: 'Peer',
        metadata: { ...metadata, name: 'rr1' },
        spec: { address: '2001:db8::1', asn: 64512 },
        status: { speakers: list.map((session, index) => ({ name: `n${index}`, session })) },
      }) as const;
    const condition = conditionFrom('established', 'peers');
    expect(look(condition, sessions('established', 'established')).met).toBe(true);
    expect(look(condition, sessions('established', 'idle'))).toEqual({ met: false, seen: 'n0 established, n1 idle' });
    expect(look(condition, sessions()).met).toBe(false);
  });

  test.each([
    ['state=anounced', 'announcements', 'Did you mean "state=announced"?'],
    ['state=', 'announcements', 'There are: state=pending'],
    ['healthy=0', 'announcements', 'healthy=1'],
    ['healthy=many', 'announcements', 'Did you mean "healthy=1"?'],
    ['established', 'announcements', 'There are:'],
    ['state=announced', 'peers', 'There are: established, exists, deleted.'],
    ['', 'drains', 'There are: exists, deleted.'],
  ] as const)('"%s" is none of %s', (words, kind, hint) => {
    expect(() => conditionFrom(words, kind)).toThrow(hint);
  });

  test('that is not met says what there is', () => {
    expect(look(conditionFrom('state=announced', 'announcements'), web('pending', 1, 'noSpeaker'))).toEqual({
      met: false,
      seen: 'pending (noSpeaker), 1 of 2 next hops healthy',
      reason: 'noSpeaker',
    });
  });
});

const objects = (...resources: readonly Announcement[]): StreamMessage => ({ type: 'objects', resources });
const synced: StreamMessage = { type: 'synced', revision: 5, storeId: 's' };
const update = (...put: readonly Announcement[]): StreamMessage => ({ type: 'updates', revision: 6, put, deleted: [] });
const gone: StreamMessage = {
  type: 'updates',
  revision: 7,
  put: [],
  deleted: [{ kind: 'Announcement', project: 'shop', name: 'web' }],
};

function stream(...messages: readonly (StreamMessage | CoreBgpError)[]) {
  return async function* () {
    for (const message of messages) {
      if (message instanceof CoreBgpError) throw message;
      yield message;
    }
    await new Promise(() => undefined);
  };
}
const wait = (...words: string[]) => ['wait', 'announcement', 'shop/web', ...words];

describe('wait', () => {
  test('ends as soon as it is so', async () => {
    const { code, out, err, requests, open } = await runIn(
      { stream: stream(objects(web('pending', 0, 'neverChecked')), synced, update(web('announced', 2))) },
      ...wait('--for', 'state=announced'),
    );
    expect({ code, err, open }).toEqual({ code: 0, err: '', open: 0 });
    expect(out).toBe('announcement shop/web: announced, 2 of 2 next hops healthy\n');
    expect(requests).toMatchObject([
      { endpoint: 'watch', query: { view: 'status', kinds: 'announcements', project: 'shop', name: 'web' } },
    ]);
  });

  test('takes nothing for deleted before the state is complete', async () => {
    const { code, out } = await runIn(
      { stream: stream(objects(web('withdrawn', 0)), synced, gone) },
      ...wait('--for', 'deleted', '-o', 'json'),
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ condition: 'deleted', waitedMs: 0, object: null });
  });

  test('shows on a terminal what it sees meanwhile', async () => {
    const { err } = await runIn(
      {
        stream: stream(synced, update(web('pending', 0, 'neverChecked')), update(web('announced', 2))),
        terminal: true,
      },
      ...wait('--for', 'state=announced'),
    );
    expect(err.split('\r\u001b[K')).toEqual([
      '',
      'waiting for state=announced: it does not exist',
      'waiting for state=announced: pending (neverChecked), 0 of 2 next hops healthy',
      '',
    ]);
  });

  test('goes on when the connection breaks, but not when there never was one', async () => {
    let connection = 0;
    const broken = new CoreBgpError('unavailable', 'It went away.');
    const again = () => {
      connection += 1;
      return connection === 1
        ? stream(objects(web('pending', 0)), synced, broken)()
        : stream(objects(web('announced', 2)), synced)();
    };
    expect((await runIn({ stream: again }, ...wait('--for', 'state=announced'))).code).toBe(0);
    expect(await runIn({ stream: stream(broken) }, ...wait('--for', 'exists'))).toMatchObject({
      code: 69,
      err: 'error: It went away.\n',
    });
  });

  test('gives up when the time is over, with what it saw last and the reason', async () => {
    let ring = () => {};
    const shell = fakeShell({
      stream: async function* (_, signal) {
        yield objects(web('pending', 1, 'noSpeaker'));
        yield synced;
        ring();
        await new Promise((_resolve, reject) => {
          if (signal.aborted) reject(signal.reason);
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    const after = (ms: number, work: () => void) => {
      if (ms === 5_000) ring = work;
      return () => {};
    };
    const clocked = { ...shell, clock: { ...shell.clock, after } };
    const code = await runCommandLine(wait('--for', 'state=announced', '--timeout', '5s'), clocked);
    expect(code).toBe(75);
    expect(shell.err()).toBe(
      'error: Waited 5s for "state=announced" of announcement shop/web; last seen: pending (noSpeaker), 1 of 2 next hops healthy. "corebgp explain shop/web" tells why.\n',
    );
    expect(shell.open()).toBe(0);
  });

  test.each([['0s'], ['soon'], ['-5s'], ['99d']])('refuses the timeout %s', async (timeout) => {
    const { code, err } = await runIn({}, ...wait('--for', 'exists', `--timeout=${timeout}`));
    expect(code).toBe(2);
    expect(err).toContain('--timeout');
  });
});
