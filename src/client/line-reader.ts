/** From the text of an answer in lines to its rows. */
import type { IncomingHttpHeaders } from 'node:http';
import { type LineSlice, linesType } from '../contract/lists.ts';
import { CoreBgpError } from '../model/errors.ts';

/** Characters of one line; a stored record has at most 256 KiB, its status some more. */
const mostCharacters = 16 * 1024 * 1024;

export interface LineReader {
  /** The lines that are complete with this text. @throws CoreBgpError `internal` on what is no line of JSON. */
  read(text: string): LineSlice;
  /** The body has ended. @throws CoreBgpError `unavailable` when that was within a line. */
  end(): void;
}

/** @throws CoreBgpError `internal` when it is no answer in lines. */
export function createLineReader(origin: string, headers: IncomingHttpHeaders): LineReader {
  const [revision, total] = [headers['corebgp-revision'], headers['corebgp-total']].map(countFrom);
  const isLines = headers['content-type']?.startsWith(linesType) === true;
  if (!isLines || revision === undefined || total === undefined) {
    throw new CoreBgpError(
      'internal',
      `${origin} did not answer in lines as asked (content type ${headers['content-type'] ?? 'none'}). Check that the URL is that of a CoreBGP API server of this version.`,
    );
  }
  const head = { revision, stale: headers['corebgp-stale'] === 'true', total };
  let rest = '';
  return {
    read: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > mostCharacters) throw malformed(origin, 'a line above 16 Mi characters');
      return { ...head, rows: lines.map((line) => parse(origin, line)) };
    },
    end: () => {
      if (rest !== '') throw new CoreBgpError('unavailable', `The list of ${origin} was cut in the middle; ask again.`);
    },
  };
}

function countFrom(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

function parse(origin: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw malformed(origin, 'a line that is not JSON', cause);
  }
}

function malformed(origin: string, what: string, cause?: unknown): CoreBgpError {
  return new CoreBgpError('internal', `The list of ${origin} has ${what}.`, { cause });
}
