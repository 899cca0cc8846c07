import { describe, expect, test } from 'vitest';
import type { Announcement } from '../model/announcement.ts';
import type { SpeakerStatusRecord } from '../model/speaker.ts';
import {
  announcementFindings,
  apiFindings,
  checkerFindings,
  type Finding,
  folderFindings,
  listenFinding,
  nodeFinding,
  speakerFindings,
  tallied,
  unreadableFinding,
} from './doctor-findings.ts';

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);
const gib = 1024 ** 3;
const wall = Date.parse('2026-01-01T12:05:00Z');

test.each([
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['20.18.3', 'problem'],
  ['18.20.0', 'problem'],
])('Node.js %s is %s', (version, level) => {
  expect(nodeFinding(version).level).toBe(level);
});

test.each([
  [{ state: 'writable' }, ['ok', 'ok']],
  [{ state: 'writable', lockedBy: 77 }, ['ok', 'ok']],
  [{ state: 'missing' }, ['ok', 'ok']],
  [{ state: 'notFolder' }, ['problem']],
  [{ state: 'refused', why: 'ENAMETOOLONG' }, ['problem']],
  [{ state: 'unwritable' }, ['problem', 'ok']],
  [{ state: 'writable', freeBytes: gib / 8 }, ['ok', 'warning']],
  [{ state: 'writable', freeBytes: 0 }, ['ok', 'problem']],
] as const)('a data folder that is %j', (facts, expected) => {
  expect(levels(folderFindings({ folder: '/data', freeBytes: 9 * gib, ...facts }))).toEqual(expected);
});

test('the process that has the store open is named', () => {
  expect(folderFindings({ folder: '/data', state: 'writable', lockedBy: 77 })[0]?.message).toContain('process 77');
});

test.each([
  ['free', false, 'ok'],
  ['free', true, 'warning'],
  ['corebgp', true, 'ok'],
  ['other', false, 'problem'],
  ['refused', false, 'problem'],
] as const)('an API address that is %s, with the store open: %s', (state, open, level) => {
  expect(listenFinding({ address: '[::1]:8080', state }, open).level).toBe(level);
});

test.each([
  [{ trouble: { reached: false, message: 'Nobody there.' } }, ['problem']],
  [{ version: '1', trouble: { reached: true, message: 'No store.' } }, ['problem', 'ok']],
  [{ version: '1', revision: 7 }, ['ok', 'ok']],
  [{ version: '2', revision: 7 }, ['ok', 'warning']],
])('an API server of which is known: %j', (facts, expected) => {
  expect(levels(apiFindings({ url: 'http://[::1]:1', clientVersion: '1', ...facts }))).toEqual(expected);
});

const speaker = (more: Partial<SpeakerStatusRecord>) => ({
  name: 'n1',
  status: {
    v: 1 as const,
    name: 'n1',
    node: 'n1',
    zone: 'eu',
    asn: 64512,
    routerId: '192.0.2.1',
    appliedRevision: 4,
    paths: 2,
    foreignPaths: 0,
    peers: [{ name: 'rr1', address: '2001:db8::1', asn: 64512, session: 'established' as const }],
    exceptions: [],
    exceptionCount: 0,
    conditions: [],
    reportedAt: '2026-01-01T12:00:00Z',
    ...more,
  },
});

describe('speakers', () => {
  test('that are well are told with the age of their report', () => {
    expect(speakerFindings([speaker({})], wall)).toEqual([
      { level: 'ok', about: 'speaker n1', message: '2 paths, 1/1 peers, last report 5m ago' },
    ]);
  });

  test.each([
    [{ conditions: [{ reason: 'speakerUnresponsive', message: 'It hangs.' }] }, 'problem', 'speakerUnresponsive'],
    [
      { peers: [{ name: 'rr1', address: '192.0.2.9', asn: 1, session: 'active' as const }] },
      'problem',
      'session with peer rr1 is active',
    ],
    [{ peers: [] }, 'warning', 'no peers'],
    [
      {
        exceptionCount: 1,
        exceptions: [{ prefix: '2001:db8::/64', nextHop: '2001:db8::1', kind: 'held' as const, reason: 'heldForNow' }],
      },
      'warning',
      'heldForNow 1',
    ],
  ])('that are not: %#', (more, level, says) => {
    const [finding, ...rest] = speakerFindings([speaker(more)], wall);
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ level, message: expect.stringContaining(says), fix: expect.any(String) });
  });

  test('that never reported are a problem', () => {
    expect(levels(speakerFindings([], wall))).toEqual(['problem']);
  });
});

test('no checker is a problem only when something is to be checked; a blind one always', () => {
  expect(levels(checkerFindings([], 0))).toEqual(['ok']);
  expect(levels(checkerFindings([], 3))).toEqual(['problem']);
  const checker = { v: 1, id: 'n1-a', zone: 'eu', version: '1' } as const;
  expect(
    levels(
      checkerFindings(
        [
          { ...checker, state: 'ready' },
          { ...checker, state: 'blind' },
        ],
        3,
      ),
    ),
  ).toEqual(['ok', 'problem']);
});

test('announcements are counted by state and reason, and speakers that are behind are named', async () => {
  const one = (state: 'announced' | 'pending', current: boolean, reason?: string): Announcement => ({
    apiVersion: 'corebgp/v1',
    kind: 'Announcement',
    metadata: { project: 'p', name: 'a', uid: 'u', revision: 1, createdAt: 't', updatedAt: 't' },
    spec: { prefixes: ['2001:db8::1/128'], nextHops: [{ address: '2001:db8::2' }] },
    status: {
      state,
      ...(reason === undefined ? {} : { reason }),
      nextHops: [],
      speakers: [{ name: 'n1', appliedRevision: 1, current, exceptions: [] }],
    },
  });
  async function* list() {
    yield* [one('announced', true), one('pending', false, 'noSpeaker'), one('pending', true, 'noSpeaker')];
  }
  const facts = await tallied(list());
  expect(announcementFindings(facts).map(({ level, message }) => [level, message])).toEqual([
    ['warning', '2 of 3 are pending (noSpeaker)'],
    ['warning', 'it has not caught up with 1 announcements'],
  ]);
  const empty = { total: 0, checked: 0, others: new Map(), behind: new Map() };
  expect(announcementFindings(empty)).toEqual([{ level: 'ok', about: 'announcements', message: 'there are none' }]);
});

test('records that cannot be read are counted, with the first of them', () => {
  expect(unreadableFinding([]).level).toBe('ok');
  expect(
    unreadableFinding([
      { name: 'shop/web', message: 'No spec.' },
      { name: 'x', message: 'y' },
    ]).message,
  ).toBe("2 can't be read, first shop/web: No spec.");
});
