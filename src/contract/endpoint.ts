/** What an endpoint is: one row of the table that server, client, command line and OpenAPI share. */
import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { ErrorCode } from '../model/errors.ts';

/** Who may call it. `public` needs no identity; the component roles see `checker`, `updater` only on their own calls. */
export type Permission = 'public' | 'read' | 'edit' | 'network' | 'operate' | 'checker' | 'updater';

export interface Endpoint<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema | undefined = TSchema | undefined,
  Output extends TSchema | undefined = TSchema | undefined,
  Line extends TSchema | undefined = TSchema | undefined,
> {
  /** `announcements.get`: collection and verb. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{parameters}`. */
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly params: Params;
  /** Values come as text and are converted by their schema; unknown ones are errors. */
  readonly query: Query;
  /** Absent: the call has no body. */
  readonly body: Body;
  /** Content types of the body; the first is the usual one. Default: application/json. */
  readonly bodyTypes: readonly string[];
  /** Absent: `lines`, or else a stream of messages (server-sent events). */
  readonly output: Output;
  /**
   * The answer is a list of one JSON value a line (`application/x-ndjson`): the schema of a line. Such a row stands
   * beside one with an `output` at the same method and path; the Accept header chooses between them.
   */
  readonly lines: Line;
  /** Status of success. */
  readonly status: 200 | 201;
  /** Whether If-Match and If-None-Match are honoured. */
  readonly conditional: boolean;
  /** Largest body, bytes; a larger one is `tooLarge`. Default 256 KiB. */
  readonly mostBodyBytes: number;
  /** Longest that it may take before it is answered `timeout`, milliseconds. Default 9,000. A client waits a second longer. */
  readonly answerWithinMs: number;
  /** Codes it may answer beside `invalid`, `unauthenticated`, `forbidden`, `limited`, `internal`, `unavailable`, `timeout`. */
  readonly errors: readonly ErrorCode[];
}

type Optional<T extends TSchema | undefined> = T extends TSchema ? Static<T> : undefined;

export interface EndpointInput<E extends Endpoint> {
  readonly params: Static<E['params']>;
  readonly query: Static<E['query']>;
  readonly body: Optional<E['body']>;
  /** From If-Match: the write succeeds only at this revision of the object. */
  readonly ifMatch?: number;
  /** From `If-None-Match: *`: the write succeeds only if the object does not exist. */
  readonly ifAbsent?: boolean;
}
export type EndpointOutput<E extends Endpoint> = Optional<E['output']>;
/** One line of an answer in lines. */
export type EndpointLine<E extends Endpoint> = Optional<E['lines']>;

const answerWithinMs = 9_000;
export const mostBodyBytes = 256 * 1024;

export const jsonType = 'application/json';
/** RFC 7396. */
export const mergePatchType = 'application/merge-patch+json';

export const none = Type.Object({}, { additionalProperties: false });

/** Fills in what most rows share, and keeps the literal types. */
export function endpoint<
  Params extends TObject = typeof none,
  Query extends TObject = typeof none,
  Body extends TSchema | undefined = undefined,
  Output extends TSchema | undefined = undefined,
  Line extends TSchema | undefined = undefined,
>(
  row: Pick<Endpoint, 'id' | 'method' | 'path' | 'summary' | 'permission'> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly bodyTypes?: readonly string[];
    readonly output?: Output;
    readonly lines?: Line;
    readonly status?: 200 | 201;
    readonly conditional?: boolean;
    readonly mostBodyBytes?: number;
    readonly answerWithinMs?: number;
    readonly errors?: readonly ErrorCode[];
  },
): Endpoint<Params, Query, Body, Output, Line> {
  return {
    ...row,
    params: row.params ?? (none as unknown as Params),
    query: row.query ?? (none as unknown as Query),
    body: row.body as Body,
    bodyTypes: row.bodyTypes ?? [jsonType],
    output: row.output as Output,
    lines: row.lines as Line,
    status: row.status ?? 200,
    conditional: row.conditional ?? false,
    mostBodyBytes: row.mostBodyBytes ?? mostBodyBytes,
    answerWithinMs: row.answerWithinMs ?? answerWithinMs,
    errors: row.errors ?? [],
  };
}

/** Tells a row of the table from a group of rows. */
export function isEndpoint(row: object): row is Endpoint {
  return 'method' in row && 'permission' in row;
}
