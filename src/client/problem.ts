/** Reads an error answer (RFC 9457 problem+json) back into the error the server threw. */
import type { IncomingHttpHeaders } from 'node:http';
import { CoreBgpError, type ErrorCode, errorCodes, isErrorCode } from '../model/errors.ts';

/** Those that mean the same whoever says them. */
const byStatus = new Map<number, ErrorCode>([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [413, 'tooLarge'],
  [429, 'limited'],
  [504, 'timeout'],
]);

/** An answer that is no problem of ours (a proxy's page) gets the code that fits its status. */
export function problemFrom(
  origin: string,
  doing: string,
  status: number,
  headers: IncomingHttpHeaders,
  text: string,
): CoreBgpError {
  const problem = parse(text);
  const retryAfterMs = parseRetryAfter(headers['retry-after']);
  const requestId = textOf(problem['requestId']) ?? textOf(headers['x-request-id']);
  const code = problem['code'];
  if (!isErrorCode(code)) {
    return new CoreBgpError(codeFor(status), `${origin} answered ${doing} with status ${status}, without a reason.`, {
      retryAfterMs,
      requestId,
    });
  }
  return new CoreBgpError(code, textOf(problem['detail']) ?? errorCodes[code].title, {
    field: textOf(problem['field']),
    reason: textOf(problem['reason']),
    retryAfterMs,
    requestId,
  });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? { ...body } : {};
  } catch {
    // Not JSON: the status alone has to do.
    return {};
  }
}

function codeFor(status: number): ErrorCode {
  return byStatus.get(status) ?? (status >= 500 ? 'unavailable' : 'internal');
}

/** Seconds only; the form with a date depends on two wall clocks. */
function parseRetryAfter(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) * 1_000 : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
