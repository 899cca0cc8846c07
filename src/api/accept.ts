/** Which form of an answer a request would rather have, by its Accept header (RFC 9110, 12.5.1). */
import { linesType } from '../contract/lists.ts';
import { CoreBgpError } from '../model/errors.ts';

/**
 * Lines only for who names them, and does not like JSON better or as much and first; wildcards mean JSON.
 * @throws CoreBgpError `notAcceptable` when neither will do.
 */
export function formFor(accept: string | undefined): 'json' | 'lines' {
  if (accept === undefined || accept.trim() === '') return 'json';
  const acceptable = accept
    .split(',')
    .map(rangeOf)
    .filter(({ weight }) => weight > 0)
    // Stable: of equals, the one named first.
    .sort((a, b) => b.weight - a.weight);
  const named = acceptable.find(({ type }) => type === linesType || type === 'application/json');
  if (named?.type === linesType) return 'lines';
  if (acceptable.some(({ type }) => jsonRanges.has(type))) return 'json';
  throw new CoreBgpError(
    'notAcceptable',
    `Accept is "${accept.slice(0, 100)}", but lists are answered as application/json (in pages) or as ${linesType} (all at once); ask for one of these.`,
    { field: 'Accept' },
  );
}

const jsonRanges: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

function rangeOf(text: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.map((one) => /^q=([01](?:\.\d{0,3})?)$/.exec(one)?.[1]).find((q) => q !== undefined);
  return { type, weight: weight === undefined ? 1 : Number(weight) };
}
