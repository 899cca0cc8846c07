/** How a client reaches an API server: over HTTP, in the same process, or through a simulated network. */
import type { LineSlice } from '../contract/lists.ts';
import type { StreamMessage } from '../contract/stream.ts';

export interface ApiRequest {
  /** Id of the endpoint in the contract's table: `announcements.get`. */
  readonly endpoint: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; only those the endpoint declares (`if-match`, `if-none-match`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiResponse {
  readonly status: number;
  /** The decoded JSON body; undefined for an empty one. */
  readonly body: unknown;
}

/** All throw CoreBgpError with the server's own code and detail, or `unavailable`/`timeout` when it can't be reached. */
export interface Transport {
  call(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** An answer in lines, at least one slice. Who got fewer rows than `total` when it ends got a part only. */
  lines(request: ApiRequest, signal: AbortSignal): AsyncIterable<LineSlice>;
  /** Ends by throwing (`unavailable` when the connection broke), never by just finishing, unless the signal is aborted. */
  stream(request: ApiRequest, signal: AbortSignal): AsyncIterable<StreamMessage>;
}
