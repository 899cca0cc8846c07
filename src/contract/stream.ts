/**
 * The watch stream: what a server sends, as server-sent events. Its record view feeds the mirrors, whole revisions at a
 * time; its status view shows people the objects as `get` answers them, only as they are last.
 */
import Type, { type Static } from 'typebox';
import type { Announcement } from '../model/announcement.ts';
import type { Drain } from '../model/drain.ts';
import type { Peer } from '../model/peer.ts';
import type { Project } from '../model/project.ts';
import type { apiVersion, UserKind } from '../model/resource.ts';

/** One stored record, or the end of one. Keys are relative to the root: `announcements/shop/web`. */
export const Change = Type.Union([
  Type.Object({
    op: Type.Literal('put'),
    key: Type.String(),
    createRevision: Type.Integer(),
    modRevision: Type.Integer(),
    value: Type.Unknown({ description: 'The stored record, fields of newer versions included.' }),
  }),
  Type.Object({ op: Type.Literal('delete'), key: Type.String() }),
]);
export type Change = Static<typeof Change>;

/** What `view=status` may be asked for: the collections of the kinds that users write. */
export const statusCollections = ['announcements', 'drains', 'peers', 'projects'] as const;
export type StatusCollection = (typeof statusCollections)[number];

/** An object whose stored record the server can't read. */
export interface UnreadableObject {
  readonly apiVersion: typeof apiVersion;
  readonly kind: UserKind;
  readonly metadata: { readonly name: string; readonly project?: string; readonly revision: number };
  readonly unreadable: true;
  readonly message: string;
}

/** An object of the status view, exactly as `get` answers it at that moment. */
export type WatchedObject =
  | Static<typeof Announcement>
  | Static<typeof Drain>
  | Static<typeof Peer>
  | Static<typeof Project>
  | UnreadableObject;

/** Names an object of the status view. */
export interface WatchedRef {
  readonly kind: UserKind;
  /** Of kinds that belong to one. */
  readonly project?: string;
  readonly name: string;
}

/**
 * Of both views:
 * - `synced`: the state is complete as of `revision`. Always sent, also after `since`.
 * - `bookmark`: the server has just seen its own heartbeat come back through the store: the stream is fresh, not merely
 *   silent. In the record view everything up to `revision` has been sent.
 * - `error`: the stream ends; the code says how to go on (`compacted`: start over without `since`).
 *
 * Of the record view:
 * - `state`: part of the state at the stream's first revision; any number of these, then `synced`.
 * - `changes`: all that one store revision changed in the watched collections. `revision` grows strictly.
 *
 * Of the status view, which can't be resumed:
 * - `objects`: part of the state; any number of these, then `synced`.
 * - `updates`: objects that differ from what was sent of them before, and names of those that are gone. Only the latest
 *   state of an object counts: a slow reader is not sent what it has missed. `revision` is the store's at that moment.
 *   That a speaker has applied a later revision (`status.speakers[].appliedRevision`), without anything else to say, is
 *   no difference.
 */
export type StreamMessage =
  | { readonly type: 'state'; readonly changes: readonly Change[] }
  | { readonly type: 'synced'; readonly revision: number; readonly storeId: string }
  | { readonly type: 'changes'; readonly revision: number; readonly changes: readonly Change[] }
  | { readonly type: 'objects'; readonly resources: readonly WatchedObject[] }
  | {
      readonly type: 'updates';
      readonly revision: number;
      readonly put: readonly WatchedObject[];
      readonly deleted: readonly WatchedRef[];
    }
  | { readonly type: 'bookmark'; readonly revision: number }
  | { readonly type: 'error'; readonly code: string; readonly detail: string };

/** How often a server that is fresh says so, milliseconds. */
export const bookmarkEveryMs = 5_000;
