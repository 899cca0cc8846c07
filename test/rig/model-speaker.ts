/** A BGP daemon in memory behind the Speaker interface: it forgets everything when restarted, and fails when told to. */

import { CoreBgpError } from '../../src/model/errors.ts';
import type { Path } from '../../src/model/path.ts';
import { pathKey } from '../../src/model/path.ts';
import { familyOf } from '../../src/model/prefix.ts';
import { peerKey } from '../../src/speaker/mark.ts';
import type {
  PathOperation,
  Speaker,
  SpeakerEvent,
  SpeakerGlobal,
  SpeakerIdentity,
  SpeakerPeer,
} from '../../src/speaker/speaker.ts';

export type SpeakerCall = 'global' | 'start' | 'ensurePolicies' | 'list' | 'apply' | 'watch' | 'listPeers' | 'peer';

export interface ModelSpeaker extends Speaker {
  /** Own paths in its RIB, by `pathKey`. */
  readonly rib: ReadonlyMap<string, Path>;
  /** Every operation it has carried out, in order. */
  readonly applied: readonly PathOperation[];
  /** Every call, in order; peers as `addPeer bird restarting`. */
  readonly calls: readonly string[];
  /** The next call of that kind fails, `apply` after it has carried out so many operations. */
  failNext(call: SpeakerCall, after?: number): void;
  /** No failure that was asked for is still to come. */
  heal(): void;
  /** As kill -9 and a new process: nothing is left, the stream breaks. `started`: somebody has started its BGP already. */
  restart(started?: boolean): void;
  /** Somebody else's daemon is there instead: it runs, and the stream breaks. */
  become(other: SpeakerGlobal): void;
  /** Somebody removes a path with another tool. */
  removeByHand(key: string): void;
  /** The stream tells an event. */
  tell(event: SpeakerEvent): void;
}

export function createModelSpeaker(identity: SpeakerIdentity, running = true): ModelSpeaker {
  const rib = new Map<string, Path>();
  const applied: PathOperation[] = [];
  const calls: string[] = [];
  const failures = new Map<SpeakerCall, number>();
  const peers = new Map<string, SpeakerPeer>();
  const streams = new Set<(event: SpeakerEvent | undefined) => void>();
  let global: SpeakerGlobal | undefined = running ? identity : undefined;

  const called = (call: SpeakerCall, text: string = call) => {
    calls.push(text);
    if (global === undefined && ['ensurePolicies', 'list', 'apply', 'listPeers', 'peer'].includes(call)) {
      throw new CoreBgpError('unavailable', 'the BGP of the model daemon has not been started');
    }
    if (call === 'apply' || !failures.delete(call)) return;
    throw new CoreBgpError('unavailable', `the model daemon was told to fail ${call}`);
  };
  const putPeer: Speaker['updatePeer'] = async (name, spec) => {
    const state = { address: spec.address, asn: spec.asn, session: 'active' } as const;
    peers.set(name, { name, key: peerKey(spec), state });
  };

  return {
    rib,
    applied,
    calls,
    failNext: (call, after = 0) => void failures.set(call, after),
    heal: () => failures.clear(),
    restart: (started = false) => {
      rib.clear();
      peers.clear();
      global = started ? identity : undefined;
      for (const stream of streams) stream(undefined);
    },
    become: (other) => {
      global = other;
      for (const stream of streams) stream(undefined);
    },
    removeByHand: (key) => void rib.delete(key),
    tell: (event) => {
      for (const stream of streams) stream(event);
    },
    global: async () => {
      called('global');
      return global;
    },
    start: async () => {
      called('start');
      global = identity;
    },
    ensurePolicies: async () => called('ensurePolicies'),
    list: async () => {
      called('list');
      return { own: [...rib.values()], unreadable: [], otherMarks: [], foreign: 0 };
    },
    count: async (family) => [...rib.values()].filter(({ prefix }) => familyOf(prefix) === family).length,
    apply: async (operations) => {
      called('apply', `apply ${operations.length}`);
      const failsAfter = failures.get('apply');
      failures.delete('apply');
      for (const operation of operations.slice(0, failsAfter)) {
        applied.push(operation);
        if (operation.op === 'announce') rib.set(pathKey(operation.path), operation.path);
        else rib.delete(pathKey(operation.path));
      }
      if (failsAfter !== undefined) throw new CoreBgpError('unavailable', 'the model daemon failed during apply');
    },
    watch: async function* (signal) {
      called('watch');
      const queue: (SpeakerEvent | undefined)[] = [];
      let wake = () => {};
      const stream = (event: SpeakerEvent | undefined) => {
        queue.push(event);
        wake();
      };
      const aborted = () => stream(undefined);
      streams.add(stream);
      signal.addEventListener('abort', aborted);
      try {
        for (;;) {
          if (queue.length === 0)
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          const event = queue.shift();
          if (event === undefined) throw new CoreBgpError('unavailable', 'the stream broke');
          yield event;
        }
      } finally {
        streams.delete(stream);
        signal.removeEventListener('abort', aborted);
      }
    },
    listPeers: async () => {
      called('listPeers');
      return [...peers.values()];
    },
    addPeer: async (name, spec, restarting, signal) => {
      called('peer', `addPeer ${name}${restarting ? ' restarting' : ''}`);
      await putPeer(name, spec, signal);
    },
    updatePeer: async (name, spec, signal) => {
      called('peer', `updatePeer ${name}`);
      await putPeer(name, spec, signal);
    },
    deletePeer: async (name) => {
      called('peer', `deletePeer ${name}`);
      peers.delete(name);
    },
    generation: () => 'v4',
    close: () => {},
  };
}
