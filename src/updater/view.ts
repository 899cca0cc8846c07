/** The mirror as planning sees it: decoded inputs, which prefixes need a new look, and how far it can be trusted. */
import type { Mirror } from '../client/mirror.ts';
import type { MirrorCondition } from '../planning/guard.ts';
import { createInputs, type Inputs } from '../planning/inputs.ts';

/** Without a sign of life for longer than this the mirror proves nothing any more, milliseconds. */
export const staleAfterMs = 10_000;

/** Prefixes to look at, or everything. */
export type Dirty = ReadonlySet<string> | 'all';

export interface View {
  readonly inputs: Inputs;
  condition(): MirrorCondition;
  /** Whether the store holds the tombstone of the object once at this key. */
  tombstoned(key: string): boolean;
  /** Takes what became dirty since the last call. */
  takeDirty(): Dirty;
  /** Puts back what a failed pass could not finish. */
  markDirty(prefixes: Dirty): void;
  /** Whether Peer resources changed since the last call. */
  takePeersDirty(): boolean;
  close(): void;
}

/** @param changed called when there is something to do. */
export function createView(mirror: Mirror, changed: () => void): View {
  const inputs = createInputs();
  let dirty: Set<string> | 'all' = 'all';
  let peersDirty = true;

  const markDirty = (prefixes: Dirty) => {
    if (prefixes === 'all') dirty = 'all';
    else if (dirty !== 'all') for (const prefix of prefixes) dirty.add(prefix);
  };
  const stop = mirror.onChange((keys) => {
    const snapshot = mirror.snapshot();
    if (snapshot === undefined) return;
    for (const key of keys) {
      markDirty(inputs.apply(key, snapshot.entries.get(key)));
      if (key.startsWith('peers/') || key.startsWith('tombstones/peers/')) peersDirty = true;
    }
    inputs.advance(snapshot.revision);
    changed();
  });

  return {
    inputs,
    condition: () => {
      const { breaks, lastBreak } = mirror.history();
      return {
        revision: inputs.revision,
        synced: mirror.snapshot() !== undefined,
        stale: mirror.ageMs() > staleAfterMs,
        revisionWentBack: breaks > 0 && lastBreak === 'revisionWentBack',
        storeChanged: breaks > 0 && lastBreak === 'storeChanged',
        undecodable: inputs.undecodable,
      };
    },
    tombstoned: (key) => mirror.snapshot()?.entries.has(`tombstones/${key}`) ?? false,
    takeDirty: () => {
      const taken = dirty;
      dirty = new Set();
      return taken;
    },
    markDirty,
    takePeersDirty: () => {
      const taken = peersDirty;
      peersDirty = false;
      return taken;
    },
    close: stop,
  };
}
