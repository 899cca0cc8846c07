/** An error as problem+json (RFC 9457). */
import { jsonType, mergePatchType, mostBodyBytes } from '../contract/endpoint.ts';
import { CoreBgpError, type ErrorCode, errorCodes, toCoreBgpError } from '../model/errors.ts';

export const problemType = 'application/problem+json; charset=utf-8';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly field?: string;
  readonly reason?: string;
  /** Of the answer's x-request-id: every line that the server logged for it has it. */
  readonly requestId?: string;
}

/** When to come back if the error doesn't say, seconds. */
const retryAfter: Partial<Record<ErrorCode, number>> = { unavailable: 1, timeout: 1, limited: 5 };

/** @param bodyLimit of the endpoint, bytes. */
export function problemOf(
  caught: unknown,
  method: string,
  bodyLimit = mostBodyBytes,
  requestId?: string,
): { readonly status: number; readonly body: Problem; readonly retryAfterS?: number } {
  const error = caught instanceof CoreBgpError ? caught : fromFramework(caught, method, bodyLimit);
  const { code, message, field, reason, retryAfterMs } = error;
  const { status, title } = errorCodes[code];
  const body = {
    // A word, not a place: nothing has to be fetched to know what it means.
    type: `urn:corebgp:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  const retryAfterS = retryAfterMs === undefined ? retryAfter[code] : Math.ceil(retryAfterMs / 1_000);
  return retryAfterS === undefined ? { status, body } : { status, body, retryAfterS };
}

export function unsupportedBody(method: string): CoreBgpError {
  const [what, types] =
    method === 'PATCH' ? ['a JSON merge patch', `${mergePatchType} or ${jsonType}`] : ['JSON', jsonType];
  return new CoreBgpError(
    'unsupportedMediaType',
    `The body of a ${method} must be ${what}; send Content-Type: ${types}.`,
  );
}

/** What the framework itself refuses, before any of our code has seen it. */
function fromFramework(caught: unknown, method: string, bodyLimit: number): CoreBgpError {
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : '';
  const message = caught instanceof Error ? caught.message : String(caught);
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CoreBgpError('tooLarge', `The body is larger than ${bodyLimit / 1024} KiB; split it.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedBody(method);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new CoreBgpError('invalid', 'The Content-Length does not fit the body.');
    case 'FST_ERR_BAD_URL':
      return new CoreBgpError('invalid', 'The path is not a valid URL path.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new CoreBgpError('invalid', 'A part of the path is too long.');
    default:
      return toCoreBgpError(caught, message === '' ? 'serving a request' : 'serving the request');
  }
}
