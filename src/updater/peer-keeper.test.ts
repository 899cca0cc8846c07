/** One peer's trouble is its own, and nothing that happens during a look is lost. */
import { expect, test } from 'vitest';
import { createModelMirror } from '../../test/rig/model-mirror.ts';
import { createModelSpeaker } from '../../test/rig/model-speaker.ts';
import { recordOf } from '../../test/rig/planning.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { PeerSpec } from '../model/peer.ts';
import { silentLog } from '../runtime/log.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { createPeerKeeper } from './peer-keeper.ts';
import { createView } from './view.ts';

const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
const never = new AbortController().signal;
const four: PeerSpec = { address: '192.0.2.7', asn: 64_512 };
const six: PeerSpec = { address: '2001:db8::7', asn: 65_001 };
const peer = (name: string, spec: PeerSpec) => ({ [`peers/${name}`]: recordOf('Peer', name, spec) });
const deletion = (name: string) => ({
  [`peers/${name}`]: undefined,
  [`tombstones/peers/${name}`]: { v: 1, at: '2026-01-01T00:00:00Z', revision: 1, record: {} },
});

/** A daemon that has each address once, as GoBGP. */
function stage() {
  const mirror = createModelMirror();
  const model = createModelSpeaker(identity);
  const free = async (name: string, address: string) => {
    const there = (await model.listPeers(never)).find(({ state }) => state.address === address);
    if (there !== undefined && there.name !== name) throw new CoreBgpError('alreadyExists', `${address} is taken`);
  };
  const speaker: Speaker = {
    ...model,
    addPeer: async (name, spec, restarting, signal) => {
      await free(name, spec.address);
      await model.addPeer(name, spec, restarting, signal);
    },
    // As the real one: first the old one goes.
    updatePeer: async (name, spec, signal) => {
      await model.deletePeer(name, spec.address, signal);
      await free(name, spec.address);
      await model.addPeer(name, spec, false, signal);
    },
  };
  const keeperOf = (one: Speaker) =>
    createPeerKeeper(
      one,
      identity.name,
      createView(mirror, () => {}),
      silentLog,
    );
  const standing = async () =>
    (await model.listPeers(never)).map(({ name, state }) => `${name} ${state.address}`).sort();
  return { mirror, model, speaker, keeperOf, standing };
}

test('a peer that the daemon refuses keeps no other from coming or going, and is told', async () => {
  const { mirror, speaker, keeperOf, standing } = stage();
  const keeper = keeperOf(speaker);
  mirror.write({ ...peer('a', four), ...peer('old', six) });
  await keeper.reconcile(false, never);
  mirror.write({ ...peer('b', four), ...deletion('old'), ...peer('c', { ...four, address: '192.0.2.9' }) });
  await keeper.reconcile(false, never);
  expect(await standing()).toEqual(['a 192.0.2.7', 'c 192.0.2.9']);
  expect(keeper.refusals().map(({ code }) => code)).toEqual(['alreadyExists']);
  mirror.write(deletion('b'));
  await keeper.reconcile(false, never);
  expect(keeper.refusals()).toEqual([]);
});

test('a peer renamed, and two that exchange their addresses, are as they should be in one go', async () => {
  const { mirror, speaker, keeperOf, standing } = stage();
  const keeper = keeperOf(speaker);
  mirror.write({ ...peer('a', four), ...peer('b', six) });
  await keeper.reconcile(false, never);
  mirror.write({ ...peer('renamed', four), ...deletion('a') });
  await keeper.reconcile(false, never);
  expect(await standing()).toEqual(['b 2001:db8::7', 'renamed 192.0.2.7']);
  mirror.write({ ...peer('renamed', six), ...peer('b', four) });
  await keeper.reconcile(false, never);
  expect(await standing()).toEqual(['b 192.0.2.7', 'renamed 2001:db8::7']);
  expect(keeper.refusals()).toEqual([]);
});

test('what becomes dirty during a look is looked at again', async () => {
  const { mirror, speaker, keeperOf } = stage();
  let looks = 0;
  const keeper = keeperOf({
    ...speaker,
    listPeers: async (signal) => {
      looks += 1;
      const peers = await speaker.listPeers(signal);
      // A session comes up, or the daemon dies, just after it answered.
      if (looks === 2) keeper.markDirty();
      return peers;
    },
  });
  mirror.write(peer('a', four));
  await keeper.reconcile(false, never);
  await keeper.reconcile(false, never);
  expect(looks).toBe(4);
  await keeper.reconcile(false, never);
  expect(looks).toBe(4);
});
