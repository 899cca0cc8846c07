/** Requests that are no HTTP: answered as problem+json as well, on the bare connection, which then ends. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { CoreBgpError } from '../model/errors.ts';
import { problemOf, problemType } from './problem.ts';

/** Head of a request, in Node's default: 16 KiB. */
const mostHead = '16 KiB';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** What is wrong, and the status where it is not that of the code. */
interface Refusal {
  readonly error: CoreBgpError;
  readonly status?: number;
  readonly allow?: string;
}

/** Answers what the parser of HTTP refused. @param requestId names the answer. */
export function answerUnparsed(caught: Error, socket: Socket, requestId: string): void {
  const code = 'code' in caught ? String(caught.code) : '';
  // The other end is gone, or an answer has begun: more bytes would be taken for a part of it.
  if (code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { error, status, allow } = refusalOf(caught, code);
  const problem = problemOf(error, '', undefined, requestId);
  const own = status ?? problem.status;
  const body = JSON.stringify({ ...problem.body, status: own });
  const head = [
    `HTTP/1.1 ${own} ${STATUS_CODES[own] ?? ''}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(allow === undefined ? [] : [`allow: ${allow}`]),
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function refusalOf(caught: Error, code: string): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        error: new CoreBgpError(
          'tooLarge',
          `The request line and headers are larger than ${mostHead}; send fewer or shorter ones.`,
        ),
        status: 431,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { error: new CoreBgpError('tooLarge', 'The extensions of a chunk are too long; send none.') };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        error: new CoreBgpError('timeout', 'The request was not complete in time; send it at once.'),
        status: 408,
      };
    case 'HPE_INVALID_METHOD': {
      const method = methodIn(caught);
      if (method === undefined) break;
      return {
        error: new CoreBgpError('methodNotAllowed', `${method} is no method of this API; use one of ${methods}.`),
        allow: methods,
      };
    }
    default:
  }
  const why = caught.message.replace(/^Parse Error: /, '');
  return {
    error: new CoreBgpError(
      'invalid',
      `What was sent is no HTTP/1.1 request: ${why}. The API speaks plain HTTP; check that the URL begins with "http://".`,
    ),
  };
}

/** The word where a method belongs, if the rest of the line is that of a request. */
function methodIn(caught: Error): string | undefined {
  if (!('rawPacket' in caught) || !Buffer.isBuffer(caught.rawPacket)) return undefined;
  const [line = ''] = caught.rawPacket.toString('latin1').split('\r\n', 1);
  return /^([!#$%&'*+.^_`|~\w-]{1,32}) \S+ HTTP\/1\.[01]$/.exec(line)?.[1];
}
