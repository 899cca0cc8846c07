/** What a mirror knows, as a pure function of the messages it was fed with: state is staged until synced, then swapped in whole. */
import type { Change, StreamMessage } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { Collection } from '../model/resource.ts';
import type { MirrorEntry, MirrorHistory, Snapshot } from './mirror.ts';

export interface Applied {
  /** Keys whose entry changed, came or went. */
  readonly keys: readonly string[];
  /** The message completed the (re)synchronisation of its connection. */
  readonly synced: boolean;
  /** The message proves that the server is fresh. */
  readonly fresh: boolean;
  readonly historyBreak?: 'storeChanged' | 'revisionWentBack';
}

export interface MirrorState {
  snapshot(): Snapshot | undefined;
  history(): MirrorHistory;
  /** The revision after which a new stream may go on; undefined = it has to send the state. */
  resumeFrom(): number | undefined;
  /** A connection was made, with `since` if `resumed`. */
  opened(resumed: boolean): void;
  /** @throws CoreBgpError `internal` when the server broke the protocol, `compacted` when it has to start over. */
  apply(message: StreamMessage): Applied;
  /** The connection is gone. What was staged is dropped; what is served stays. */
  closed(startOver: boolean): void;
}

type Entries = Map<string, MirrorEntry>;
type Phase =
  /** State is collected aside. */
  | { readonly name: 'staging'; readonly staged: Entries }
  /** After `since`: what changed in between is collected aside until the server has said which store it is. */
  | { readonly name: 'resuming'; readonly missed: Extract<StreamMessage, { type: 'changes' }>[] }
  | { readonly name: 'live' };

const nothing: Applied = { keys: [], synced: false, fresh: false };

