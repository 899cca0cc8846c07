/** Peers are taken away only with evidence: a tombstone, or a spec that names other speakers. */
import { expect, test } from 'vitest';
import { createModelMirror, type ModelMirror } from '../../test/rig/model-mirror.ts';
import { createModelSpeaker } from '../../test/rig/model-speaker.ts';
import { recordOf } from '../../test/rig/planning.ts';
import type { PeerSpec } from '../model/peer.ts';
import { silentLog } from '../runtime/log.ts';
import { createPeerKeeper } from './peer-keeper.ts';
import { createView } from './view.ts';

const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
const never = new AbortController().signal;

const four: PeerSpec = { address: '192.0.2.7', asn: 64_512 };
const six: PeerSpec = { address: '2001:db8::7', asn: 65_001, multihop: 2 };
const peer = (name: string, spec: PeerSpec) => ({ [`peers/${name}`]: recordOf('Peer', name, spec) });
const tombstone = (name: string) => ({
  [`tombstones/peers/${name}`]: { v: 1, at: '2026-01-01T00:00:00Z', revision: 1, record: {} },
});

function stage() {
  const mirror = createModelMirror();
  const speaker = createModelSpeaker(identity);
  const view = createView(mirror, () => {});
  const keeper = createPeerKeeper(speaker, identity.name, view, silentLog);
  const pass = async (restarting = false) => {
    const from = speaker.calls.length;
    await keeper.reconcile(restarting, never);
    return speaker.calls.slice(from).filter((call) => call !== 'listPeers');
  };
  return { mirror, speaker, keeper, pass };
}

test('are added, changed when their configuration differs, and left alone otherwise', async () => {
  const { mirror, speaker, keeper, pass } = stage();
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  expect(await pass()).toEqual(['addPeer a', 'addPeer b']);
  const calls = speaker.calls.length;
  await pass();
  expect(speaker.calls.length).toBe(calls);
  mirror.write(peer('b', { ...six, port: 1179 }));
  expect(await pass()).toEqual(['updatePeer b']);
  // What never touches a session is no change.
  mirror.write(peer('b', { ...six, port: 1179, speakers: ['rr1', 'rr2'] }));
  expect(await pass()).toEqual([]);
  expect(keeper.states().map(({ name }) => name)).toEqual(['a', 'b']);
});

test('are told when the daemon has been started anew', async () => {
  const { mirror, pass } = stage();
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  expect(await pass(true)).toEqual(['addPeer a restarting', 'addPeer b restarting']);
});

test('stay when their record has merely vanished, and go with the tombstone', async () => {
  const { mirror, pass } = stage();
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  await pass();
  mirror.write({ 'peers/a': undefined, 'peers/b': undefined });
  expect(await pass()).toEqual([]);
  mirror.write(tombstone('b'));
  expect(await pass()).toEqual(['deletePeer b']);
  mirror.write(tombstone('a'));
  expect(await pass()).toEqual(['deletePeer a']);
});

test('go when the spec names only other speakers', async () => {
  const { mirror, pass } = stage();
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  await pass();
  mirror.write(peer('b', { ...six, speakers: ['rr2'] }));
  expect(await pass()).toEqual(['deletePeer b']);
  mirror.write(peer('b', { ...six, speakers: ['rr2', 'rr1'] }));
  expect(await pass()).toEqual(['addPeer b']);
});

test('stay when their record cannot be read, whatever tombstone is there', async () => {
  const { mirror, pass } = stage();
  mirror.write({ ...peer('a', four), ...tombstone('a') });
  await pass();
  mirror.write({ 'peers/a': { v: 1, kind: 'Peer', spec: 'garbage' } });
  expect(await pass()).toEqual([]);
});

const distrusts: Readonly<Record<string, (mirror: ModelMirror, on: boolean) => void>> = {
  stale: (mirror, on) => mirror.setAge(on ? 20_000 : 0),
  'of another store': (mirror, on) => mirror.setBreak(on ? 'storeChanged' : undefined),
  'of an earlier revision': (mirror, on) => mirror.setBreak(on ? 'revisionWentBack' : undefined),
};
test.each(Object.keys(distrusts))('are only added while the mirror is %s, and the rest follows later', async (what) => {
  const { mirror, pass } = stage();
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  await pass();
  distrusts[what]?.(mirror, true);
  mirror.write({
    ...peer('c', { ...four, address: '192.0.2.8' }),
    ...peer('b', { ...six, port: 1179 }),
    'peers/a': undefined,
    ...tombstone('a'),
  });
  expect(await pass()).toEqual(['addPeer c']);
  distrusts[what]?.(mirror, false);
  expect(await pass()).toEqual(['updatePeer b', 'deletePeer a']);
});

test('are tried again after the daemon failed', async () => {
  const { mirror, speaker, pass } = stage();
  mirror.write(peer('a', four));
  speaker.failNext('peer');
  await expect(pass()).rejects.toThrow('told to fail');
  expect(await pass()).toEqual(['addPeer a']);
});
