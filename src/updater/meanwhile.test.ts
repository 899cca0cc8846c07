/** What happens while the updater waits for its daemon is neither lost nor kept waiting for ever. */
import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/rig/eventually.ts';
import { announcementWrite, createModelMirror, writeVerdict } from '../../test/rig/model-mirror.ts';
import { createModelSpeaker } from '../../test/rig/model-speaker.ts';
import { announcementOf, permitsAll, recordOf } from '../../test/rig/planning.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { createLoop } from './loop.ts';
import { createPeerKeeper } from './peer-keeper.ts';
import { createReconciler } from './reconcile.ts';
import { createRib } from './rib.ts';
import { createSession } from './session.ts';
import { createView } from './view.ts';

const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
const never = new AbortController().signal;
const permitsMore = { ...permitsAll, prefixes: [{ prefix: '10.0.0.0/8' }, { prefix: '2001:db8::/32' }] };

function announce(mirror: ReturnType<typeof createModelMirror>, name: string, prefix: string) {
  const nextHops = [{ address: prefix.includes(':') ? '2001:db8:1::11' : '10.0.1.11' }];
  const record = recordOf('Announcement', name, { prefixes: [prefix], nextHops }, 'shop');
  mirror.write(announcementWrite(mirror, `announcements/shop/${name}`, record));
}

function stage(speakerOver: (model: Speaker) => Partial<Speaker>) {
  const mirror = createModelMirror();
  const model = createModelSpeaker(identity);
  const speaker: Speaker = { ...model, ...speakerOver(model) };
  const rib = createRib();
  const view = createView(mirror, () => {});
  mirror.write({ 'projects/shop': recordOf('Project', 'shop', permitsMore) });
  const planned = { name: identity.name, zone: 'default', asn: identity.asn };
  const reconciler = createReconciler({ speaker, planned, view, rib, clock: systemClock, log: silentLog });
  return { mirror, model, rib, view, reconciler };
}

describe('while a list is under way', () => {
  test('a hint of drift makes the picture unknown beyond it', async () => {
    const { model, rib, reconciler } = stage((speaker) => ({
      list: async (signal) => {
        const picture = await speaker.list(signal);
        if (lists() === 1) rib.forget();
        return picture;
      },
    }));
    const lists = () => model.calls.filter((call) => call === 'list').length;
    await reconciler.pass(never);
    expect(rib.known()).toBe(false);
    await reconciler.pass(never);
    expect([rib.known(), lists()]).toEqual([true, 2]);
  });
});

describe('while a long pass runs', () => {
  test.each(['ipv4', 'ipv6'])('changes that never cease do not keep the rest (%s) waiting', async (family) => {
    const bulk = 5_000;
    const prefixOf = (block: number, index: number) =>
      family === 'ipv4'
        ? `10.${block}.${index >> 8}.${index & 255}/32`
        : `2001:db8:${block}::${index.toString(16)}/128`.replace('::0/', '::/');
    let changes = 0;
    const { mirror, model, reconciler } = stage((speaker) => ({
      apply: async (operations, signal) => {
        await speaker.apply(operations, signal);
        changes += 1;
        if (changes < 100) announce(mirror, `late-${changes}`, prefixOf(2, changes));
        else if (changes === 100) expect(model.rib.size).toBeGreaterThan(bulk);
      },
    }));
    await reconciler.pass(never);
    for (let index = 0; index < bulk; index += 1) announce(mirror, `web-${index}`, prefixOf(1, index));
    await reconciler.pass(never);
    expect(changes).toBeGreaterThanOrEqual(100);
    expect(model.rib.size).toBe(bulk + 99);
  });
});

