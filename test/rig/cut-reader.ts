/** A reader of the watch stream that is cut at any byte, resumes, and keeps account of all that it was sent. */
import { type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamMessage } from '../../src/contract/stream.ts';
import type { Store } from '../../src/store/store.ts';
import { never } from './api.ts';
import type { Seeded } from './seeded.ts';

/** What one revision did, in the reader's kinds: `put announcements/shop/web 17`, `delete …`. */
export interface Seen {
  readonly revision: number;
  readonly changes: readonly string[];
}

/** From a whole state at `from` on, without starting over, up to `to`. */
export interface Stretch {
  readonly from: number;
  to: number;
  readonly seen: Seen[];
}

export interface CutReader {
  readonly kinds: readonly string[];
  readonly stretches: readonly Stretch[];
  /** Key → revision that wrote it and its value as JSON. */
  state(): ReadonlyMap<string, string>;
  /** How often the connection was destroyed within an event. */
  cuts(): number;
  resumed(): number;
  startedOver(): number;
  /** Reads on without being cut until it has this revision, then ends. */
  finish(revision: number): Promise<void>;
}

export interface CutReaderOptions {
  readonly kinds: readonly string[];
  readonly url: () => string;
  readonly random: Seeded;
  /** How it says where it was. */
  readonly resumeBy: 'since' | 'last-event-id';
  /** Broken on purpose: takes the id of an event for received before the event is. */
  readonly naive?: boolean;
}

export function startCutReader({ kinds, url, random, resumeBy, naive }: CutReaderOptions): CutReader {
  const stretches: Stretch[] = [];
  let state = new Map<string, string>();
  let coming = new Map<string, string>();
  let position: number | undefined;
  let wanted = Number.POSITIVE_INFINITY;
  let over = false;
  const count = { cuts: 0, resumed: 0, startedOver: 0 };
  let open: ClientRequest | undefined;

  function take(message: StreamMessage): void {
    switch (message.type) {
      case 'state':
        for (const change of message.changes) apply(coming, change);
        return;
      case 'synced':
        if (position === undefined) {
          state = coming;
          stretches.push({ from: message.revision, to: message.revision, seen: [] });
        }
        position = message.revision;
        break;
      case 'changes': {
        for (const change of message.changes) apply(state, change);
        const { revision, changes } = message;
        stretches.at(-1)?.seen.push({ revision, changes: changes.map(changeText) });
        position = revision;
        break;
      }
      case 'bookmark':
        position = message.revision;
        break;
      case 'error':
        if (message.code === 'compacted') startOver();
        return;
    }
    const last = stretches.at(-1);
    if (last === undefined || position === undefined) return;
    last.to = Math.max(last.to, position);
    over = position >= wanted;
    if (over) open?.destroy();
  }

  function startOver(): void {
    position = undefined;
    count.startedOver += 1;
  }

  /** One connection, destroyed after so many bytes of events. */
  function connect(budget: number): Promise<void> {
    const target = new URL('/v1/watch', url());
    target.searchParams.set('kinds', kinds.join());
    const headers: Record<string, string> = { host: target.host };
    if (position !== undefined && resumeBy === 'since') target.searchParams.set('since', String(position));
    if (position !== undefined && resumeBy === 'last-event-id') headers['last-event-id'] = String(position);
    if (position !== undefined) count.resumed += 1;
    else coming = new Map();
    return new Promise((resolve) => {
      let rest = Buffer.alloc(0);
      let left = budget;
      const outgoing = request(target, { headers, agent: false });
      open = outgoing;
      outgoing.on('error', () => resolve()).on('close', () => resolve());
      outgoing.on('response', (response) => {
        if (response.statusCode === 410) startOver();
        if (response.statusCode !== 200) {
          outgoing.destroy();
          return;
        }
        response.on('error', () => {});
        response.on('data', (chunk: Buffer) => {
          if (left <= 0 || over) return;
          rest = Buffer.concat([rest, chunk.subarray(0, left)]);
          left -= chunk.length;
          for (let end = rest.indexOf('\n\n'); end >= 0 && !over; end = rest.indexOf('\n\n')) {
            const data = /^data: (.*)$/m.exec(rest.subarray(0, end).toString('utf8'))?.[1];
            rest = rest.subarray(end + 2);
            if (data !== undefined) take(JSON.parse(data));
          }
          if (left > 0) return;
          if (rest.length > 0) count.cuts += 1;
          const id = /^id: (\d+)$/m.exec(rest.toString('utf8'))?.[1];
          if (naive === true && id !== undefined && position !== undefined) position = Number(id);
          outgoing.destroy();
        });
      });
      outgoing.end();
    });
  }

  const running = (async () => {
    while (!over) {
      const cut = wanted === Number.POSITIVE_INFINITY;
      await connect(cut ? random.between(1, 6_000) : Number.POSITIVE_INFINITY);
      if (!over) await delay(random.between(0, 30));
    }
  })();

  return {
    kinds,
    stretches,
    state: () => state,
    cuts: () => count.cuts,
    resumed: () => count.resumed,
    startedOver: () => count.startedOver,
    finish: async (revision) => {
      wanted = revision;
      if ((position ?? -1) >= revision) over = true;
      open?.destroy();
      await running;
    },
  };
}

