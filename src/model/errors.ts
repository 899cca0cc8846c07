/** The one error of CoreBGP: a code from a closed set, and a message that says what is wrong with which object and what to do. */

/** Every code with its HTTP status, its title, and the exit code of the command line (sysexits where one fits). */
export const errorCodes = {
  invalid: { status: 400, title: 'Invalid input', exit: 2 },
  unauthenticated: { status: 401, title: 'Not authenticated', exit: 77 },
  forbidden: { status: 403, title: 'Not allowed', exit: 77 },
  notFound: { status: 404, title: 'Not found', exit: 3 },
  methodNotAllowed: { status: 405, title: 'Method not allowed', exit: 2 },
  notAcceptable: { status: 406, title: 'Not acceptable', exit: 2 },
  alreadyExists: { status: 409, title: 'Already exists', exit: 4 },
  prefixTaken: { status: 409, title: 'Prefix taken', exit: 4 },
  inUse: { status: 409, title: 'In use', exit: 4 },
  fenced: { status: 409, title: 'No longer the holder', exit: 4 },
  compacted: { status: 410, title: 'Revision compacted', exit: 4 },
  leaseExpired: { status: 410, title: 'Lease expired', exit: 4 },
  conflict: { status: 412, title: 'Changed meanwhile', exit: 4 },
  tooLarge: { status: 413, title: 'Too large', exit: 2 },
  unsupportedMediaType: { status: 415, title: 'Unsupported media type', exit: 2 },
  notEntitled: { status: 422, title: 'Not entitled', exit: 2 },
  limited: { status: 429, title: 'Limit reached', exit: 75 },
  internal: { status: 500, title: 'Internal error', exit: 70 },
  unavailable: { status: 503, title: 'Unavailable', exit: 69 },
  timeout: { status: 504, title: 'Timed out', exit: 75 },
} as const;

/** What went wrong, in a word: docs/reference/errors.md. */
export type ErrorCode = keyof typeof errorCodes;

export interface ErrorExtras {
  /** Path of the offending field, dots and indexes: `spec.nextHops[1].address`. */
  readonly field?: string | undefined;
  /** The reason word, where one applies (`notEntitled`, `staleEpoch`, …). */
  readonly reason?: string | undefined;
  /** From Retry-After: try again no sooner than this, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Id of the request that the server answered so: it is in every line of the server's log. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** Its message says what is wrong with which object, and what to do. */
export class CoreBgpError extends Error {
  override readonly name = 'CoreBgpError';
  /** What went wrong, in a word. */
  readonly code: ErrorCode;
  /** Path of the offending field: `spec.nextHops[1].address`. */
  readonly field: string | undefined;
  /** The reason word, where one applies. */
  readonly reason: string | undefined;
  /** Try again no sooner than this, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Id of the request that the server answered so. */
  readonly requestId: string | undefined;

  /** @param detail what is wrong, with which object, and what to do: one or two sentences for a person. */
  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.field = extras.field;
    this.reason = extras.reason;
    this.retryAfterMs = extras.retryAfterMs;
    this.requestId = extras.requestId;
  }
}

/** Turns anything caught at an edge into a CoreBgpError; its own kind passes through unchanged. */
export function toCoreBgpError(caught: unknown, doing: string): CoreBgpError {
  if (caught instanceof CoreBgpError) return caught;
  const message = caught instanceof Error ? caught.message : String(caught);
  return new CoreBgpError('internal', `${doing}: ${message}`, { cause: caught });
}

/** Whether it is one of the codes that this version knows. */
export function isErrorCode(word: unknown): word is ErrorCode {
  return typeof word === 'string' && Object.hasOwn(errorCodes, word);
}

/** For the default branch of a switch over a closed union: fails to compile when a case is missing. */
export function assertNever(value: never): never {
  throw new CoreBgpError('internal', `unreachable: ${JSON.stringify(value)}`);
}