test.each([
  ['the drain is lifted', (mirror: ReturnType<typeof createModelMirror>) => mirror.write({ 'drains/d': undefined })],
  ['the store is another one', (mirror: ReturnType<typeof createModelMirror>) => mirror.setBreak('storeChanged')],
])('a withdrawal is not made when, while the announcements before it are taken, %s', async (_, meanwhile) => {
  let slow = false;
  const { mirror, model, reconciler } = stage((speaker) => ({
    apply: async (operations, signal) => {
      await speaker.apply(operations, signal);
      if (slow) meanwhile(mirror);
      slow = false;
    },
  }));
  const write = (...addresses: readonly string[]) => {
    const spec = { prefixes: ['10.1.0.1/32', '2001:db8::10/128'], nextHops: addresses.map((address) => ({ address })) };
    mirror.write(announcementWrite(mirror, 'announcements/shop/web', announcementOf(spec)));
  };
  write('10.0.1.11', '2001:db8:1::11');
  await reconciler.pass(never);
  const target = { nextHop: '10.0.1.11' };
  mirror.write({ 'drains/d': recordOf('Drain', 'd', { target }) });
  write('10.0.1.11', '2001:db8:1::11', '10.0.1.12');
  slow = true;
  await reconciler.pass(never);
  expect(model.applied.filter(({ op }) => op === 'withdraw')).toEqual([]);
  expect(model.rib.size).toBe(3);
});

describe('the session', () => {
  function sessionOf(speaker: Speaker) {
    let losses = 0;
    const session = createSession({
      speaker,
      identity,
      clock: systemClock,
      log: silentLog,
      backoff: createBackoff({ random: () => 0.5, firstMs: 1, longestMs: 2 }),
      lost: () => {
        losses += 1;
      },
      event: () => {},
    });
    return { session, losses: () => losses };
  }

  test('prepares again a daemon that broke while it was being prepared', async () => {
    const model = createModelSpeaker(identity);
    const stop = new AbortController();
    let breaks = true;
    const { session, losses } = sessionOf({
      ...model,
      ensurePolicies: async (signal) => {
        await model.ensurePolicies(signal);
        if (!breaks) return;
        breaks = false;
        const before = losses();
        model.restart();
        while (losses() === before) await systemClock.sleep(1, signal);
      },
    });
    const following = session.follow(stop.signal);
    await session.prepare(never);
    await session.prepare(never);
    expect(model.calls.filter((call) => call !== 'watch')).toEqual([
      'global',
      'ensurePolicies',
      'global',
      'start',
      'ensurePolicies',
    ]);
    expect(session.startedEmpty()).toBe(true);
    stop.abort();
    await following;
  });

  test('starts BGP again when it was stopped under a stream that stays, once a failure raised doubt', async () => {
    const model = createModelSpeaker(identity);
    let stopped = false;
    const { session, losses } = sessionOf({
      ...model,
      global: async (signal) => (stopped ? undefined : await model.global(signal)),
    });
    await session.prepare(never);
    stopped = true;
    await session.prepare(never);
    expect(model.calls).not.toContain('start');
    session.doubt();
    await session.prepare(never);
    expect(model.calls).toContain('start');
    expect([session.startedEmpty(), losses()]).toEqual([true, 1]);
  });
});

test('a daemon whose updater died before it had added the peers gets them after the paths that are about to be decided', async () => {
  const { mirror, model, rib, view, reconciler } = stage(() => ({}));
  const clock = systemClock;
  const random = () => 0.5;
  const nextHops = [{ address: '10.0.1.11' }, { address: '2001:db8:1::11' }];
  const prefixes = ['10.1.0.1/32', '2001:db8::10/128'];
  const record = announcementOf({ prefixes, nextHops, healthCheck: { type: 'tcp', port: 80 } });
  mirror.write({
    'peers/router': recordOf('Peer', 'router', { address: '192.0.2.7', asn: 64_512 }),
    ...announcementWrite(mirror, 'announcements/shop/web', record),
  });
  const peers = createPeerKeeper(model, identity.name, view, silentLog);
  const backoff = createBackoff({ random });
  const session = createSession({
    speaker: model,
    identity,
    clock,
    log: silentLog,
    backoff,
    lost: () => {},
    event: () => {},
  });
  const parts = {
    speaker: model,
    mirror,
    view,
    rib,
    session,
    reconciler,
    peers,
    clock,
    log: silentLog,
    random,
    backoff,
  };
  const loop = createLoop({ ...parts, passed: () => {} });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  await eventually(() => expect(model.calls).toContain('list'), 'the first pass');
  for (const { address } of nextHops) writeVerdict(mirror, record, address, 'up');
  await eventually(() => expect(model.calls).toContain('addPeer router'), 'the peer is added');
  expect(model.calls.indexOf('apply 2')).toBeGreaterThan(0);
  expect(model.calls.indexOf('apply 2')).toBeLessThan(model.calls.indexOf('addPeer router'));
  stop.abort();
  await running;
});