type Change = Extract<StreamMessage, { type: 'changes' }>['changes'][number];

function apply(state: Map<string, string>, change: Change): void {
  if (change.op === 'delete') state.delete(change.key);
  else state.set(change.key, `${change.modRevision} ${JSON.stringify(change.value)}`);
}

function changeText(change: Change): string {
  return change.op === 'delete' ? `delete ${change.key}` : `put ${change.key} ${change.modRevision}`;
}

const root = '/corebgp/v1/';

/** All that the store's log says, and its state, in some kinds. */
export async function truthOf(store: Store, kinds: readonly string[]) {
  const { revision, entries } = await store.list(root, {}, never);
  const isWanted = (key: string) => kinds.some((kind) => key.startsWith(`${root}${kind}/`));
  const state = new Map(
    entries
      .filter(({ key }) => isWanted(key))
      .map(({ key, value, modRevision }) => [
        key.slice(root.length),
        `${modRevision} ${JSON.stringify(JSON.parse(value))}`,
      ]),
  );
  const log: Seen[] = [];
  for await (const one of store.watch('', 1, never)) {
    const changes = one.changes.flatMap((change) => {
      const key = change.op === 'put' ? change.entry.key : change.key;
      if (!isWanted(key)) return [];
      const short = key.slice(root.length);
      return [change.op === 'put' ? `put ${short} ${change.entry.modRevision}` : `delete ${short}`];
    });
    if (changes.length > 0) log.push({ revision: one.revision, changes });
    if (one.revision >= revision) break;
  }
  return { revision, state, log };
}

/** What the reader missed, got twice or out of order, and where its state is another; empty when all is well. */
export async function misreadings(reader: CutReader, store: Store): Promise<readonly string[]> {
  const { state, log } = await truthOf(store, reader.kinds);
  const wrong: string[] = [];
  for (const { from, to, seen } of reader.stretches) {
    const wanted = log.filter(({ revision }) => revision > from && revision <= to);
    const lines = (all: readonly Seen[]) => all.map(({ revision, changes }) => `${revision}: ${changes.join(', ')}`);
    const [right, got] = [lines(wanted), lines(seen)];
    const first = right.findIndex((line, index) => line !== got[index]);
    if (first >= 0) wrong.push(`after ${from}: ${got[first] ?? 'nothing'} instead of ${right[first]}`);
    else if (got.length > right.length) wrong.push(`after ${from}: ${got[right.length]} too much`);
  }
  for (const [key, value] of state) if (reader.state().get(key) !== value) wrong.push(`${key} is another or missing`);
  for (const key of reader.state().keys()) if (!state.has(key)) wrong.push(`${key} should be gone`);
  return wrong;
}
