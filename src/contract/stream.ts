/** The watch stream: what a server sends, as server-sent events, and what every mirror is fed with. */
import Type, { type Static } from 'typebox';

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

/**
 * - `state`: part of the state at the stream's first revision; any number of these, then
 * - `synced`: the state is complete as of `revision`. Always sent, also after `since`.
 * - `changes`: all that one store revision changed in the watched collections. `revision` grows strictly.
 * - `bookmark`: everything up to `revision` has been sent, and the server has just seen its own heartbeat come back
 *   through the store: the stream is fresh, not merely silent.
 * - `error`: the stream ends; the code says how to go on (`compacted`: start over without `since`).
 */
export type StreamMessage =
  | { readonly type: 'state'; readonly changes: readonly Change[] }
  | { readonly type: 'synced'; readonly revision: number; readonly storeId: string }
  | { readonly type: 'changes'; readonly revision: number; readonly changes: readonly Change[] }
  | { readonly type: 'bookmark'; readonly revision: number }
  | { readonly type: 'error'; readonly code: string; readonly detail: string };

/** How often a server that is fresh says so, milliseconds. */
export const bookmarkEveryMs = 5_000;