export function createMirrorState(): MirrorState {
  let entries: Entries = new Map();
  let index = new Map<string, Entries>();
  let at: { readonly storeId: string; readonly revision: number } | undefined;
  let phase: Phase = { name: 'staging', staged: new Map() };
  let mayResume = false;
  let history: MirrorHistory = { storeId: undefined, highestRevision: 0, breaks: 0 };

  const advance = (storeId: string, revision: number) => {
    at = { storeId, revision };
    const highestRevision = history.storeId === storeId ? Math.max(history.highestRevision, revision) : revision;
    history = { ...history, storeId, highestRevision };
  };

  const applyChanges = (changes: readonly Change[]) => {
    for (const change of changes) {
      const entry = entryOf(change);
      const collection = collectionOf(change.key);
      let indexed = index.get(collection);
      if (indexed === undefined) {
        indexed = new Map();
        index.set(collection, indexed);
      }
      if (entry === undefined) {
        entries.delete(change.key);
        indexed.delete(change.key);
      } else {
        entries.set(change.key, entry);
        indexed.set(change.key, entry);
      }
    }
    return [...new Set(changes.map((change) => change.key))];
  };

  const swap = (staged: Entries, storeId: string, revision: number): Applied => {
    const before = at;
    const keys = before?.storeId === storeId ? differing(entries, staged) : [...union(entries, staged)];
    entries = staged;
    index = indexOf(staged);
    const historyBreak = before === undefined ? undefined : breakBetween(before, storeId, revision);
    advance(storeId, revision);
    phase = { name: 'live' };
    mayResume = true;
    if (historyBreak === undefined) return { keys, synced: true, fresh: true };
    history = { ...history, breaks: history.breaks + 1, lastBreak: historyBreak };
    return { keys, synced: true, fresh: true, historyBreak };
  };

  const catchUp = (
    missed: readonly Extract<StreamMessage, { type: 'changes' }>[],
    message: Extract<StreamMessage, { type: 'synced' }>,
  ): Applied => {
    if (at?.storeId !== message.storeId) throw startOver(`the store is now "${message.storeId}"`);
    if (message.revision < (missed.at(-1)?.revision ?? at.revision)) {
      throw startOver(`its revision ${message.revision} is below the last one seen, ${at.revision}`);
    }
    const keys = applyChanges(missed.flatMap((one) => one.changes));
    advance(at.storeId, message.revision);
    phase = { name: 'live' };
    return { keys, synced: true, fresh: true };
  };

  const applyWhileLive = (message: Exclude<StreamMessage, { type: 'error' }>): Applied => {
    const isLater = message.type === 'changes' || message.type === 'bookmark';
    if (at === undefined || !isLater) throw broken(`"${message.type}" after "synced"`);
    const tooLow = message.type === 'changes' ? message.revision <= at.revision : message.revision < at.revision;
    if (tooLow) throw broken(`${message.type} of revision ${message.revision} after ${at.revision}`);
    const keys = message.type === 'changes' ? applyChanges(message.changes) : [];
    advance(at.storeId, message.revision);
    return { keys, synced: false, fresh: true };
  };

  return {
    snapshot: () =>
      at && { ...at, entries, under: (collection: Collection) => index.get(collection) ?? new Map<string, never>() },
    history: () => history,
    resumeFrom: () => (mayResume ? at?.revision : undefined),
    opened: (resumed) => {
      phase = resumed ? { name: 'resuming', missed: [] } : { name: 'staging', staged: new Map() };
    },
    apply: (message) => {
      if (message.type === 'error') throw new CoreBgpError('unavailable', `${message.code}: ${message.detail}`);
      if (phase.name === 'live') return applyWhileLive(message);
      if (phase.name === 'staging') {
        if (message.type === 'synced') return swap(phase.staged, message.storeId, message.revision);
        if (message.type !== 'state') throw broken(`"${message.type}" before "synced"`);
        for (const change of message.changes) {
          const entry = entryOf(change);
          if (entry === undefined || phase.staged.has(change.key)) {
            throw broken(`a state that deletes or repeats the key ${change.key}`);
          }
          phase.staged.set(change.key, entry);
        }
        return nothing;
      }
      if (message.type === 'synced') return catchUp(phase.missed, message);
      if (message.type === 'state') throw startOver('it sent its state although asked to go on');
      if (message.type !== 'changes' && message.type !== 'bookmark') throw broken(`"${message.type}" to a mirror`);
      const last = phase.missed.at(-1)?.revision ?? at?.revision ?? 0;
      if (message.type === 'bookmark' ? message.revision < last : message.revision <= last) {
        throw startOver(`${message.type} of revision ${message.revision} after ${last}`);
      }
      if (message.type === 'changes') phase.missed.push(message);
      return nothing;
    },
    closed: (over) => {
      if (over) mayResume = false;
      phase = { name: 'staging', staged: new Map() };
    },
  };
}

function breakBetween(
  before: { readonly storeId: string; readonly revision: number },
  storeId: string,
  revision: number,
): Applied['historyBreak'] {
  if (before.storeId !== storeId) return 'storeChanged';
  return revision < before.revision ? 'revisionWentBack' : undefined;
}

function entryOf(change: Change): MirrorEntry | undefined {
  if (change.op === 'delete') return undefined;
  const { key, value, createRevision, modRevision } = change;
  return { key, value, createRevision, modRevision };
}

/** Within one store a key with the same two revisions has the same value. */
function differing(before: Entries, after: Entries): string[] {
  return [...union(before, after)].filter((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    return old?.modRevision !== now?.modRevision || old?.createRevision !== now?.createRevision;
  });
}

function union(before: Entries, after: Entries): Set<string> {
  return new Set([...before.keys(), ...after.keys()]);
}

function indexOf(entries: Entries): Map<string, Entries> {
  const index = new Map<string, Entries>();
  for (const [key, entry] of entries) {
    const collection = collectionOf(key);
    const indexed = index.get(collection);
    if (indexed === undefined) index.set(collection, new Map([[key, entry]]));
    else indexed.set(key, entry);
  }
  return index;
}

function collectionOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}

function broken(what: string): CoreBgpError {
  return new CoreBgpError('internal', `The API server broke the watch protocol: ${what}. The mirror connects anew.`);
}

function startOver(why: string): CoreBgpError {
  return new CoreBgpError('compacted', `The watch can't go on from the last revision: ${why}. The mirror starts over.`);
}
