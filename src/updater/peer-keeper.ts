/** Keeps the daemon's peers equal to the Peer resources, and knows how their sessions stand. */
import type { Log } from '../runtime/log.ts';
import type { Speaker, SpeakerPeer } from '../speaker/speaker.ts';
import { peerSteps } from './peers.ts';
import type { View } from './view.ts';

export interface PeerKeeper {
  /** @param restarting whether the daemon has just been started: neighbours in graceful restart then wait for our paths. */
  reconcile(restarting: boolean, signal: AbortSignal): Promise<void>;
  /** The sessions, or what is configured in the daemon, may have changed. */
  markDirty(): void;
  /** As last seen. */
  states(): readonly SpeakerPeer[];
}

export function createPeerKeeper(speaker: Speaker, speakerName: string, view: View, log: Log): PeerKeeper {
  let dirty = true;
  let states: readonly SpeakerPeer[] = [];

  return {
    markDirty: () => {
      dirty = true;
    },
    states: () => states,
    reconcile: async (restarting, signal) => {
      if (!view.takePeersDirty() && !dirty) return;
      dirty = true;
      const { synced, stale, revisionWentBack, storeChanged } = view.condition();
      const trusted = synced && !stale && !revisionWentBack && !storeChanged;
      const steps = peerSteps(speakerName, view.inputs, await speaker.listPeers(signal), {
        trusted,
        deleted: (name) => view.tombstoned(`peers/${name}`),
      });
      for (const step of steps) {
        switch (step.op) {
          case 'add':
            await speaker.addPeer(step.peer.metadata.name, step.peer.spec, restarting, signal);
            break;
          case 'update':
            await speaker.updatePeer(step.peer.metadata.name, step.peer.spec, signal);
            break;
          case 'delete':
            await speaker.deletePeer(step.name, step.address, signal);
        }
        log.info({ op: step.op, peer: step.op === 'delete' ? step.name : step.peer.metadata.name }, 'peer changed');
      }
      states = await speaker.listPeers(signal);
      // What was held is looked at again in the next pass: trust may return without a change.
      dirty = !trusted;
    },
  };
}
