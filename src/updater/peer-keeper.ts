/** Keeps the daemon's peers equal to the Peer resources, and knows how their sessions stand. */
import { CoreBgpError } from '../model/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Speaker, SpeakerPeer } from '../speaker/speaker.ts';
import { type PeerStep, peerSteps } from './peers.ts';
import type { View } from './view.ts';

export interface PeerKeeper {
  /**
   * Throws when the daemon can't be reached. A peer that the daemon or its other neighbours don't allow is no reason to
   * leave the others out: it is noted in `refusals` and tried again at the next occasion.
   * @param restarting whether the daemon has just been started: neighbours in graceful restart then wait for our paths.
   */
  reconcile(restarting: boolean, signal: AbortSignal): Promise<void>;
  /** The sessions, or what is configured in the daemon, may have changed. */
  markDirty(): void;
  /** As last seen. */
  states(): readonly SpeakerPeer[];
  /** Why peers are not as their resources say, as of the last time. */
  refusals(): readonly CoreBgpError[];
}

export function createPeerKeeper(speaker: Speaker, speakerName: string, view: View, log: Log): PeerKeeper {
  let dirty = true;
  let states: readonly SpeakerPeer[] = [];
  let refusals: readonly CoreBgpError[] = [];

  async function take(step: PeerStep, restarting: boolean, signal: AbortSignal): Promise<void> {
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
    log.info({ op: step.op, peer: nameIn(step) }, 'peer changed');
  }

  /** What was refused is tried again as long as others went through: an address may pass from one peer to another. */
  async function takeAll(
    steps: readonly PeerStep[],
    restarting: boolean,
    signal: AbortSignal,
  ): Promise<readonly CoreBgpError[]> {
    let left = steps;
    for (;;) {
      const refused = new Map<PeerStep, CoreBgpError>();
      for (const step of left) {
        try {
          await take(step, restarting, signal);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          refused.set(step, error);
        }
      }
      if (refused.size > 0 && refused.size < left.length) {
        left = [...refused.keys()];
        continue;
      }
      for (const [step, { code, message }] of refused) {
        log.warn({ op: step.op, peer: nameIn(step), code, detail: message }, 'peer refused');
      }
      return [...refused.values()];
    }
  }

  async function bringAbout(restarting: boolean, signal: AbortSignal): Promise<void> {
    const { synced, stale, revisionWentBack, storeChanged } = view.condition();
    const trusted = synced && !stale && !revisionWentBack && !storeChanged;
    const steps = peerSteps(speakerName, view.inputs, await speaker.listPeers(signal), {
      trusted,
      deleted: (name) => view.tombstoned(`peers/${name}`),
    });
    refusals = await takeAll(steps, restarting, signal);
    states = await speaker.listPeers(signal);
    // What was held is looked at again in the next pass: trust may return without a change.
    if (!trusted) dirty = true;
  }

  return {
    markDirty: () => {
      dirty = true;
    },
    states: () => states,
    refusals: () => refusals,
    reconcile: async (restarting, signal) => {
      if (!view.takePeersDirty() && !dirty) return;
      // Before the first look, so that what becomes dirty meanwhile stays so.
      dirty = false;
      try {
        await bringAbout(restarting, signal);
      } catch (error) {
        dirty = true;
        throw error;
      }
    },
  };
}

function nameIn(step: PeerStep): string {
  return step.op === 'delete' ? step.name : step.peer.metadata.name;
}

/** The daemon's own "no" to one peer; anything else may be the daemon itself. */
function isRefusal(error: unknown): error is CoreBgpError {
  return error instanceof CoreBgpError && error.code !== 'unavailable' && error.code !== 'timeout';
}
