// A scripted API server for the mirror: plays a store's history with cuts, compaction, outages and garbled order.
import type { Transport } from '../../src/client/transport.ts';
import type { Change, StreamMessage } from '../../src/contract/stream.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import { rejectOnAbort } from '../../src/runtime/abort.ts';

/** A store's whole history: what each revision (its index + 1) changed. */
export type History = readonly (readonly Change[])[];
export type Connection =
  | {
      readonly kind: 'serve';
      /** Revision the server is at; it goes on to the next connection's while this one lasts. */
      readonly from: number;
      readonly cutAfter: number;
      readonly mess?: { readonly at: number; readonly how: 'swap' | 'repeat' };
    }
  | { readonly kind: 'compacted' }
  | { readonly kind: 'unavailable' };
export type Script = {
  readonly storeId: string;
  readonly history: History;
  readonly connections: readonly Connection[];
};

export const keys = ['health/a', 'health/b', 'health/c', 'claims/x/1', 'claims/x/2'];

export function historyFrom(steps: readonly (readonly (readonly [number, boolean])[])[]): History {
  const born = new Map<string, number>();
  return steps.map((step, index) => {
    const revision = index + 1;
    return step.map(([which, put]): Change => {
      const key = keys[which] ?? 'health/a';
      if (!put) {
        born.delete(key);
        return { op: 'delete', key };
      }
      const createRevision = born.get(key) ?? revision;
      born.set(key, createRevision);
      return { op: 'put', key, createRevision, modRevision: revision, value: { revision } };
    });
  });
}

/** The oracle: `key=modRevision` of all keys at a revision. */
export function stateAt(history: History, revision: number): Map<string, Change> {
  const state = new Map<string, Change>();
  for (const change of history.slice(0, revision).flat()) {
    if (change.op === 'put') state.set(change.key, change);
    else state.delete(change.key);
  }
  return state;
}

export function messagesFor({ history, storeId }: Script, from: number, since: number | undefined): StreamMessage[] {
  const start: StreamMessage[] =
    since === undefined
      ? [
          ...[...stateAt(history, from).values()].map((one): StreamMessage => ({ type: 'state', changes: [one] })),
          { type: 'synced', revision: from, storeId },
        ]
      : [...changesOf(history, since, from), { type: 'synced', revision: Math.max(since, from), storeId }];
  const at = Math.max(since ?? 0, from);
  return [...start, ...changesOf(history, at, history.length), { type: 'bookmark', revision: history.length }];
}

export function changesOf(history: History, after: number, to: number): StreamMessage[] {
  return history
    .slice(after, to)
    .map((changes, index): StreamMessage => ({ type: 'changes', revision: after + index + 1, changes }));
}

export function notScripted(): never {
  throw new CoreBgpError('internal', 'not scripted');
}

/** Plays the scripts' connections one after the other, then serves the last store for good. */
export function scriptedTransport(scripts: readonly Script[]): Transport {
  const plays = scripts.flatMap((script) => script.connections.map((connection) => ({ script, connection })));
  const last = scripts.at(-1);
  return {
    call: () => Promise.reject(new CoreBgpError('internal', 'not scripted')),
    lines: notScripted,
    stream: async function* (request, signal) {
      const since = request.query['since'] === undefined ? undefined : Number(request.query['since']);
      const play = plays.shift();
      if (play?.connection.kind === 'unavailable') throw new CoreBgpError('unavailable', 'scripted');
      const script = play?.script ?? last;
      if (script === undefined) throw new CoreBgpError('internal', 'no script');
      // What lies behind the end of the history is what another store wrote: no server can go on from there.
      const beyond = since !== undefined && since > script.history.length;
      if (beyond || (since !== undefined && play?.connection.kind === 'compacted')) {
        yield { type: 'error', code: 'compacted', detail: 'scripted' };
        return;
      }
      const connection = play?.connection.kind === 'serve' ? play.connection : undefined;
      const messages = messagesFor(script, Math.min(connection?.from ?? 0, script.history.length), since);
      const mess = connection?.mess;
      if (mess !== undefined) {
        const [one] = messages.splice(Math.min(mess.at, messages.length - 1), 1);
        if (one !== undefined) messages.splice(mess.at + 1, 0, ...(mess.how === 'swap' ? [one] : [one, one]));
      }
      for (const message of messages.slice(0, connection?.cutAfter)) yield message;
      if (play !== undefined) throw new CoreBgpError('unavailable', 'cut');
      await rejectOnAbort(new Promise(() => undefined), signal);
    },
  };
}
