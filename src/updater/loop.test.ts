/** When passes run and in which order: paths before peers, failures with pauses, a new daemon told everything. */
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../test/rig/eventually.ts';
import { announcementWrite, createModelMirror, dropClaims, writeVerdict } from '../../test/rig/model-mirror.ts';
import { createModelSpeaker } from '../../test/rig/model-speaker.ts';
import { announcementOf, permitsAll, recordOf } from '../../test/rig/planning.ts';
import type { AnnouncementSpec } from '../model/announcement.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { silentLog as log } from '../runtime/log.ts';
import { createLoop, type Loop } from './loop.ts';
import { createPeerKeeper } from './peer-keeper.ts';
import { createReconciler } from './reconcile.ts';
import { createRib } from './rib.ts';
import { createSession } from './session.ts';
import { createView } from './view.ts';

const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
const random = () => 0.5;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const spec: AnnouncementSpec = {
  prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
  nextHops: [{ address: '10.0.1.11' }, { address: '2001:db8:1::11' }],
  healthCheck: { type: 'tcp', port: 80 },
};
const web = announcementOf(spec);

/** The updater's parts as assemble.ts wires them, around a model daemon and a model mirror. */
function stage(running: boolean) {
  const mirror = createModelMirror();
  const speaker = createModelSpeaker(identity, running);
  const rib = createRib();
  const view = createView(mirror, () => loop.wake());
  const planned = { name: identity.name, zone: 'default', asn: identity.asn };
  const reconciler = createReconciler({ speaker, planned, view, rib, clock, log });
  const peers = createPeerKeeper(speaker, identity.name, view, log);
  const backoff = () => createBackoff({ random, firstMs: 5, longestMs: 20 });
  const lost = () => {
    rib.forget();
    peers.markDirty();
    loop.wake();
  };
  const session = createSession({ speaker, identity, clock, log, backoff: backoff(), lost, event: () => loop.wake() });
  const parts = { speaker, mirror, view, rib, session, reconciler, peers, clock, log, random, backoff: backoff() };
  const loop: Loop = createLoop({ ...parts, passed: () => {} });
  mirror.write({
    'projects/shop': recordOf('Project', 'shop', permitsAll),
    'peers/bird': recordOf('Peer', 'bird', { address: '192.0.2.7', asn: 64_512 }),
    ...announcementWrite(mirror, 'announcements/shop/web', web),
  });
  for (const { address } of spec.nextHops) writeVerdict(mirror, web, address, 'up');
  const controller = new AbortController();
  const done = Promise.all([loop.run(controller.signal), session.follow(controller.signal)]);
  cleanUps.push(() => {
    controller.abort();
    view.close();
    return done;
  });
  return { mirror, speaker, rib, loop };
}

const order = (calls: readonly string[], ...wanted: readonly string[]) => {
  const places = wanted.map((call) => calls.lastIndexOf(call));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
};

test('an empty daemon gets BGP, policies, all paths, and only then its peers', async () => {
  const { speaker } = stage(false);
  await eventually(() => expect(speaker.calls).toContain('addPeer bird restarting'), 'the peer is added');
  order(speaker.calls, 'start', 'ensurePolicies', 'apply 2', 'list', 'addPeer bird restarting');
  expect(speaker.rib.size).toBe(2);
});

test('a daemon that runs already is not started, and its neighbours are not told of a restart', async () => {
  const { speaker } = stage(true);
  await eventually(() => expect(speaker.calls).toContain('addPeer bird'), 'the peer is added');
  expect(speaker.calls).not.toContain('start');
});

test('a daemon that was killed is told everything again, with what nobody checks any more, and then gets its peers', async () => {
  const { mirror, speaker } = stage(false);
  await eventually(() => expect(speaker.calls).toContain('addPeer bird restarting'), 'the peer is added');
  dropClaims(mirror);
  const from = speaker.calls.length;
  speaker.restart();
  const since = () => speaker.calls.slice(from);
  await eventually(() => expect(since()).toContain('addPeer bird restarting'), 'the peer is added again');
  order(since(), 'start', 'ensurePolicies', 'apply 2', 'addPeer bird restarting');
  expect(speaker.rib.size).toBe(2);
});

test('a failing daemon is tried again until it obeys, and the failure is told meanwhile', async () => {
  const { mirror, speaker, loop } = stage(true);
  await eventually(() => expect(speaker.rib.size).toBe(2), 'the paths are in');
  speaker.failNext('apply');
  const failing = setInterval(() => speaker.failNext('apply'), 1);
  try {
    mirror.write(announcementWrite(mirror, 'announcements/shop/web', undefined));
    await eventually(() => expect(loop.failure()?.message).toContain('failed during apply'), 'the failure is told');
  } finally {
    clearInterval(failing);
    speaker.heal();
  }
  await eventually(() => expect(speaker.rib.size).toBe(0), 'the paths are gone');
  await eventually(() => expect(loop.failure()).toBeUndefined(), 'the failure is over');
});

test('another identity is refused and nothing of that daemon is touched', async () => {
  const { speaker, loop } = stage(true);
  await eventually(() => expect(speaker.rib.size).toBe(2), 'the paths are in');
  const from = speaker.calls.length;
  speaker.become({ asn: 64_513, routerId: '192.0.2.1', listenPort: 179 });
  await eventually(() => expect(loop.failure()?.reason).toBe('speakerConfigMismatch'), 'it is told');
  expect(speaker.calls.slice(from).filter((call) => !['global', 'watch', 'list', 'listPeers'].includes(call))).toEqual(
    [],
  );
});
