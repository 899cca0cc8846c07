/** Rows of the bad-input matrix: how each is given, what must be answered, and that nothing of it was half-applied. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, never } from './api.ts';

/** What must be said of it. */
export interface Refused {
  readonly code: string;
  readonly field?: string | undefined;
  /** Words that give the fix. */
  readonly says: RegExp;
}

/** All keys but those that the server writes for itself. */
export interface Kept {
  readonly revision: number;
  readonly entries: readonly unknown[];
}

/** The server's heartbeat, and the events it derives from what others wrote. */
const ownKeys = /^\/corebgp\/v1\/(api|events|event-log)\//;

export async function kept(store: Store): Promise<Kept> {
  const { revision, entries } = await store.list('', {}, never);
  return { revision, entries: entries.filter(({ key }) => !ownKeys.test(key)) };
}

/** Not one revision since then but the server's own. */
export async function expectNothingWritten(store: Store, before: Kept): Promise<void> {
  const after = await kept(store);
  expect(after.entries).toEqual(before.entries);
  let seen = before.revision;
  if (seen === after.revision) return;
  for await (const { revision, changes } of store.watch('', seen + 1, never)) {
    for (const change of changes) expect(change.op === 'put' ? change.entry.key : change.key).toMatch(ownKeys);
    seen = revision;
    if (seen >= after.revision) return;
  }
}

/** A valid announcement with other fields in its spec. */
export const withSpec = (spec: object) => {
  const base = announcement('x', ['203.0.113.2/32']);
  return { ...base, spec: { ...base.spec, ...spec } };
};
/** …in its metadata. */
export const withMetadata = (metadata: object) => {
  const base = announcement('x', ['203.0.113.2/32']);
  return { ...base, metadata: { ...base.metadata, ...metadata } };
};
/** …as text, with one piece of it replaced. */
export const withText = (piece: string | RegExp, by: string) =>
  JSON.stringify(announcement('x', ['203.0.113.2/32'])).replace(piece, by);
export const withCheck = (check: object) => withSpec({ healthCheck: { type: 'http', port: 80, ...check } });

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Bytes as they are, on a connection of their own; 0 when it was closed without an answer. */
export async function raw(rig: ApiRig, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(rig.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.end(bytes);
  const answer = await textOf(socket).catch(() => '');
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1] ?? 0), body: rest.join('\r\n\r\n') };
}

/** A request line, headers and a body. */
export function rawRequest(line: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const all = { host: 'localhost', connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${[line, ...lines].join('\r\n')}\r\n\r\n${body}`;
}
